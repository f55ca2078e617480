"""What the API takes and gives of codes and interviews. Ids are opaque strings."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from drf_spectacular.utils import extend_schema_field

from core import api_fields as serializers
from interviews.choices import Channel, Job, Kind, PurchaseOutcome
from interviews.models import LONGEST_NOTE, LONGEST_TEXT, Answer, Code, Interview, Moment
from interviews.services import MOST_MOMENTS, MOST_QUESTIONS

WEIGHT = r"^(0?\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,2}(\.[0-9]{1,2})?)$"
HEAVIEST = Decimal("999.99")


class CodeSerializer(serializers.Serializer[Code]):
    """A thing that customers tell of. Kind and name together are unique."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="code-detail")
    kind = serializers.ChoiceField(choices=Kind.choices)
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=LONGEST_NOTE, required=False, allow_blank=True)
    job = serializers.ChoiceField(choices=Job.choices, required=False, allow_blank=True)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, allow_blank=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1, "maximum": MOST_QUESTIONS}, {"type": "string"}]})
class QuestionField(serializers.Field[Any, Any, int, Any]):
    """A question by its place in the guide (1 to 6 in the default one), or by its id as a text."""

    default_error_messages = {
        "invalid": "Give the question's number, or its id as a text.",
        "unknown": "The guide has no such question.",
    }

    def to_internal_value(self, data: Any) -> int | str:
        """Keep it; the view knows which guide it belongs to."""
        if isinstance(data, str):
            return self.fail("unknown") if "\x00" in data else data
        if isinstance(data, bool) or not isinstance(data, int) or not 1 <= data <= MOST_QUESTIONS:
            self.fail("invalid")
        return int(data)

    def to_representation(self, value: Any) -> int:
        """Give the place."""
        return int(value)


@extend_schema_field(
    {"oneOf": [{"type": "number", "minimum": 0.01, "maximum": 999.99}, {"type": "string", "pattern": WEIGHT}]}
)
class WeightField(serializers.Field[Any, Any, float, Any]):
    """How much an account counts: above 0, two digits behind the point; as a number or as a text."""

    default_error_messages = {"invalid": "A weight is a number from 0.01 to 999.99."}

    def to_internal_value(self, data: Any) -> Decimal:
        """Read it without losing a digit."""
        if isinstance(data, bool) or not isinstance(data, int | float | str) or len(str(data)) > 40:  # noqa: PLR2004
            self.fail("invalid")
        if isinstance(data, str) and not re.fullmatch(WEIGHT, data):
            self.fail("invalid")
        try:
            value = Decimal(str(data))
            rounded = value.quantize(Decimal("0.01"))
        except InvalidOperation:
            self.fail("invalid")
        if not Decimal("0.01") <= rounded <= HEAVIEST:
            self.fail("invalid")
        return rounded

    def to_representation(self, value: Any) -> float:
        """Give it as a number."""
        return float(value)


class AnswerSerializer(serializers.Serializer[Answer]):
    """What they said to one question."""

    question = QuestionField(source="question.position")
    question_id = serializers.CharField(read_only=True)
    question_text = serializers.CharField(source="question.text", read_only=True)
    text = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False)


class ActivityField(serializers.CharField):
    """An activity by its code's id or by its name; a name that is not known makes the code."""

    def to_representation(self, value: Any) -> str:
        """Give the code's id."""
        return str(value)


class MomentSerializer(serializers.Serializer[Moment]):
    """An activity at its place in the customer's story."""

    activity = ActivityField(source="code_id", max_length=120)
    name = serializers.CharField(source="code.name", read_only=True)
    happened_on = serializers.DateField(required=False, allow_null=True)
    together = serializers.BooleanField(required=False, help_text="It happened at the same time as the one before it.")
    place_words = serializers.CharField(read_only=True)
    date_words = serializers.CharField(read_only=True)


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 80, "pattern": serializers.INK})
class SegmentField(serializers.Field[Any, Any, str, Any]):
    """A segment by its id or by its name; a name that is not known makes the segment."""

    default_error_messages = {
        "invalid": "Give its id or its name as a text of up to 80 characters.",
        "unknown": "No name has such a character.",
    }

    def get_attribute(self, instance: Any) -> Any:
        """Read the key alone."""
        return instance.segment_id

    def to_internal_value(self, data: Any) -> str:
        """Keep the text; the service finds or makes the segment."""
        if not isinstance(data, str) or not data.strip() or len(data) > 80:  # noqa: PLR2004
            self.fail("invalid")
        if "\x00" in data:
            self.fail("unknown")
        return " ".join(data.split())

    def to_representation(self, value: Any) -> str:
        """Give the id."""
        return str(value)


class InterviewSerializer(serializers.Serializer[Interview]):
    """One customer's account. Answers and moments that are sent replace those that stand; left out, they stay."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="interview-detail")
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    customer = serializers.CharField(max_length=160)
    role = serializers.CharField(max_length=160, required=False, allow_blank=True)
    segment = SegmentField(required=False, allow_null=True)
    held_on = serializers.DateField(required=False)
    outcome = serializers.ChoiceField(choices=PurchaseOutcome.choices, required=False)
    weight = WeightField(required=False)
    consent = serializers.BooleanField(required=False)
    notes = serializers.CharField(max_length=LONGEST_NOTE, required=False, allow_blank=True)
    answers = AnswerSerializer(many=True, required=False, max_length=MOST_QUESTIONS)  # type: ignore[call-arg]  # the list takes it
    moments = MomentSerializer(many=True, required=False, max_length=MOST_MOMENTS)  # type: ignore[call-arg]  # the same
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
