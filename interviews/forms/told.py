"""What people type: interviews, answers, codings, codes, segments, guides."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone

from accounts.models import Membership
from interviews.choices import Job, Kind, PurchaseOutcome
from interviews.models import LONGEST_NOTE, LONGEST_TEXT, Code, GuideVersion, Interview, Segment
from interviews.selectors import NO_ROLE, NO_SEGMENT, MomentView, activity_codes, roles, segments
from interviews.selectors.rows import all_codes, all_guides, segment_names


def date_input() -> forms.DateInput:
    """Give the browser's own date field, in the one format that it reads."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class InterviewForm(forms.Form):
    """The facts of an interview. A segment that is not known yet is made when the form is saved."""

    customer = forms.CharField(max_length=160, help_text="The company or body that bought, or did not.")
    role = forms.CharField(max_length=160, required=False, label="Role of the person", help_text="Plant manager, say.")
    segment_name = forms.CharField(
        max_length=80, required=False, label="Segment", help_text="Customers that buy alike. Type a new one to add it."
    )
    held_on = forms.DateField(label="Date of the interview", widget=date_input())
    outcome = forms.ChoiceField(
        choices=PurchaseOutcome.choices, label="How the purchase ended", initial=PurchaseOutcome.OPEN
    )
    weight = forms.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal("0.01"),
        initial=1,
        help_text="How much this account counts. 1 is usual; 2 counts twice.",
    )
    consent = forms.BooleanField(required=False, label="They agreed that we keep and use this")
    notes = forms.CharField(
        required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}), label="Notes of our own"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, interview: Interview | None = None, **kwargs: Any) -> None:
        self.interview = interview
        if interview is None:
            kwargs.setdefault("initial", {"held_on": timezone.localdate()})
        else:
            kwargs.setdefault("initial", self.facts_of(interview))
        super().__init__(*args, **kwargs)
        self.fields["segment_name"].widget.attrs |= {
            "data-behaviour": "combobox",
            "list": "segments",
            "data-create": "Add “{}”",
            "autocomplete": "off",
        }
        self.segment_names = segment_names()

    @staticmethod
    def facts_of(interview: Interview) -> dict[str, Any]:
        """Give the facts as the form shows them."""
        names = ("customer", "role", "held_on", "outcome", "weight", "consent", "notes", "version")
        return {name: getattr(interview, name) for name in names} | {
            "segment_name": interview.segment.name if interview.segment else ""
        }

    def clean_segment_name(self) -> str:
        return " ".join(str(self.cleaned_data["segment_name"]).split())

    def facts(self) -> dict[str, Any]:
        """Give what the services take, but for the segment."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"segment_name", "version"}}


class NewInterviewForm(InterviewForm):
    """A new interview, by one of the guides."""

    guide: forms.Field = forms.ModelChoiceField(queryset=None, required=False, empty_label=None)

    field_order = ("customer", "role", "segment_name", "held_on", "outcome", "guide", "consent", "weight", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guides = all_guides()
        field = self.fields["guide"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = guides
        if len(guides) < 2:  # noqa: PLR2004  nothing to choose
            del self.fields["guide"]

    def guide_version(self) -> GuideVersion | None:
        """Give the latest version of the guide chosen; None for the default one."""
        guide = self.cleaned_data.get("guide")
        return guide.versions.latest("number") if guide else None


class AnswerForm(forms.Form):
    """One answer, as it is typed."""

    text = forms.CharField(required=False, max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea())
    version = forms.IntegerField(widget=forms.HiddenInput())


class ExcerptForm(forms.Form):
    """Words of an answer and the code that they get: one that exists, or a new one by name and kind."""

    start = forms.IntegerField(required=False, widget=forms.HiddenInput())
    end = forms.IntegerField(required=False, widget=forms.HiddenInput())
    sentence = forms.RegexField(r"^\d{1,9}-\d{1,9}$", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    code: forms.Field = forms.ModelChoiceField(queryset=None, required=False)
    name = forms.CharField(max_length=120, required=False)
    kind = forms.ChoiceField(choices=Kind.choices, required=False)

    needs_words = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = all_codes()

    def clean(self) -> dict[str, Any]:
        """Read the span from the list of sentences where it was chosen there, and find the code by its name."""
        data = super().clean() or self.cleaned_data
        if data.get("sentence"):
            data["start"], data["end"] = (int(part) for part in str(data["sentence"]).split("-"))
        if self.needs_words and (data.get("start") is None or data.get("end") is None):
            self.add_error(None, "Select some words of the answer first.")
        name = " ".join((data.get("name") or "").split())
        data["kind"] = data.get("kind") or Kind.ACTIVITY
        if data.get("code") is None and name:
            data["code"] = self._named(name, data["kind"])
        if data.get("code") is None and not name:
            self.add_error("name", "Choose a code, or type the name of a new one.")
        data["name"] = name
        return data

    @staticmethod
    def _named(name: str, kind: str) -> Code | None:
        """Give the code of this name: of the kind chosen, else the only one there is."""
        found = list(all_codes().filter(name__iexact=name)[:5])
        same = [code for code in found if code.kind == kind]
        if same:
            return same[0]
        return found[0] if len(found) == 1 else None


class OtherCodeForm(ExcerptForm):
    """Another code than the one that the machine suggested; without one, the suggestion's own."""

    needs_words = False

    def clean(self) -> dict[str, Any]:
        """Take the suggestion's own code where none is named."""
        if not self.data.get("code") and not str(self.data.get("name", "")).strip():
            return self.cleaned_data | {"code": None, "name": ""}
        return super().clean()


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Customers that buy alike."""

    class Meta:
        model = Segment
        fields = ("name", "description")
        help_texts = {"description": "What they have in common, in a sentence."}


class GuideForm(forms.Form):
    """A guide's name and what is said before the first question."""

    title = forms.CharField(max_length=120)
    introduction = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What you say first",
    )
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput())


class QuestionForm(forms.Form):
    """A question of a guide."""

    text = forms.CharField(max_length=300, label="Question")
    prompts = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Prompts, one a line",
    )
    job = forms.ChoiceField(choices=Job.choices, label="It asks how they")


class MomentForm(forms.Form):
    """An activity for the timeline, and when it happened if anybody knows."""

    code: forms.Field = forms.ModelChoiceField(queryset=None, label="Activity")
    behind = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Behind")
    happened_on = forms.DateField(required=False, widget=date_input(), label="When, if known")

    def __init__(self, *args: Any, moments: Iterable[MomentView] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(moment.pk, f"{moment.position}. {moment.name}") for moment in moments]
        self.fields["behind"].choices = [("", "At the end"), *places]  # type: ignore[attr-defined]
        field = self.fields["code"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type, checks no input
        field.queryset = activity_codes()
        field.empty_label = "Choose an activity"
        field.widget.attrs["data-behaviour"] = "combobox"


class MomentDateForm(forms.Form):
    """When a moment happened, and the customer's words for it: alone, they are read as a date."""

    happened_on = forms.DateField(required=False, widget=date_input(), label="When")
    words = forms.CharField(required=False, max_length=120, label="In their words")


class MoveForm(forms.Form):
    """Where a dragged moment, question or row was dropped: `position` counts from 0."""

    item = forms.IntegerField()
    position = forms.IntegerField(min_value=0)


def segment_choices(membership: Membership) -> list[tuple[str, str]]:
    """Give the segments to filter by, and one for the interviews that have none. One query."""
    named = [(str(segment.pk), segment.name) for segment in segments(membership)]
    return [("", "Any segment"), *named, (str(NO_SEGMENT), "No segment")]


class ListForm(forms.Form):
    """Search and filters of the list of interviews."""

    q = forms.CharField(required=False, max_length=200, label="Search")
    segment = forms.ChoiceField(required=False)
    # any spelling is understood, also one that the list of choices has otherwise
    role = forms.CharField(required=False, max_length=160, label="Who told it", widget=forms.Select())
    outcome = forms.ChoiceField(required=False, choices=[("", "Any outcome"), *PurchaseOutcome.choices])
    state = forms.ChoiceField(
        required=False,
        label="Coding",
        choices=[
            ("", "Any"),
            ("uncoded", "Not coded yet"),
            ("waiting", "Suggestions wait"),
            ("untimed", "No timeline yet"),
        ],
    )
    sort = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["segment"]).choices = segment_choices(membership)
        told_by = [("", "Anybody"), *((role, role) for role in roles(membership)), (NO_ROLE, "No role given")]
        cast("forms.Select", self.fields["role"].widget).choices = told_by
        self.fields["q"].widget.input_type = "search"

    def chosen(self) -> dict[str, Any]:
        """Give the filters; what is not understood filters nothing."""
        self.is_valid()
        data = self.cleaned_data
        segment = data.get("segment")
        return {
            "query": data.get("q", ""),
            "segment": int(segment) if segment else None,
            "role": data.get("role", ""),
            "outcome": data.get("outcome", ""),
            "state": data.get("state", ""),
            "sort": data.get("sort") or "-held_on",
        }


class EnoughForm(forms.Form):
    """Whose interviews are asked about, and of which buying job what rests on one voice is shown."""

    segment = forms.ChoiceField(required=False)
    job = forms.ChoiceField(required=False, choices=[("", "Any job"), *Job.choices], widget=forms.HiddenInput())

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["segment"]).choices = segment_choices(membership)
        self.is_valid()

    @property
    def segment_id(self) -> int | None:
        """Give the segment's key; one that is not understood filters nothing."""
        segment = self.cleaned_data.get("segment")
        return int(segment) if segment else None

    @property
    def chosen_job(self) -> str:
        """Give the buying job, or nothing for all."""
        return str(self.cleaned_data.get("job", ""))
