"""What the API takes and gives of deals. Ids are opaque strings; where people know a name, the name is taken too."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, Version
from buying_process.selectors.contents import ours_of, stages_of, theirs_of
from core import api_fields as serializers
from core.identifiers import number_of
from deals.choices import Outcome, Reason, Word
from deals.models import Alignment, Deal
from deals.selectors.deals import members_who_own
from deals.selectors.explanation import Explanation
from deals.selectors.facts import activity_in_process, stages_in_process
from deals.selectors.versions import version_for, version_in_use
from interviews.choices import Channel
from interviews.models import Segment
from interviews.selectors.rows import segments

Find = Callable[[Membership, str], Any]


def find_owner(membership: Membership, text: str) -> Membership | None:
    """Find one of those whom the member may choose, by id or by e-mail address; of several memberships the rep's."""
    members = members_who_own(membership)
    found = list(members.filter(Q(pk=number_of(text)) | Q(user__email=text.strip().lower())).order_by("pk"))
    return next((each for each in found if each.role == "rep"), next(iter(found), None))


def find_segment(membership: Membership, text: str) -> Segment | None:
    """Find a segment by id or by name."""
    return segments(membership).filter(Q(pk=number_of(text)) | Q(name__iexact=text.strip())).first()


def find_version(membership: Membership, text: str) -> Version | None:
    """Find a version that deals may go by."""
    version: Version | None = version_in_use(membership, number_of(text))
    return version


def find_stage(version: Version | None, text: str) -> Stage | None:
    """Find a stage of a version by id or by name."""
    return stages_of(version).filter(Q(pk=number_of(text)) | Q(name__iexact=text.strip())).order_by("position").first()


def find_activity(deal: Deal, text: str, *, ours: bool) -> StageActivity | None:
    """Find an activity of the deal's version by name or number: a customer's code, else the activity's own.

    A number of ours may be of another version: of the one that the deal went by until a moment ago.
    """
    if ours:
        rows = ours_of(deal.version).filter(Q(pk=number_of(text)) | Q(name__iexact=text.strip()))
    else:
        number = Q(code_id=number_of(text)) | Q(code=None, pk=number_of(text))
        named = number | Q(code__name__iexact=text.strip()) | Q(name__iexact=text.strip())
        rows = theirs_of(deal.version).filter(named)
    found = rows.order_by("stage__position", "position", "pk").first()
    return activity_in_process(deal, text, ours=True) if ours and found is None else found


@extend_schema_field(OpenApiTypes.STR)
class Reference(serializers.Field[Any, Any, str, Any]):
    """A row by its id; `find` says how it is looked up (None: the text is kept and looked up later)."""

    default_error_messages = {"unknown": "There is no such thing here.", "invalid": "Give it as a text."}

    def __init__(self, find: Find | None = None, *, is_null_in_answers: bool = False, **kwargs: Any) -> None:
        self.find = find
        self.is_null_in_answers = is_null_in_answers
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        """Read the key alone, without the row behind it."""
        return getattr(instance, f"{self.source}_id")

    def to_representation(self, value: Any) -> str:
        """Give the id as a text."""
        return str(value)

    def to_internal_value(self, data: Any) -> Any:
        """Find the row."""
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:
            self.fail("unknown")
        if self.find is None:
            return data
        found = self.find(self.context["request"]._request.membership, data)
        if found is None:
            self.fail("unknown")
        return found


class OwnerField(Reference):
    """The owner. The one that a deal has may stay, also where the member may not choose them."""

    def to_internal_value(self, data: Any) -> Any:
        """Find the member."""
        held: Membership | None = getattr(self.parent.instance, "owner", None)
        if held is not None and isinstance(data, str) and data in {str(held.pk), held.user.email}:
            return held
        return super().to_internal_value(data)


class DealSerializer(serializers.Serializer[Deal]):
    """A deal. `owner` takes an e-mail address too, `segment` and `stage` a name."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="deal-detail")
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    name = serializers.CharField(max_length=160)
    account = serializers.CharField(max_length=160, required=False, allow_blank=True)
    owner = OwnerField(find_owner, required=False, allow_null=True)
    owner_name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    amount = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        allow_null=True,
    )
    currency = serializers.CurrencyField(required=False)
    segment = Reference(find_segment, required=False, allow_null=True)
    version = Reference(find_version, required=False, is_null_in_answers=True)
    stage = Reference(required=False, is_null_in_answers=True)
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), required=False, max_length=len(Channel.values)
    )
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    opened_at = serializers.DateTimeField(required=False)
    closed_at = serializers.DateTimeField(required=False, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the stage in the version that the deal will go by, and hold the two moments against each other."""
        if "stage" in attrs:
            attrs["stage"] = self._stage(attrs)
        opened = attrs.get("opened_at") or getattr(self.instance, "opened_at", None)
        closed = attrs.get("closed_at")
        if opened and closed and closed < opened:
            raise serializers.ValidationError({"closed_at": "A deal closes after it was opened."}, code="refused")
        if closed and attrs.get("outcome", getattr(self.instance, "outcome", Outcome.OPEN)) == Outcome.OPEN:
            raise serializers.ValidationError(
                {"closed_at": "An open deal has not been closed: give its outcome too."}, code="refused"
            )
        return attrs

    def _stage(self, attrs: dict[str, Any]) -> Stage:
        version = attrs.get("version") or getattr(self.instance, "version", None) or version_for(attrs.get("segment"))
        stage = find_stage(version, attrs["stage"])
        if stage is None:
            raise serializers.ValidationError(
                {"stage": "This stage is not part of the deal's process."}, code="refused"
            )
        return stage


class FactSerializer(serializers.Serializer[Any]):
    """What every logged fact carries."""

    id = serializers.CharField(source="pk", read_only=True)
    occurred_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    created_at = serializers.DateTimeField(read_only=True)

    @property
    def deal(self) -> Deal:
        """The deal that the fact is logged on."""
        deal: Deal = self.context["deal"]
        return deal

    def found(self, name: str, row: Any) -> Any:
        """Give the row that was looked up, or refuse the field."""
        if self.deal.version_id is None:
            raise serializers.ValidationError(
                {name: "This deal has no process yet: publish one first."}, code="refused"
            )
        if row is None:
            raise serializers.ValidationError({name: "This is not part of the deal's process."}, code="refused")
        return row


class StageEventSerializer(FactSerializer):
    """The stage that we logged, by its id or name. Moves back are taken as they are; `note` may say why."""

    stage = Reference(source="to_stage")
    from_stage = Reference(read_only=True, is_null_in_answers=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the stage in the deal's version, or by its number in the one that the deal went by before."""
        named = attrs["to_stage"]
        known = find_stage(self.deal.version, named)
        attrs["to_stage"] = self.found(
            "stage", known or stages_in_process(self.deal).filter(pk=number_of(named)).select_related("version").first()
        )
        return attrs


class ActivityField(Reference):
    """An activity: the customer's is given as its code's id, or its own where it has no code; ours as its own."""

    def get_attribute(self, instance: Any) -> Any:
        """Give the activity itself, which the view has read along."""
        return instance.activity

    def to_representation(self, value: Any) -> str:
        """Give the id of the activity's code."""
        is_theirs = value.actor == Actor.CUSTOMER
        return str((is_theirs and value.code_id) or value.pk)


class SignalSerializer(FactSerializer):
    """A customer's activity that was seen: `activity` is a code's id or name, `word` says whose word it is."""

    activity = ActivityField()
    activity_name = serializers.CharField(source="activity.name", read_only=True)
    word = serializers.ChoiceField(choices=Word.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the customer's activity in the deal's version."""
        attrs["activity"] = self.found("activity", find_activity(self.deal, attrs["activity"], ours=False))
        return attrs


class EffortSerializer(FactSerializer):
    """Something that we did: `activity` is the id or name of an activity of ours in the process."""

    activity = ActivityField()
    activity_name = serializers.CharField(source="activity.name", read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find our activity in the deal's version."""
        attrs["activity"] = self.found("activity", find_activity(self.deal, attrs["activity"], ours=True))
        return attrs


class ComponentsSerializer(serializers.Serializer[Any]):
    """The parts of the score, 0 to 1; null where there is nothing to measure."""

    position = serializers.FloatField(source="component_position", allow_null=True)
    evidence = serializers.FloatField(source="component_evidence", allow_null=True)
    people = serializers.FloatField(source="component_people", allow_null=True)
    information = serializers.FloatField(source="component_information", allow_null=True)
    effort = serializers.FloatField(source="component_effort", allow_null=True)


class OutlookSerializer(serializers.Serializer[Any]):
    """How it may end; sums to 1."""

    won = serializers.FloatField()
    lost = serializers.FloatField()
    no_decision = serializers.FloatField()


class OutlookReasonSerializer(serializers.Serializer[Any]):
    """One thing that speaks for a win, or against it."""

    text = serializers.CharField()
    lifts = serializers.BooleanField()


class OutlookSourceSerializer(serializers.Serializer[Any]):
    """By what the outlook is reckoned: the process alone, or how earlier deals ended, with what weighs most in it."""

    kind = serializers.ChoiceField(choices=[("process", "the process"), ("past_deals", "deals that ended")])
    deals = serializers.IntegerField(help_text="deals that ended; 0 where the process alone says it")
    won = serializers.IntegerField()
    reasons = OutlookReasonSerializer(many=True)


class DeficitSerializer(serializers.Serializer[Any]):
    """One change that would lift the score, and by how many points."""

    component = serializers.CharField()
    text = serializers.CharField()
    lift = serializers.FloatField()


class AlignmentSerializer(serializers.Serializer[Alignment]):
    """A deal's alignment as it was last computed. `stale` is true while it is being computed anew.

    Where that fails, the last figures stay, with `given_up` once it is not tried any more before somebody says *Retry*.
    """

    score = serializers.FloatField(allow_null=True, help_text="0 to 100")
    reason = serializers.SerializerMethodField()
    as_of = serializers.DateTimeField(allow_null=True)
    version = serializers.SerializerMethodField()
    position = serializers.ListField(child=serializers.FloatField(), help_text="where they probably are, by stage")
    likely_stage = Reference(allow_null=True)
    tomorrow = serializers.ListField(child=serializers.FloatField())
    gap = serializers.FloatField(
        allow_null=True, help_text="stages that we are ahead (+) of or behind (-) them; null without a stage or a score"
    )
    components = ComponentsSerializer(source="*")
    outlook = serializers.SerializerMethodField()
    outlook_source = serializers.SerializerMethodField()
    moments_left = serializers.FloatField(allow_null=True)
    days_left = serializers.FloatField(allow_null=True)
    chaos = serializers.SerializerMethodField()
    returns_seen = serializers.IntegerField()
    returns_expected = serializers.FloatField()
    entropy = serializers.FloatField(allow_null=True, help_text="0 certain, 1 anywhere")
    deficits = serializers.SerializerMethodField()
    stale = serializers.SerializerMethodField()
    given_up = serializers.BooleanField(source="is_given_up", help_text="it failed five times and waits for a Retry")

    def get_reason(self, row: Alignment) -> str | None:
        """Say why there is no score."""
        return row.reason or (Reason.NO_EVIDENCE if row.score is None else None)

    def get_version(self, row: Alignment) -> str | None:
        """Give the process version that it was computed by."""
        return str(row.fit.version_id) if row.fit else None

    @extend_schema_field(OutlookSerializer(allow_null=True))
    def get_outlook(self, row: Alignment) -> dict[str, float] | None:
        """Name the three outcomes."""
        return dict(zip(("won", "lost", "no_decision"), row.outlook, strict=True)) if row.outlook else None

    @extend_schema_field(OutlookSourceSerializer(allow_null=True))
    def get_outlook_source(self, row: Alignment) -> dict[str, Any] | None:
        """Say by what the outlook is reckoned; None where that cannot be told."""
        explanation: Explanation | None = self.context["explanation"]
        if explanation is None:
            return None
        ending = explanation.ending
        return {
            "kind": "past_deals" if ending.deals else "process",
            "deals": ending.deals,
            "won": ending.won,
            "reasons": [{"text": reason.text, "lifts": reason.lifts} for reason in ending.reasons],
        }

    def get_chaos(self, row: Alignment) -> float | None:
        """Give returns seen over returns expected."""
        return row.returns_seen / row.returns_expected if row.returns_expected > 0 else None

    @extend_schema_field(DeficitSerializer(many=True))
    def get_deficits(self, row: Alignment) -> list[dict[str, Any]]:
        """Give the three largest."""
        explanation: Explanation | None = self.context["explanation"]
        helps = explanation.helps if explanation else ()
        return [{"component": each.component, "text": each.text, "lift": each.lift} for each in helps]

    def get_stale(self, row: Alignment) -> bool:
        """Tell whether a recompute is due."""
        return row.is_stale
