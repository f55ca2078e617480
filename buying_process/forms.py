"""Forms of the buying process room. Choices come from what the member may see."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from buying_process.choices import Actor, Finding, Need, Purpose, Status
from buying_process.models import Process, Stage, Version
from buying_process.selectors.contents import activities_of, other_stages, stages_of, theirs_in, theirs_of
from buying_process.selectors.deriving import drafts_of, shaped_draft, told_interviews
from buying_process.selectors.side_by_side import MOST_VERSIONS
from buying_process.selectors.skills import all_skills
from buying_process.services.activities import LANES
from buying_process.services.derivation import MOST_DEAL_WEIGHT
from buying_process.services.publishing import WEIGHTS
from interviews.choices import Channel
from interviews.selectors.rows import all_segments

EVERYBODY = "Everybody"
OURS = [choice for choice in Actor.choices if choice[0] != Actor.CUSTOMER]
OUR_PURPOSES = [(Purpose.FACILITATES, "Helps one of the customer’s activities"), (Purpose.INDEPENDENT, "Ours alone")]
MOST_STAGES = 20


class SegmentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A segment of the workspace, or everybody."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, required=False, empty_label=EVERYBODY, **kwargs)


class ProcessForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    segment = SegmentField(label="Whose buying", help_text="Customers of one segment buy alike.")

    class Meta:
        model = Process
        fields = ["name", "segment"]
        labels = {"name": "Name"}
        help_texts = {"name": "For example: How plants buy filtration."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = all_segments()  # type: ignore[attr-defined]


class StageField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A stage of the version."""


class DraftField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A draft of the process beside which a proposal is made."""

    def label_from_instance(self, obj: Any) -> str:
        edits = f", {obj.edits} edit{'' if obj.edits == 1 else 's'}" if obj.edits else ""
        return f"A proposal beside draft {obj.number}{edits}"


class ProcessField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A process of the workspace."""


class ManyField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Several rows of the workspace, each by a tick."""

    widget = forms.CheckboxSelectMultiple


class DeriveForm(forms.Form):
    segment = SegmentField(label="Whose interviews")
    beside = DraftField(
        label="What to make of it",
        queryset=None,
        required=False,
        empty_label="A new draft",
        help_text="A proposal stands beside a draft until you take or refuse each part of it.",
    )
    stages = forms.IntegerField(
        label="Number of stages",
        required=False,
        min_value=1,
        max_value=MOST_STAGES,
        help_text="Leave it empty, and it falls out of what customers told.",
    )
    deal_weight = forms.FloatField(
        label="How much a closed deal counts",
        required=False,
        min_value=0,
        max_value=MOST_DEAL_WEIGHT,
        help_text="Beside an interview of weight 1. Leave it empty, and deals stay out of the evidence.",
    )
    left_out = ManyField(label="Leave out", queryset=None, required=False)

    def __init__(self, *args: Any, process: Process, **kwargs: Any) -> None:
        shaped = shaped_draft(process)
        kwargs["initial"] = {"segment": process.segment_id, "beside": shaped.pk if shaped else None}
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = all_segments()  # type: ignore[attr-defined]
        self.fields["beside"].queryset = drafts_of(process)  # type: ignore[attr-defined]
        self.fields["left_out"].queryset = told_interviews()  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Give what the person chose as `derive_start` takes it."""
        values = self.cleaned_data | {"deal_weight": self.cleaned_data["deal_weight"] or 0.0}
        return values | {"left_out": [interview.pk for interview in values["left_out"]]}


class SegmentsForm(forms.Form):
    segments = ManyField(label="Segments", queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segments"].queryset = all_segments()  # type: ignore[attr-defined]


class VersionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Versions of any process, in the order in which they are named."""

    def label_from_instance(self, obj: Any) -> str:
        if obj.proposed_for is not None:
            return f"{obj.process.name}, proposal for draft {obj.proposed_for.number}"
        word = "draft" if obj.status == Status.DRAFT else "version"
        segment = obj.derivation.get("segment")
        return f"{obj.process.name}, {word} {obj.number}{f' ({segment})' if segment else ''}"


class CompareForm(forms.Form):
    version = VersionsField(
        label="Versions to compare",
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        help_text=f"Two to {MOST_VERSIONS}. The first one named is what the others are held against.",
        error_messages={"required": "Choose at least two versions.", "invalid_choice": "A version is gone."},
    )

    def __init__(self, *args: Any, versions: QuerySet[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]

    def clean_version(self) -> QuerySet[Version]:
        versions: QuerySet[Version] = self.cleaned_data["version"]
        if not 2 <= len(versions) <= MOST_VERSIONS:  # noqa: PLR2004  a pair at least
            raise forms.ValidationError(f"Choose two to {MOST_VERSIONS} versions.")
        return versions

    def chosen(self) -> list[Version]:
        """Give the versions in the order in which the address names them."""
        order = [str(value) for value in self["version"].value()]
        return sorted(self.cleaned_data["version"], key=lambda version: order.index(str(version.pk)))


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="A .json file of at most 5 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )
    process = ProcessField(
        label="Into which process",
        queryset=None,
        required=False,
        empty_label="A new one, named as in the file",
    )

    def __init__(self, *args: Any, processes: QuerySet[Process], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].queryset = processes  # type: ignore[attr-defined]


class StageNameForm(forms.Form):
    name = forms.CharField(label="Name of the stage", max_length=120)
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class StageAddForm(forms.Form):
    name = forms.CharField(label="Name of the stage", max_length=120, help_text="In the customer’s words.")
    after = StageField(label="Behind", queryset=None, required=False, empty_label="At the end")

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].queryset = stages_of(version)  # type: ignore[attr-defined]


class OtherStageForm(forms.Form):
    """Which stage to merge with."""

    into = StageField(label="Merge it into", queryset=None, empty_label=None)

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = other_stages(stage)  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """What of a stage goes into a new one."""

    activities: forms.Field = forms.ModelMultipleChoiceField(
        label="What they do in the new stage", queryset=None, widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(label="Name of the new stage", max_length=120, help_text="In the customer’s words.")

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activities"].queryset = theirs_in(stage)  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """Which finding is meant so, and why."""

    kind = forms.ChoiceField(choices=Finding.choices)
    stage = StageField(queryset=None, required=False)
    activity: forms.Field = forms.ModelChoiceField(queryset=None, required=False)
    reason = forms.CharField(max_length=300, error_messages={"required": "Say why it is meant so."})

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = stages_of(version)  # type: ignore[attr-defined]
        self.fields["activity"].queryset = activities_of(version)  # type: ignore[attr-defined]


class ReopenForm(forms.Form):
    acceptance = forms.IntegerField(min_value=1)


class UndoForm(forms.Form):
    edit = forms.IntegerField(required=False, min_value=1)


class PositionForm(forms.Form):
    position = forms.IntegerField(min_value=0, max_value=MOST_STAGES)


class ActivityField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """One of the customer's activities, with its stage before it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.stage.name}: {obj.name}"


class ActivityForm(forms.Form):
    """An activity of ours."""

    name = forms.CharField(label="What we do", max_length=120)
    actor_kind = forms.ChoiceField(label="Who does it", choices=OURS)
    purpose = forms.ChoiceField(label="What for", choices=OUR_PURPOSES, initial=Purpose.FACILITATES)
    facilitates = ActivityField(
        label="Which it helps",
        queryset=None,
        required=False,
        empty_label="None yet",
        help_text="Leave it, if ours alone.",
    )
    channels = forms.MultipleChoiceField(
        label="How it reaches them",
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Left empty, sales reach them by sales and a partner by the partner.",
    )
    skills: forms.Field = forms.ModelMultipleChoiceField(
        label="Skills that it takes", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    saw = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = all_skills()
        if known:
            self.fields["skills"].queryset = known  # type: ignore[attr-defined]
        else:
            del self.fields["skills"]
        self.fields["facilitates"].queryset = theirs_of(version).order_by("stage__position", "position")  # type: ignore[attr-defined]

    def clean_saw(self) -> dict[str, Any]:
        saw = self.cleaned_data["saw"]
        return saw if isinstance(saw, dict) else {}


class ActivityAddForm(ActivityForm):
    stage = StageField(label="In which stage", queryset=None, empty_label=None)
    field_order = ["name", "stage", "actor_kind", "purpose", "facilitates", "channels", "skills"]

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, version=version, **kwargs)
        self.fields["stage"].queryset = stages_of(version)  # type: ignore[attr-defined]
        del self.fields["seen"], self.fields["saw"]


class ActivityNameForm(forms.Form):
    name = forms.CharField(label="What they do", max_length=120)
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    """A drop on the map, or the *Move to* of an activity's panel: `list` is a stage's id, a colon and a lane."""

    item = forms.IntegerField(min_value=1)
    list = forms.RegexField(rf"^\d{{1,18}}:({'|'.join(LANES)})?$")
    position = forms.IntegerField(required=False, min_value=0, max_value=10_000)
    seen = forms.RegexField(r"^\d{1,18}:", required=False)  # the list where the person saw it

    def clean_seen(self) -> int | None:
        seen = self.cleaned_data["seen"]
        return int(seen.partition(":")[0]) if seen else None

    def clean_list(self) -> tuple[int, str]:
        stage, _, lane = self.cleaned_data["list"].partition(":")
        return int(stage), lane


class SkillForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80)
    description = forms.CharField(label="What it is", max_length=300, required=False)


class MarkForm(forms.Form):
    purpose = forms.ChoiceField(choices=[(Purpose.OWN, ""), (Purpose.NOT_RELEVANT, "")])


class PartForm(forms.Form):
    """A part of a proposal; all that are open where none is named."""

    part = forms.CharField(max_length=200, required=False)


class PinForm(forms.Form):
    pinned = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


class NeedForm(forms.Form):
    kind = forms.ChoiceField(label="Kind", choices=Need.choices)
    name = forms.CharField(label="In their words", max_length=160)
    channel = forms.ChoiceField(
        label="Where they look for it",
        required=False,
        choices=[("", "Anywhere"), *Channel.choices],
        help_text="For information alone.",
    )


class NeedEditForm(NeedForm):
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    seen_channel = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Weights of the score's parts, and how fast silence makes us unsure."""

    class Meta:
        model = Version
        fields = [*WEIGHTS, "half_life_days"]
        labels = {
            "weight_position": "Where they are and where we are",
            "weight_evidence": "Evidence that steps are done",
            "weight_people": "People who have to take part",
            "weight_information": "Information they need",
            "weight_effort": "What we do, when it serves them",
            "half_life_days": "Days of silence",
        }
        help_texts = {"half_life_days": "After so many days without a sign we are half as sure where they are."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in WEIGHTS:
            self.fields[name].max_value = 100  # type: ignore[attr-defined]
            self.fields[name].widget.attrs.update({"min": 0, "max": 100})
        for name in self.Meta.fields:
            self.fields[f"seen_{name}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=getattr(self.instance, name)
            )

    def seen(self) -> dict[str, str]:
        """Give what the person saw before they changed it; fields that the form did not send are left out."""
        return {
            name: self.cleaned_data[f"seen_{name}"]
            for name in self.Meta.fields
            if self.cleaned_data.get(f"seen_{name}")
        }


class PublishForm(forms.Form):
    move_deals = forms.BooleanField(label="Move the open deals to it", required=False, initial=True)
