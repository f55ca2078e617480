"""Agreement between coders, and how their differences are settled."""

from typing import Any

from django import forms

from accounts.models import Membership
from interviews.selectors import colleagues, twice_read_interviews


class AgreementForm(forms.Form):
    """Of which interview, and in which order."""

    interview: forms.Field = forms.ModelChoiceField(queryset=None, required=False, empty_label="All interviews")
    sort = forms.ChoiceField(
        required=False, choices=[("", "Least alike first"), ("name", "By kind and name")], label="Order"
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["interview"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = twice_read_interviews(membership)

    def chosen(self) -> int | None:
        """Give the interview's key; one that is not understood filters nothing."""
        self.is_valid()
        found = self.cleaned_data.get("interview")
        return found.pk if found else None


class SettleForm(forms.Form):
    """A passage in which coders differ, and whose coding is taken; nobody's means that all of it is kept."""

    start = forms.IntegerField(min_value=0)
    end = forms.IntegerField(min_value=1)
    chosen: forms.Field = forms.ModelChoiceField(queryset=None, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chosen"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = colleagues(membership)
