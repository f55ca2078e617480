"""What decisions on suggestions teach: weights that score the next ones, and those that nobody has decided yet."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from core import audit, scope
from core.embeddings import embed
from core.jobs import enqueue
from interviews.choices import SuggestionState
from interviews.models import Lesson, Suggestion
from interviews.selectors import decided_suggestions
from interviews.services.matching import Memory
from journey import ranking
from journey.ranking import Proposals

TASK = "interviews.learn_from_decisions"
FEWEST = 20  # decisions to begin with
EVERY = 10  # further decisions before the next lesson
MOST = 2_000  # latest decisions that are learned from
BATCH = 250  # open suggestions scored, and held, at a time
NOTICED = 0.005  # a score that moves less is left as it is
remember = Memory(embed)


def vector_bytes(vectors: NDArray[np.float32]) -> list[bytes]:
    """Give unit vectors as they are kept: half-precision numbers, end to end."""
    return [row.tobytes() for row in np.asarray(vectors, dtype=np.float16)]


def lesson_ring() -> None:
    """Have a worker learn, once enough decisions are new. A message that is lost is made good by the next decision."""
    if _is_due():
        enqueue(TASK, workspace_id=scope.workspace_id())


def _is_due() -> bool:
    decided = Suggestion.objects.exclude(state=SuggestionState.OPEN).count()
    known = Lesson.objects.values_list("decisions", flat=True).first() or 0
    return decided >= FEWEST and abs(decided - known) >= EVERY


def lesson_learn(*, workspace_id: int) -> int:
    """Learn from a workspace's decisions where that is due; give how many open suggestions were scored anew."""
    with scope.in_workspace(workspace_id):
        return _learn() if _is_due() else 0


def _learn() -> int:
    rows = list(decided_suggestions().select_related("answer").defer("answer__text")[:MOST])
    decided, said = _proposals(rows), _accepted(rows)
    owners = np.array([row.answer.interview_id for row in rows], dtype=np.int64)
    tried = ranking.trial(decided, said, owners)
    if tried is not None and tried[1] < tried[0]:
        weights = np.array(ranking.PRIOR)  # what was learned does not hold for interviews that it has not seen
    else:
        weights = ranking.learn(ranking.evidence(decided, decided, said, are_the_decided=True), said)
    lesson = _store(weights.tolist(), tried)
    return _score_again(lesson, decided, said)


@transaction.atomic
def _store(weights: list[float], tried: tuple[float, float] | None) -> Lesson:
    before, after = tried or (None, None)
    lesson, _ = Lesson.objects.update_or_create(
        workspace_id=scope.workspace_id(),
        defaults={
            "weights": weights,
            "decisions": Suggestion.objects.exclude(state=SuggestionState.OPEN).count(),
            "learned_at": timezone.now(),
            "before": before,
            "after": after,
        },
    )
    audit.record("lesson.learn", lesson, actor=None, changes={"decisions": lesson.decisions})
    return lesson


def _score_again(lesson: Lesson, decided: Proposals, said: NDArray[np.bool_]) -> int:
    """Give the open suggestions the scores that the lesson teaches, in batches; give how many changed."""
    changed = 0
    waiting = list(Suggestion.objects.filter(state=SuggestionState.OPEN).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(waiting), BATCH):
        changed += _score_batch(waiting[first : first + BATCH], lesson, decided, said)
    return changed


@transaction.atomic
def _score_batch(keys: Sequence[int], lesson: Lesson, decided: Proposals, said: NDArray[np.bool_]) -> int:
    """Score some suggestions; one that a person is deciding just now is left to them, so that nobody waits in turn."""
    free = Suggestion.objects.filter(pk__in=keys, state=SuggestionState.OPEN).order_by("pk")
    rows = list(free.select_for_update(skip_locked=True))
    if not rows:
        return 0
    moved = []
    for row, score in zip(rows, _scores(lesson, _proposals(rows), decided, said), strict=True):
        if abs(row.score - score) >= NOTICED:
            row.score = round(float(score), 4)
            moved.append(row)
    Suggestion.objects.bulk_update(moved, ["score"])
    return len(moved)


def learned_scores(new: Sequence[Suggestion]) -> list[float]:
    """Give the scores of suggestions that are not stored yet, by what was learned; without a lesson, their likeness."""
    lesson = Lesson.objects.first()
    if lesson is None or not new:
        return [row.likeness for row in new]
    rows = list(decided_suggestions()[:MOST])
    return [float(score) for score in _scores(lesson, _proposals(new), _proposals(rows), _accepted(rows))]


def _scores(lesson: Lesson, new: Proposals, decided: Proposals, said: NDArray[np.bool_]) -> NDArray[np.float64]:
    return ranking.probability(ranking.evidence(new, decided, said), lesson.weights)


def _accepted(rows: Iterable[Suggestion]) -> NDArray[np.bool_]:
    return np.array([row.state == SuggestionState.ACCEPTED for row in rows], dtype=np.bool_)


def _proposals(rows: Sequence[Suggestion]) -> Proposals:
    """Give suggestions as the ranking sees them. The model reads only sentences of which it keeps no vector yet."""
    size = len(vector_bytes(remember([""]))[0])  # another model than before may have another
    read = [row for row in rows if row.vector is None or len(row.vector) != size]
    if read:
        vectors = vector_bytes(remember([row.quote for row in read]))
        for row, vector in zip(read, vectors, strict=True):
            row.vector = vector
        kept = [row for row in read if row.pk is not None]
        Suggestion.objects.bulk_update(kept, ["vector"], batch_size=BATCH)
    table = np.array([np.frombuffer(row.vector, dtype=np.float16) for row in rows if row.vector], dtype=np.float64)
    table = table.reshape(len(rows), -1) if rows else np.zeros((0, 0))
    lengths = np.maximum(np.linalg.norm(table, axis=1, keepdims=True), ranking.TOLERANCE)
    return Proposals(
        table / lengths,
        np.array([row.code_id for row in rows], dtype=np.int64),
        np.array([row.likeness for row in rows], dtype=np.float64),
    )
