"""The filter of the record."""

from typing import Any

from django import forms

from accounts.models import Membership
from audit.selectors import Wanted, known_values


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}))


class EventFilterForm(forms.Form):
    """Who, what, on which kind of object, when."""

    query = forms.CharField(label="Search", required=False, max_length=100, widget=forms.SearchInput)
    person = forms.ChoiceField(label="Person", required=False)
    verb = forms.ChoiceField(label="What was done", required=False)
    object_type = forms.ChoiceField(label="To what", required=False)
    since = _day("From")
    until = _day("To")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, column, everything in (
            ("person", "actor_label", "Anybody"),
            ("verb", "verb", "Anything"),
            ("object_type", "object_type", "Anything"),
        ):
            values = known_values(membership, column)
            self.fields[name].choices = [("", everything), *((value, in_words(value)) for value in values)]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Give what was asked for; a field that makes no sense filters nothing."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})


def in_words(value: str) -> str:
    """Write "deal.log_stage" as "deal: log stage"."""
    first, dot, rest = value.partition(".")
    return f"{first}: {rest.replace('_', ' ')}" if dot and " " not in value else value
