"""Several people code the same words: who did, who has read what, how they were settled; and what decisions taught."""

from django.db import models
from django.db.models import F, Q

from core.models import TimestampedModel, WorkspaceModel
from interviews.models.told import Answer, Excerpt


class AlsoCoded(WorkspaceModel):
    """Another person than `Excerpt.coded_by` who gave the same words the same code."""

    excerpt = models.ForeignKey(Excerpt, on_delete=models.CASCADE, related_name="also_coded")
    coder = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["excerpt", "coder"]
        constraints = [models.UniqueConstraint(fields=["excerpt", "coder"], name="interviews_also_coded_once")]

    def __str__(self) -> str:
        return f"{self.excerpt}, also by {self.coder}"


class Reading(WorkspaceModel, TimestampedModel):
    """A person has read an answer for all their codes. It counts while the answer is the `version` that they read.

    Only where two people have read the same words does a code mean anything that one gave and the other did not.
    """

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="readings")
    reader = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    alone = models.BooleanField("read without seeing the others' codes", default=False)

    class Meta:
        ordering = ["answer", "reader"]
        constraints = [models.UniqueConstraint(fields=["answer", "reader"], name="interviews_reading_once")]

    def __str__(self) -> str:
        return f"{self.answer}, read by {self.reader}"


class Ruling(WorkspaceModel, TimestampedModel):
    """How a passage in which coders differed was settled. What each of them had said stays on record.

    `votes` are the codes as they were: `[code id, membership id, start, end]`, places counted from the passage's
    beginning. `chosen` is whose coding was taken, None where all of it was kept. `removed` says how to put back the
    codes that went.
    """

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="rulings")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    votes = models.JSONField(default=list)
    chosen = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    removed = models.JSONField(default=list, blank=True)
    ruled_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "start", "end"],
                name="interviews_ruling_once",
                deferrable=models.Deferrable.IMMEDIATE,  # passages move together when the text before them changes
                violation_error_message="This passage has been settled already.",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="interviews_ruling_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} at {self.start} to {self.end}"


class Lesson(WorkspaceModel, TimestampedModel):
    """What a workspace's decisions on suggestions taught: weights that score its next ones. One a workspace.

    `before` and `after` are the average precision of the order of suggestions without and with them, over interviews
    whose decisions were left out of the learning; None where there are too few to say.
    """

    weights = models.JSONField(default=list)
    decisions = models.PositiveIntegerField()
    learned_at = models.DateTimeField()
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="interviews_one_lesson")]

    def __str__(self) -> str:
        return f"Learned from {self.decisions} decisions"
