"""What the API takes and gives of processes and versions. Ids are opaque strings; a segment may be named."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from buying_process.choices import Actor, Need, Purpose, Status
from buying_process.models import Fit, Process, Stage, StageActivity, Transition, Version
from core import api_fields as serializers
from interviews.choices import Channel
from interviews.models import Segment
from interviews.selectors.rows import segment_named
from jobs.choices import JobState
from jobs.models import Job

MOST_STAGES = 20


@extend_schema_field(OpenApiTypes.STR)
class SegmentField(serializers.Field):  # type: ignore[type-arg]  # generic in the stubs alone
    """A segment by its id or its name."""

    default_error_messages = {"invalid": "Give it as a text.", "unknown": "There is no such segment."}

    def to_internal_value(self, data: Any) -> Segment:
        """Look the segment up in the workspace."""
        if not isinstance(data, str):
            self.fail("invalid")
        found = segment_named(data.replace("\0", ""))
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Segment) -> str:
        """Give the id."""
        return str(value.pk)


class ProcessSerializer(serializers.Serializer[Process]):
    """How one segment, or everybody, buys, and how we help."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="process-detail", read_only=True)
    name = serializers.CharField(max_length=120)
    segment = SegmentField(required=False, allow_null=True, help_text="A segment's id or name; null for everybody.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class DeriveSerializer(serializers.Serializer[Any]):
    """What to derive from."""

    segment = SegmentField(
        required=False, allow_null=True, help_text="Whose interviews; else the process's own segment."
    )
    stages = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_STAGES,
        help_text="How many stages; left out, it falls out of what customers told.",
    )


class StartedJobSerializer(serializers.Serializer[Job]):
    """A job that was started; ask for it at its `url`."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="job-detail", read_only=True)
    kind = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=JobState.choices, read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)


class StageActivitySerializer(serializers.Serializer[StageActivity]):
    """Something that the customer or we do in a stage."""

    id = serializers.CharField(source="pk", read_only=True)
    name = serializers.CharField(read_only=True)
    code = serializers.SerializerMethodField(help_text="The code's id; null for an activity of ours.")
    actor = serializers.ChoiceField(choices=Actor.choices, read_only=True)
    purpose = serializers.ChoiceField(choices=Purpose.choices, read_only=True)
    facilitates = serializers.SerializerMethodField(help_text="The id of the customer's activity that ours helps.")
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices),
        read_only=True,
        help_text="By which channels ours reaches the customer, where that was said.",
    )
    told = serializers.FloatField(read_only=True, help_text="Weighted number of interviews that tell it.")

    def get_code(self, activity: StageActivity) -> str | None:
        """Give the code's id."""
        return str(activity.code_id) if activity.code_id else None

    def get_facilitates(self, activity: StageActivity) -> str | None:
        """Give the helped activity's id."""
        return str(activity.facilitates_id) if activity.facilitates_id else None


class NeedSerializer(serializers.Serializer[Any]):
    """A role, or the evidence that a stage is done."""

    id = serializers.CharField(source="pk", read_only=True)
    name = serializers.CharField(read_only=True)
    told = serializers.IntegerField(read_only=True, help_text="Interviews that tell it here.")


class InformationSerializer(NeedSerializer):
    """Something that customers need to know, and where they look for it."""

    channel = serializers.CharField(read_only=True, help_text="Empty where it may be anywhere.")


class StageSerializer(serializers.Serializer[Stage]):
    """A phase of the customer's buying."""

    id = serializers.CharField(source="pk", read_only=True)
    position = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    told = serializers.IntegerField(read_only=True, help_text="Interviews that tell of it.")
    activities = StageActivitySerializer(many=True, read_only=True)
    roles = serializers.SerializerMethodField()
    information = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    obstacles = serializers.SerializerMethodField()
    typical_days = serializers.FloatField(read_only=True, allow_null=True)
    stability = serializers.FloatField(
        read_only=True, allow_null=True, help_text="0 to 1: how far the stage holds when the interviews are drawn anew."
    )

    @extend_schema_field(NeedSerializer(many=True))
    def get_roles(self, stage: Stage) -> Any:
        """Give who takes part."""
        return _needs(stage, Need.ROLE)

    @extend_schema_field(InformationSerializer(many=True))
    def get_information(self, stage: Stage) -> Any:
        """Give what they need to know."""
        return _needs(stage, Need.INFORMATION)

    @extend_schema_field(NeedSerializer(many=True))
    def get_evidence(self, stage: Stage) -> Any:
        """Give how they know that it is done."""
        return _needs(stage, Need.EVIDENCE)

    @extend_schema_field(NeedSerializer(many=True))
    def get_obstacles(self, stage: Stage) -> Any:
        """Give what stalls them."""
        return _needs(stage, Need.OBSTACLE)


def _needs(stage: Stage, kind: Need) -> Any:
    rows = [need for need in stage.needs.all() if need.kind == kind]
    serializer = InformationSerializer if kind == Need.INFORMATION else NeedSerializer
    return serializer(rows, many=True).data


@extend_schema_field(
    {
        "type": "object",
        "required": ["from", "to", "share", "seen"],
        "properties": {
            "from": {"type": "string", "description": "A stage's id."},
            "to": {"type": "string", "description": "A stage's id, or won, lost or no_decision."},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "seen": {"type": "number", "minimum": 0, "description": "How often it was told, weighted."},
        },
    }
)
class TransitionField(serializers.Field):  # type: ignore[type-arg]  # generic in the stubs alone
    """A share of customers that go from a stage to another, or to an outcome."""

    def to_representation(self, value: Transition) -> dict[str, Any]:
        """Give it under the names of the API."""
        target = str(value.to_stage_id) if value.to_stage_id else value.outcome
        return {"from": str(value.from_stage_id), "to": target, "share": value.share, "seen": value.seen}


class FitSerializer(serializers.Serializer[Any]):
    """The numbers of a published version. Rows are stages by position; columns as named."""

    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="Shares from each stage to each stage, then to won, lost, no_decision.",
    )
    start = serializers.ListField(child=serializers.FloatField())
    emissions = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    activities = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of the customer's activities: the columns of emissions."
    )


class VersionSerializer(serializers.Serializer[Version]):
    """One shape of a process; immutable once it is published."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="version-detail", read_only=True)
    process = serializers.CharField(source="process_id", read_only=True)
    number = serializers.IntegerField(read_only=True)
    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    stages = StageSerializer(many=True, read_only=True)
    transitions = serializers.ListField(child=TransitionField(), source="transitions.all", read_only=True)
    cyclic_share = serializers.FloatField(read_only=True, help_text="0: buying is a line; 1: pure circles.")
    fit = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    @extend_schema_field(FitSerializer(allow_null=True))
    def get_fit(self, version: Version) -> dict[str, Any] | None:
        """Give the latest fit; null for a draft."""
        fits: list[Fit] = sorted(version.fits.all(), key=lambda fit: -fit.number)
        if not fits:
            return None
        fit = fits[0]
        columns, width = len(fit.activity_ids), len(fit.stage_ids) + 3
        return {
            "matrix": [fit.matrix[row : row + width] for row in range(0, len(fit.matrix), width)],
            "start": fit.start,
            "emissions": [fit.emissions[row : row + columns] for row in range(0, len(fit.emissions), columns)],
            "activities": [str(pk) for pk in fit.activity_ids],
        }


class PublishSerializer(serializers.Serializer[Any]):
    """What publishing does with open deals."""

    move_deals = serializers.BooleanField(
        required=False, default=True, help_text="Move the open deals of the version that was live to this one."
    )


class PublishedSerializer(VersionSerializer):
    """The version as it was published, and the job that moves the deals."""

    job = serializers.SerializerMethodField(help_text="The job's id; null where no deal is to move.")

    def get_job(self, version: Version) -> str | None:
        """Give the job's id."""
        job: Job | None = self.context.get("job")
        return str(job.pk) if job else None
