"""What customers told us: guides, interviews, answers, codes, excerpts, suggestions, moments."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceModel
from interviews.choices import Channel, Job, Kind, PurchaseOutcome, SuggestionState
from interviews.validators import validate_place

LONGEST_TEXT = 100_000  # code points of an answer or an account; PostgreSQL indexes words up to 1 MB
LONGEST_NOTE = 4_000
LONGEST_NAMES = 150
BETWEEN_NAMES = "; "  # parts the names of coders who are no members here
UNLIKELY = 0.25  # score below which a suggestion is asked last


class Segment(WorkspaceModel, TimestampedModel):
    """Customers that buy alike."""

    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="interviews_segment_name")]

    def __str__(self) -> str:
        return self.name


class Guide(WorkspaceModel, TimestampedModel):
    """The questions of an interview; versions are kept so that an old interview keeps its wording."""

    title = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_default", "title"]
        constraints = [
            models.UniqueConstraint("workspace", Lower("title"), name="interviews_guide_title"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="interviews_one_default_guide"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("interviews:guide", args=[self.pk])


class GuideVersion(WorkspaceModel, TimestampedModel):
    """One wording of a guide. Editing a guide that interviews use makes the next version."""

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    introduction = models.TextField(blank=True, validators=[MaxLengthValidator(LONGEST_NOTE)])

    class Meta:
        ordering = ["guide", "-number"]
        constraints = [models.UniqueConstraint(fields=["guide", "number"], name="interviews_guide_version_number")]

    def __str__(self) -> str:
        return f"{self.guide} {self.number}"


class Question(WorkspaceModel):
    """A question of a guide version and the buying job that it asks about."""

    version = models.ForeignKey(GuideVersion, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    prompts = models.TextField(blank=True, validators=[MaxLengthValidator(LONGEST_NOTE)])
    job = models.CharField(max_length=10, choices=Job.choices)

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="interviews_question_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.text}"


class Interview(WorkspaceModel, TimestampedModel):
    """One customer's account of how they bought, or did not."""

    guide_version = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="interviews")
    external_id = models.CharField(max_length=120, blank=True)
    customer = models.CharField(max_length=160)
    role = models.CharField("role of the person", max_length=160, blank=True)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews")
    held_on = models.DateField("date")
    outcome = models.CharField(
        "how the purchase ended", max_length=12, choices=PurchaseOutcome.choices, default=PurchaseOutcome.OPEN
    )
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    consent = models.BooleanField("they agreed that we keep and use this", default=False)
    notes = models.TextField(blank=True, validators=[MaxLengthValidator(LONGEST_NOTE)])
    # the order in which they told it, which answers sorted by question no longer show
    account = models.TextField(
        "the whole account, where it came as one text", blank=True, validators=[MaxLengthValidator(10 * LONGEST_TEXT)]
    )
    # the file or text that it came from, and the row there where a row is an interview
    source = models.ForeignKey(
        "interviews.Source", null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews"
    )
    source_row = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    recorded_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~Q(external_id=""),
                name="interviews_interview_external_id",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="interviews_weight_above_0",
                violation_error_message="A weight is above 0.",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-held_on"], name="interviews_by_date"),
            GinIndex(SearchVector("customer", "role", config="english"), name="interviews_words"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} – {self.role}" if self.role else self.customer

    @property
    def audit_label(self) -> str:
        """Name the interview in the record without the person who spoke: the record outlives their wish to be gone."""
        return self.customer

    def get_absolute_url(self) -> str:
        return reverse("interviews:interview", args=[self.pk])


class Answer(WorkspaceModel, TimestampedModel):
    """What they said to one question, in their words. `version` rises with each change of the text."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)])
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["interview", "question__position"]
        constraints = [models.UniqueConstraint(fields=["interview", "question"], name="interviews_answer_once")]
        indexes = [GinIndex(SearchVector("text", config="english"), name="interviews_answer_words")]

    def __str__(self) -> str:
        return f"{self.interview}: {self.question}"


class Code(WorkspaceModel, TimestampedModel):
    """A thing that customers tell of; it may belong under a wider one of the same kind."""

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(LONGEST_NOTE)])
    job = models.CharField(max_length=10, choices=Job.choices, blank=True)
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                "kind",
                Lower("name"),
                name="interviews_code_name",
                violation_error_message="There is a code of this kind and name already.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")),
                name="interviews_code_not_its_own_parent",
                violation_error_message="A code cannot belong under itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("interviews:code", args=[self.pk])

    def clean(self) -> None:
        """Check the place in the codebook."""
        validate_place(self)


class Excerpt(WorkspaceModel, TimestampedModel):
    """A span of an answer that a person gave a code. `start` and `end` count code points of the answer's text."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="excerpts")
    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="excerpts")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    coded_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    coder_name = models.CharField(
        "who coded it elsewhere, where they are no member here", max_length=LONGEST_NAMES, blank=True
    )

    class Meta:
        ordering = ["answer", "start", "end"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "code", "start", "end"],
                name="interviews_excerpt_once",
                deferrable=models.Deferrable.IMMEDIATE,  # spans move together when the text before them changes
                violation_error_message="These words carry this code already.",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="interviews_excerpt_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.start} to {self.end}"


class Suggestion(WorkspaceModel, TimestampedModel):
    """A machine's proposal of a code for a sentence; counts for nothing until a person accepts it.

    `likeness` is the model's own score, `score` the one with what the workspace's decisions have taught since.
    """

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="suggestions")
    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="suggestions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    score = models.FloatField()
    likeness = models.FloatField()
    # of the sentence's meaning, as half-precision numbers: what decisions teach is then worked out without the model
    vector = models.BinaryField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN)
    decided_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    excerpt = models.ForeignKey(Excerpt, null=True, on_delete=models.SET_NULL, related_name="suggestions")

    class Meta:
        ordering = ["answer", "start", "-score"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "code", "start", "end"],
                name="interviews_suggestion_once",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="interviews_suggestion_not_empty"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-decided_at"],
                condition=Q(decided_at__isnull=False),
                name="interviews_decided_last",
            )
        ]

    @property
    def is_unlikely(self) -> bool:
        """By what decisions taught, a person will hardly accept it: it is asked last."""
        return self.score < UNLIKELY

    def __str__(self) -> str:
        return f"{self.code} at {self.start} to {self.end}"


class LeftOut(WorkspaceModel):
    """A part of a timeline's draft that a person did not want; it is not offered again as long as it says the same."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="left_out")
    part = models.CharField(max_length=80)
    left_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["interview", "part"]
        constraints = [models.UniqueConstraint(fields=["interview", "part"], name="interviews_left_out_once")]

    def __str__(self) -> str:
        return self.part


class Moment(WorkspaceModel, TimestampedModel):
    """An activity at its place in the customer's story; the same activity may come again (a return).

    `together` where it happened at the same time as the moment before it. `place_words` and `date_words` are the
    customer's words that told its place (“went back to”) and its date (“two weeks later”), where there were any.
    """

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="moments")
    code = models.ForeignKey(
        Code, on_delete=models.PROTECT, related_name="moments", limit_choices_to={"kind": "activity"}
    )
    position = models.PositiveSmallIntegerField()
    excerpt = models.ForeignKey(Excerpt, null=True, blank=True, on_delete=models.SET_NULL, related_name="moments")
    happened_on = models.DateField(null=True, blank=True)
    together = models.BooleanField(default=False)
    place_words = models.CharField(max_length=120, blank=True)
    date_words = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["interview", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "position"],
                name="interviews_moment_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.code}"
