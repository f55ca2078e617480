"""What the interviews tell all together: by whom each activity was told, and whether a further one would tell more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db.models import Count

from accounts.models import Membership
from interviews.choices import Job, Kind
from interviews.models import Code, Excerpt, Interview, Moment
from journey.stability import Saturation, saturation

SOLID = 3  # voices from which on an activity hardly hangs on whom one happened to ask
SEED = 20  # the same interviews give the same curve


@dataclass(frozen=True, slots=True)
class Account:
    """An interview as it is counted here: whom it speaks for, and the activities of its timeline."""

    pk: int
    segment_id: int | None
    outcome: str
    role: str
    told: frozenset[int]


@dataclass(frozen=True, slots=True)
class ActivityHeard:
    """An activity and the interviews that tell it."""

    code_id: int
    name: str
    job: str
    tellers: tuple[int, ...]

    @property
    def on_one_voice(self) -> bool:
        """Tell whether one interview alone tells it."""
        return len(self.tellers) == 1


@dataclass(frozen=True, slots=True)
class JobHeard:
    """How well one buying job is told: its activities by how many voices tell them, and the interviews that do."""

    job: str
    label: str
    activities: int
    solid: int
    on_two: int
    on_one: int
    tellers: int


@dataclass(frozen=True, slots=True)
class RoleNamed:
    """Somebody who takes part, by what customers told: the code, and how many interviews name them."""

    code_id: int
    name: str
    named_by: int


@dataclass(frozen=True)
class Heard:
    """All interviews, or a segment's."""

    accounts: tuple[Account, ...]
    activities: tuple[ActivityHeard, ...]
    roles: tuple[RoleNamed, ...]

    @cached_property
    def timed(self) -> tuple[Account, ...]:
        """Give the interviews with a timeline: the others tell no activity yet."""
        return tuple(account for account in self.accounts if account.told)

    @cached_property
    def solid(self) -> tuple[ActivityHeard, ...]:
        """Give the activities that three interviews or more tell."""
        return tuple(activity for activity in self.activities if len(activity.tellers) >= SOLID)

    @cached_property
    def on_one_voice(self) -> tuple[ActivityHeard, ...]:
        """Give the activities that one interview alone tells."""
        return tuple(activity for activity in self.activities if activity.on_one_voice)

    @cached_property
    def saturation(self) -> Saturation:
        """Say what the next interview is expected to bring, with the course so far."""
        return saturation([sorted(account.told) for account in self.timed], np.random.default_rng(SEED))

    @cached_property
    def jobs(self) -> tuple[JobHeard, ...]:
        """Say of each buying job how well it is told."""
        return tuple(_job_heard(value, str(label), self.activities) for value, label in Job.choices)

    @cached_property
    def unsorted(self) -> JobHeard:
        """Say the same of the activities whose code names no buying job."""
        return _job_heard("", "", self.activities)


def heard(membership: Membership, *, segment: int | None = None) -> Heard:
    """Read what all interviews tell, or those of a segment. Four queries."""
    found = Interview.objects.visible_to(membership).order_by("pk")
    if segment is not None:
        found = found.filter(segment=segment or None)
    told: dict[int, set[int]] = {}
    moments = Moment.objects.filter(interview__in=found.order_by())
    for interview_id, code_id in moments.order_by().values_list("interview_id", "code_id").distinct():
        told.setdefault(interview_id, set()).add(code_id)
    accounts = tuple(
        Account(pk, segment_id, outcome, role, frozenset(told.get(pk, ())))
        for pk, segment_id, outcome, role in found.values_list("pk", "segment_id", "outcome", "role")
    )
    return Heard(accounts, _activities(accounts), _roles([account.pk for account in accounts]))


def _activities(accounts: Sequence[Account]) -> tuple[ActivityHeard, ...]:
    tellers: dict[int, list[int]] = {}
    for account in accounts:
        for code_id in account.told:
            tellers.setdefault(code_id, []).append(account.pk)
    order = {job: place for place, job in enumerate(Job.values)}
    found = [
        ActivityHeard(pk, name, job, tuple(tellers[pk]))
        for pk, name, job in Code.objects.filter(pk__in=tellers).values_list("pk", "name", "job")
    ]
    return tuple(sorted(found, key=lambda row: (order.get(row.job, len(order)), row.name.casefold(), row.code_id)))


def _roles(interview_ids: Collection[int]) -> tuple[RoleNamed, ...]:
    """Give who takes part, those whom most customers name first."""
    named = Excerpt.objects.filter(answer__interview_id__in=interview_ids, code__kind=Kind.ROLE)
    counted = (
        named.order_by().values_list("code_id", "code__name").annotate(by=Count("answer__interview", distinct=True))
    )
    return tuple(RoleNamed(*row) for row in sorted(counted, key=lambda row: (-row[2], row[1].casefold())))


def _job_heard(job: str, label: str, activities: Sequence[ActivityHeard]) -> JobHeard:
    voices = [len(activity.tellers) for activity in activities if activity.job == job]
    tellers = {pk for activity in activities if activity.job == job for pk in activity.tellers}
    return JobHeard(
        job=job,
        label=label,
        activities=len(voices),
        solid=sum(number >= SOLID for number in voices),
        on_two=voices.count(2),
        on_one=voices.count(1),
        tellers=len(tellers),
    )


@dataclass(frozen=True, slots=True)
class Voice:
    """An activity that rests on one voice, with that customer's words; `answer_id` says where they stand."""

    activity: ActivityHeard
    label: str
    interview: Interview
    quote: str
    answer_id: int | None


def voices(membership: Membership, activities: Sequence[ActivityHeard]) -> list[Voice]:
    """Give the one interview that tells each of these activities, with its words. Two queries."""
    by_teller = {activity.tellers[0] for activity in activities}
    there = Interview.objects.visible_to(membership).in_bulk(by_teller)
    words: dict[tuple[int, int], Excerpt] = {}
    excerpts = Excerpt.objects.visible_to(membership).filter(
        code_id__in=[activity.code_id for activity in activities], answer__interview_id__in=by_teller
    )
    for excerpt in excerpts.select_related("answer").order_by("answer__question__position", "start"):
        words.setdefault((excerpt.code_id, excerpt.answer.interview_id), excerpt)
    labels = {str(value): str(label) for value, label in Job.choices}
    found = []
    for activity in activities:
        said = words.get((activity.code_id, activity.tellers[0]))
        found.append(
            Voice(
                activity,
                labels.get(activity.job, ""),
                there[activity.tellers[0]],
                said.quote if said else "",
                said.answer_id if said else None,
            )
        )
    return found
