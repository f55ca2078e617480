"""Files and texts that are brought in, what is said of their passages, and the columns of surveys."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.columns import DATE_ORDERS
from core.files import MAX_BYTES
from interviews.choices import PurchaseOutcome, SurveyField
from interviews.models import LONGEST_TEXT, GuideVersion, Question, Source, Survey
from interviews.selectors.rows import all_guides
from interviews.services.intake import MOST_FILES, Given
from interviews.services.surveys import QUESTION

LONGEST_PASTE = 10 * LONGEST_TEXT
LARGEST_UPLOAD = 200 * 1024 * 1024


class ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; gives a list."""

    widget = ManyFiles(attrs={"accept": ".txt,.md,.docx,.vtt,.srt,.csv,.tsv,.xlsx"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Take them all. An empty file is named with the others when they are read, so that it stops none."""
        if not data:
            raise forms.ValidationError("Choose at least one file.", code="required")
        if len(data) > MOST_FILES:
            raise forms.ValidationError(f"Choose at most {MOST_FILES} files at once.", code="too_many")
        if sum(file.size for file in data) > LARGEST_UPLOAD:
            raise forms.ValidationError("Together these are larger than 200 MB. Bring them in in parts.", code="large")
        return data


class _GuideForm(forms.Form):
    """By which guide what is brought in was asked; asked only where there are several."""

    guide: forms.Field = forms.ModelChoiceField(queryset=None, required=False, empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guides = all_guides()
        self.fields["guide"].queryset = guides  # type: ignore[attr-defined]
        if len(guides) < 2:  # noqa: PLR2004  nothing to choose
            del self.fields["guide"]

    def guide_version(self) -> GuideVersion | None:
        """Give the latest version of the guide chosen; None for the default one."""
        guide = self.cleaned_data.get("guide")
        return guide.versions.latest("number") if guide else None


class FilesForm(_GuideForm):
    """Files to bring in."""

    upload = FilesField(
        label="Files",
        help_text=(
            "Transcripts as .txt, .docx, .vtt or .srt; surveys as .csv or .xlsx, a row an interview. "
            "Up to 25 MB each, and a hundred at once."
        ),
    )

    field_order = ("upload", "guide")

    def given(self) -> list[Given]:
        """Give the files with their bytes."""
        return [Given(file.name or "file", file.read(MAX_BYTES + 1)) for file in self.cleaned_data["upload"]]


class PasteForm(_GuideForm):
    """A text to bring in."""

    text = forms.CharField(
        label="What was said",
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 7, "placeholder": "Anna: We noticed that…"}),
        help_text="With or without the names of those who speak, and with or without the questions.",
    )
    customer = forms.CharField(label="Whose account it is", max_length=160, help_text="The customer, say.")

    field_order = ("customer", "text", "guide")

    def given(self) -> list[Given]:
        """Give the text under the customer's name."""
        customer = self.cleaned_data["customer"]
        return [Given(f"{customer}.txt", self.cleaned_data["text"].encode(), customer)]


class PassageForm(forms.Form):
    """The question that a passage answers, by its place; empty leaves the passage out."""

    question = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {str(question.position): question for question in questions}
        self.fields["question"].choices = [("", ""), *((place, place) for place in self.questions)]  # type: ignore[attr-defined]

    def chosen(self) -> Question | None:
        """Give the question chosen."""
        return self.questions.get(self.cleaned_data["question"])


class SpeakersForm(forms.Form):
    """Whose words are answers."""

    tell = forms.MultipleChoiceField(label="Their words are the answers", widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, source: Source) -> None:
        speakers = {str(place): row for place, row in enumerate(source.speakers)}
        super().__init__(data, initial={"tell": [key for key, row in speakers.items() if row["answers"]]})
        self.speakers = speakers
        self.fields["tell"].choices = [  # type: ignore[attr-defined]
            (key, f"{row['name'] or 'Nobody named'} ({row['words']:,} words)") for key, row in speakers.items()
        ]

    def chosen(self) -> set[str]:
        """Give the names of those who tell; what is not understood chooses nobody."""
        return {self.speakers[key]["name"] for key in self.cleaned_data["tell"]} if self.is_valid() else set()


class SurveyColumnsForm(forms.Form):
    """Which column fills which fact, and answers which question."""

    dates = forms.ChoiceField(
        label="Dates such as 03/04/2026 are", choices=DATE_ORDERS, help_text="2026-04-03 is always read right."
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        mapping = survey.mapping
        initial = {f"column_{name}": column for name, column in mapping["columns"].items()}
        super().__init__(data, initial=initial | {"dates": mapping["dates"]})
        columns = [("", "Leave empty"), *((header, header) for header in survey.headers)]
        self.names = [field.value for field in SurveyField]
        for field in SurveyField:
            self._add(field.value, field.label, columns, required=field == SurveyField.CUSTOMER)
        self.fields[
            f"column_{SurveyField.EXTERNAL_ID.value}"
        ].help_text = (
            "With it, a later file brings interviews up to date. Without it, a row that changed is another interview."
        )
        for question in survey.source.intake.guide_version.questions.all():
            name = f"{QUESTION}{question.position}"
            self.names.append(name)
            self._add(name, f"{question.position}. {question.text}", columns, required=False)
        self.order_fields([f"column_{name}" for name in self.names])

    def _add(self, name: str, label: str, columns: list[tuple[str, str]], *, required: bool) -> None:
        self.fields[f"column_{name}"] = forms.ChoiceField(label=label, choices=columns, required=required)

    def facts(self) -> list[forms.BoundField]:
        """Give the fields of facts."""
        return [self[f"column_{name}"] for name in self.names if not name.startswith(QUESTION)]

    def questions(self) -> list[forms.BoundField]:
        """Give the fields of questions."""
        return [self[f"column_{name}"] for name in self.names if name.startswith(QUESTION)]

    def columns(self) -> dict[str, str]:
        """Give {field or question: column}."""
        return {name: self.cleaned_data[f"column_{name}"] for name in self.names}


class SurveyOutcomesForm(forms.Form):
    """How a purchase ended, by the value that says so. One select a value."""

    def __init__(self, data: Any = None, *, survey: Survey, counts: dict[str, int]) -> None:
        super().__init__(data)
        self.values = {f"outcome_{place}": value for place, value in enumerate(counts)}
        settled = survey.mapping["outcomes"]
        for name, value in self.values.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{value} ({counts[value]:,})", choices=PurchaseOutcome.choices, initial=settled.get(value)
            )

    def settled(self) -> dict[str, str]:
        """Give {value: how the purchase ended}."""
        return {value: self.cleaned_data[name] for name, value in self.values.items()}
