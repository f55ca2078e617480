"""What people type about codes: their facts, their place, merging, splitting, files of other programs."""

from typing import Any

from django import forms

from interviews.choices import Job, Kind
from interviews.models import LONGEST_NOTE, Code
from interviews.selectors import possible_parents, possible_twins, quotes_of_code


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A code of the codebook."""

    class Meta:
        model = Code
        fields = ("kind", "name", "job", "channel", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "name": "In the customer's words: what they do, who they are, what they need.",
            "description": "Suggestions compare sentences with it, so write it as they would say it.",
            "job": "For an activity: what it is for.",
            "channel": "For information or a channel: where they get it.",
        }

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class ParentForm(forms.Form):
    """The code that another one belongs under."""

    parent: forms.Field = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="No other code", label="It belongs under"
    )

    def __init__(self, *args: Any, code: Code, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = possible_parents(code)
        field.initial = code.parent_id
        field.widget.attrs["data-behaviour"] = "combobox"


class DropForm(forms.Form):
    """Where a dragged code was dropped: `list` is the code that it belongs under now, or empty."""

    item = forms.IntegerField()
    list = forms.IntegerField(required=False)


class MergeForm(forms.Form):
    """The code that takes over what another one has."""

    into: forms.Field = forms.ModelChoiceField(queryset=None, label="It becomes part of", empty_label="Choose a code")

    def __init__(self, *args: Any, code: Code, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = possible_twins(code)
        field.widget.attrs["data-behaviour"] = "combobox"


class SplitForm(forms.Form):
    """The passages that a new code takes from another one."""

    name = forms.CharField(max_length=120, label="Name of the new code")
    description = forms.CharField(
        required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}), label="What it stands for"
    )
    excerpts: forms.Field = forms.ModelMultipleChoiceField(
        queryset=None,
        widget=forms.CheckboxSelectMultiple(),
        label="Its passages",
        error_messages={"required": "Choose the passages that the new code takes."},
    )

    def __init__(self, *args: Any, code: Code, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["excerpts"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  tells the type, checks no input
        self.passages = quotes_of_code(code)
        field.queryset = self.passages

    def chosen(self) -> set[str]:
        """Give the ids of the passages that are ticked."""
        return set(self.data.getlist("excerpts")) if self.is_bound else set()  # type: ignore[attr-defined]  # a QueryDict


class ExchangeForm(forms.Form):
    """A codebook or a project of another program."""

    file = forms.FileField(
        label="File",
        help_text="A codebook (.qdc) or a project with texts (.qdpx), 25 MB at most. You see first what it brings.",
        widget=forms.ClearableFileInput(attrs={"accept": ".qdc,.qdpx"}),
    )


class ExchangeKindForm(forms.Form):
    """The kind of codes of which a file says none."""

    default_kind = forms.ChoiceField(choices=Kind.choices, label="Codes whose kind the file does not say become")


class CodeListForm(forms.Form):
    """Search and order of the codebook."""

    q = forms.CharField(required=False, max_length=120, label="Search")
    kind = forms.ChoiceField(required=False, choices=[("", "All kinds"), *Kind.choices])
    job = forms.ChoiceField(required=False, choices=[("", "All jobs"), *Job.choices])
    sort = forms.ChoiceField(
        required=False, choices=[("", "As they belong together"), ("told", "Told most first")], label="Order"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.input_type = "search"
