"""Where interviews come from: files and pasted texts, the passages in them, the rows of surveys."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import RowRefusal, TableImport, TimestampedModel, WorkspaceModel
from interviews.choices import PlacedBy, SourceState

LONGEST_PASSAGE = 20_000  # code points; a turn that runs on is cut into passages of a hundred words


class Intake(WorkspaceModel, TimestampedModel):
    """Files that were brought in together, to be asked by one wording of a guide."""

    guide_version = models.ForeignKey("interviews.GuideVersion", on_delete=models.PROTECT, related_name="intakes")
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    brought_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Brought in on {self.created_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("interviews:intake", args=[self.pk])


class Source(WorkspaceModel, TimestampedModel):
    """A file or a pasted text. Its bytes are kept until what it says has become interviews, its digest for good, so
    that the same file twice changes nothing. `facts` are what its header or its name says of the interview.
    """

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.BinaryField(blank=True)
    state = models.CharField(max_length=10, choices=SourceState.choices, default=SourceState.WAITING)
    reason = models.CharField("why it was not read", max_length=400, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    speakers = models.JSONField(default=list, blank=True)  # [{name, words, answers}] in the order heard

    class Meta:
        ordering = ["intake", "pk"]
        indexes = [models.Index(fields=["workspace", "digest"], name="interviews_source_digest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("interviews:source", args=[self.pk])


class Passage(WorkspaceModel):
    """A few sentences of a source in the order told, and the question that they answer; not `told`: left out.

    `starts_ms` and `ends_ms` are milliseconds into the recording. Once confirmed, the passage is
    `answer.text[start:end]`, and follows its words like an excerpt; without an answer it is part of the talk only.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    speaker = models.CharField(max_length=80, blank=True)
    text = models.TextField(validators=[MaxLengthValidator(LONGEST_PASSAGE)])
    starts_ms = models.PositiveIntegerField(null=True, blank=True)
    ends_ms = models.PositiveIntegerField(null=True, blank=True)
    question = models.ForeignKey(
        "interviews.Question", null=True, blank=True, on_delete=models.PROTECT, related_name="passages"
    )
    told = models.BooleanField(default=True)
    placed_by = models.CharField(max_length=8, choices=PlacedBy.choices, default=PlacedBy.MEANING)
    sureness = models.FloatField(default=0.0)
    interview = models.ForeignKey(
        "interviews.Interview", null=True, blank=True, on_delete=models.CASCADE, related_name="source_passages"
    )
    answer = models.ForeignKey(
        "interviews.Answer", null=True, blank=True, on_delete=models.CASCADE, related_name="passages"
    )
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="interviews_passage_position"),
            models.CheckConstraint(
                condition=Q(answer=None) | Q(end__gt=F("start")), name="interviews_passage_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, passage {self.position}"


class Survey(WorkspaceModel, TimestampedModel, TableImport):
    """A source that is a table: a row an interview. `mapping` says which column is which fact or question, what the
    values of the outcome are, and how dates are written.
    """

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="survey")
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.source)

    def get_absolute_url(self) -> str:
        return reverse("interviews:source", args=[self.source_id])


class SurveyError(RowRefusal):
    """Why a row of a survey was refused."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="errors")

    class Meta:
        ordering = ["survey", "row", "column"]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
