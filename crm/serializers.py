"""Lines of a bulk request, and what is answered to them."""

from collections.abc import Callable
from typing import Any

from accounts.models import Membership
from buying_process.models import Version
from core import api_fields as serializers
from core.parsers import read_line
from crm.selectors import members_of, segments_by_name, versions_for_deals
from crm.services.bulk import BulkResult, LineError
from deals.choices import Outcome, Word
from deals.services.loading import DealRow
from deals.services.signal_loading import SignalRow
from interviews.models import Segment

SHOWN = {"owner": "member", "segment": "segment", "version": "version"}


class SignalLineSerializer(serializers.Serializer[SignalRow]):
    """A signal; names its deal by `deal` (our id) or by `deal_external_id`."""

    deal = serializers.CharField(required=False, max_length=40)
    deal_external_id = serializers.CharField(required=False, max_length=120)
    activity = serializers.CharField(max_length=120, help_text="A code's id, or the activity's name.")
    word = serializers.ChoiceField(choices=Word.choices)
    occurred_at = serializers.DateTimeField()
    external_id = serializers.CharField(required=False, max_length=120)
    note = serializers.CharField(required=False, max_length=500, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the deal in one way."""
        if ("deal" in attrs) == ("deal_external_id" in attrs):
            raise serializers.ValidationError({"deal": "Name the deal by “deal” or by “deal_external_id”."})
        return attrs


class DealLineSerializer(serializers.Serializer[DealRow]):
    """A deal. What is left out stays as it is; a new deal gets the default."""

    external_id = serializers.CharField(max_length=120)
    name = serializers.CharField(required=False, max_length=160)
    account = serializers.CharField(required=False, max_length=160, allow_blank=True)
    owner = serializers.CharField(required=False, max_length=254, help_text="A member's id or e-mail address.")
    owner_name = serializers.CharField(required=False, max_length=160, allow_blank=True)
    amount = serializers.DecimalField(required=False, max_digits=14, decimal_places=2, min_value=0)
    currency = serializers.CurrencyField(required=False)
    segment = serializers.CharField(required=False, max_length=80, help_text="A segment's id or name.")
    version = serializers.CharField(required=False, max_length=40, help_text="A version's id.")
    stage = serializers.CharField(required=False, max_length=120, help_text="A stage's id or name.")
    outcome = serializers.ChoiceField(required=False, choices=Outcome.choices)
    opened_at = serializers.DateTimeField(required=False)
    closed_at = serializers.DateTimeField(required=False)


class FailedLineSerializer(serializers.Serializer[Any]):
    """Why a line was not written."""

    line = serializers.IntegerField(min_value=1, help_text="Its number, the first being 1.")
    field = serializers.CharField(help_text="The field that it concerns; empty where it is the whole line.")
    reason = serializers.CharField()


class BulkResultSerializer(serializers.Serializer[BulkResult]):
    """What came of the lines."""

    lines = serializers.IntegerField(help_text="Lines read; empty ones do not count.")
    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    errors = FailedLineSerializer(many=True)  # type: ignore[assignment]  # the same


def signal_reader() -> Callable[[bytes], SignalRow]:
    """Give what turns a line into a signal."""
    line = SignalLineSerializer()

    def read(text: bytes) -> SignalRow:
        told = _valid(line, text)
        if "deal" in told:
            told["deal_id"] = told.pop("deal")
        return SignalRow(**told)

    return read


def deal_reader(membership: Membership) -> Callable[[bytes], DealRow]:
    """Give what turns a line into a deal; what lines refer to is read once."""
    line = DealLineSerializer()
    known = _Known(membership)

    def read(text: bytes) -> DealRow:
        told = _valid(line, text)
        if "version" in told:
            told["version"] = _found("version", known.versions, told["version"])
        if "stage" in told:
            told["stage_told"] = told.pop("stage")
        if "owner" in told:
            told["owner"] = _found("owner", known.members, told["owner"])
        if "segment" in told:
            told["segment"] = _found("segment", known.segments, told["segment"])
        return DealRow(**told)

    return read


class _Known:
    """What the lines of deals may refer to."""

    def __init__(self, membership: Membership) -> None:
        self.members: dict[str, Membership] = {}
        self.segments: dict[str, Segment] = dict(segments_by_name())
        self.versions: dict[str, Version] = {}
        for member in members_of(membership):
            self.members[str(member.pk)] = member
            email = member.user.email.lower()
            if email not in self.members or member.role == "rep":
                self.members[email] = member
        for segment in list(self.segments.values()):
            self.segments[str(segment.pk)] = segment
        for version in versions_for_deals(membership):
            self.versions[str(version.pk)] = version


def _found(name: str, among: dict[str, Any], text: str) -> Any:
    found = among.get(text.strip().lower())
    if found is None:
        raise LineError({name: f"There is no {SHOWN[name]} “{text}” here."})
    return found


def _valid(line: serializers.Serializer[Any], text: bytes) -> dict[str, Any]:
    try:
        return dict(line.run_validation(read_line(text)))
    except serializers.ValidationError as error:
        fields: dict[str, Any] = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        told = {"" if name == "non_field_errors" else name: str(found[0]) for name, found in fields.items()}
        raise LineError(told) from error
    except ValueError as error:
        raise LineError({"": str(error)}) from error
