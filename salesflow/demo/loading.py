"""Fill a workspace with the demo company, by the services that people's clicks call."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, User, Workspace
from accounts.services import membership_create, team_assign, team_create, workspace_create
from buying_process.choices import Need, Purpose
from buying_process.models import StageActivity, StageNeed, Version
from buying_process.services.activities import stage_activity_add, stage_activity_mark
from buying_process.services.derivation import Asked, version_derive
from buying_process.services.processes import process_create
from buying_process.services.publishing import version_publish
from buying_process.services.skills import skill_create
from buying_process.services.stages import stage_rename
from core import scope
from core.exceptions import ApplicationError
from deals.choices import Outcome, Word
from deals.models import Deal
from deals.services.alignment import alignments_recompute_stale
from deals.services.contacts import contact_add
from deals.services.deals import deal_close, deal_create
from deals.services.facts import deal_log_effort, deal_log_stage, need_meet
from deals.services.history import alignments_backfill
from deals.services.signal_loading import SignalRow, signals_load
from interviews.models import Code, Excerpt, Interview, Segment
from interviews.services import (
    MomentInput,
    answer_save,
    code_create,
    excerpt_add,
    guide_ensure_default,
    interview_create,
    moments_set,
    segment_create,
)
from jobs.services import job_run
from salesflow.demo import reader

PASSWORD = "look-around-freely"  # noqa: S105  printed for everybody: the demo is there to be looked at
Say = Callable[[str], None]


def demo_load(*, say: Say) -> Workspace:
    """Make the demo workspace with its people, interviews, published process and deals, scored."""
    company = reader.read_company()
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        workspace = workspace_create(name=company.name, slug=company.slug, currency=company.currency, is_demo=True)
        with scope.in_workspace(workspace.pk):
            people = _people(workspace, company)
            designer = next(member for member in people.values() if member.role == "designer")
            segments = {
                segment.key: segment_create(name=segment.name, description=segment.description, actor=designer)
                for segment in company.segments
            }
            say("Interviews: what fourteen customers told")
            codes = _codebook(designer)
            _interviews(designer, segments, codes, now)
            say("Process: derived from the interviews, with our own activities")
            version = _process(designer)
            say("Deals: sixty purchases under way or over")
            _deals(version, people, segments, codes, now)
    say("Scores: how well each deal is aligned")
    alignments_recompute_stale(seconds=120)
    with scope.in_workspace(workspace.pk):
        alignments_backfill(now=now)
    return workspace


def _people(workspace: Workspace, company: reader.Company) -> dict[str, Membership]:
    members: dict[str, Membership] = {}
    for person in company.people:
        user = User.objects.filter(email=person.email).first() or User.objects.create_user(
            person.email, PASSWORD, full_name=person.name
        )
        members[person.email] = membership_create(workspace=workspace, user=user, role=person.role)
    designer = next(member for member in members.values() if member.role == "designer")
    for team in company.teams:
        made = team_create(name=team.name, manager=members[team.manager], actor=designer)
        team_assign(team=made, members=[members[email] for email in team.members], actor=designer)
    return members


def _codebook(designer: Membership) -> dict[str, Code]:
    guide_ensure_default(actor=designer)
    return {
        code.name: code_create(
            actor=designer,
            kind=code.kind,
            name=code.name,
            description=code.description,
            job=code.job,
            channel=code.channel,
        )
        for code in reader.read_codebook()
    }


def _interviews(designer: Membership, segments: dict[str, Segment], codes: dict[str, Code], now: datetime) -> None:
    for told in reader.read_interviews():
        held_on = (now - timedelta(days=told.held_days_ago)).date()
        interview = interview_create(
            actor=designer,
            customer=told.customer,
            held_on=held_on,
            outcome=told.outcome,
            segment=segments[told.segment],
            role=told.role,
            weight=Decimal(str(told.weight)),
            consent=True,
            notes=f"Told by {told.person}, {told.title.lower()}. {told.notes}",
            external_id=f"demo-{told.number}",
        )
        _code_interview(interview, told, codes, designer)


def _code_interview(interview: Interview, told: reader.Interview, codes: dict[str, Code], designer: Membership) -> None:
    answers = {answer.question.position: answer for answer in interview.answers.select_related("question")}
    for answer in told.answers:
        found = answers[answer.question]
        answers[answer.question] = answer_save(answer=found, text=answer.text, version=found.version, actor=designer)
    excerpts: dict[str, Excerpt] = {}
    for excerpt in told.excerpts:
        added = excerpt_add(
            answer=answers[excerpt.question],
            code=codes[excerpt.code],
            start=excerpt.start,
            end=excerpt.end,
            actor=designer,
        )
        excerpts.setdefault(excerpt.code, added)
    moments = [
        MomentInput(
            code=codes[moment.activity],
            excerpt=excerpts.get(moment.activity),
            happened_on=interview.held_on - timedelta(days=moment.happened_days_before)
            if moment.happened_days_before is not None
            else None,
        )
        for moment in told.moments
    ]
    moments_set(interview=interview, moments=moments, actor=designer)


def _process(designer: Membership) -> Version:
    additions = reader.read_process()
    process = process_create(name=additions.name, actor=designer)
    asked = Asked(stages=len(additions.stage_names))
    version = version_derive(process=process, interviews=Interview.objects.all(), asked=asked, actor=designer)
    theirs = {activity.name: activity for activity in _activities(version)}
    for living_in, name in additions.stage_names.items():
        stage_rename(stage=theirs[living_in].stage, name=name, actor=designer)
    for name in additions.not_relevant:
        stage_activity_mark(activity=theirs[name], purpose=Purpose.NOT_RELEVANT, actor=designer)
    skills = {
        name: skill_create(name=name, description=words, actor=designer) for name, words in additions.skills.items()
    }
    for ours in additions.activities:
        beside = theirs[ours.beside]
        stage_activity_add(
            stage=beside.stage,
            name=ours.name,
            actor_kind=ours.actor,
            purpose=ours.purpose,
            facilitates=beside if ours.purpose == Purpose.FACILITATES else None,
            skills=[skills[name] for name in ours.skills],
            channels=ours.channels,
            actor=designer,
        )
    version.refresh_from_db()
    job = version_publish(version=version, actor=designer, move_deals=True)
    if job is not None:
        job_run(job_id=job.pk, work=lambda _job, _progress: {})  # there are no deals yet that could move
    version.refresh_from_db()
    return version


def _activities(version: Version) -> Iterator[StageActivity]:
    return StageActivity.objects.filter(stage__version=version).select_related("stage__version").iterator()


def _deals(
    version: Version,
    people: dict[str, Membership],
    segments: dict[str, Segment],
    codes: dict[str, Code],
    now: datetime,
) -> None:
    activities = {activity.name: activity for activity in _activities(version)}
    needs = list(StageNeed.objects.filter(stage__version=version).select_related("stage"))
    stories = reader.read_deals()
    deals: list[Deal] = []
    signals: dict[Membership, list[SignalRow]] = defaultdict(list)
    for number, told in enumerate(stories, start=1):
        owner = people[told.owner]
        deal = deal_create(
            actor=owner,
            external_id=f"demo-{number}",
            name=told.name,
            account=told.account,
            owner=owner,
            amount=Decimal(told.amount),
            currency=told.currency,
            segment=segments[told.segment],
            version=version,
            opened_at=now - timedelta(days=told.opened_days_ago),
        )
        deals.append(deal)
        _moves_and_efforts(deal, told, owner, activities, now)
        signals[owner] += [
            SignalRow(
                activity=signal.activity,
                word=signal.word,
                occurred_at=now - timedelta(days=signal.days_ago),
                deal_id=str(deal.pk),
            )
            for signal in told.signals
        ]
        for contact in told.contacts:
            role = codes.get(contact.role)
            contact_add(deal=deal, actor=owner, name=contact.name, role=role, engaged=contact.engaged)
    for owner, rows in signals.items():
        refused = signals_load(rows=rows, actor=owner).refused
        if refused:
            raise ApplicationError(f"The demo's signals do not fit its process: {refused[0]}")
    for deal, told in zip(deals, stories, strict=True):
        owner = people[told.owner]
        _needs(deal, told, owner, needs, activities, now)
        if told.closed_days_ago is not None and told.outcome != Outcome.OPEN:
            deal_close(deal=deal, outcome=told.outcome, actor=owner, at=now - timedelta(days=told.closed_days_ago))


def _moves_and_efforts(
    deal: Deal, told: reader.Deal, owner: Membership, activities: dict[str, StageActivity], now: datetime
) -> None:
    for move in told.stages:
        deal_log_stage(
            deal=deal,
            stage=activities[move.near].stage,
            actor=owner,
            at=now - timedelta(days=move.days_ago),
            note=move.note,
        )
    for effort in told.efforts:
        deal_log_effort(
            deal=deal, activity=activities[effort.activity], actor=owner, at=now - timedelta(days=effort.days_ago)
        )


def _needs(
    deal: Deal,
    told: reader.Deal,
    owner: Membership,
    needs: list[StageNeed],
    activities: dict[str, StageActivity],
    now: datetime,
) -> None:
    """Settle what a deal of this story would have settled: the stages that its customer went through, but the last."""
    if not told.signals:
        return
    last = told.signals[-1]
    reached = activities[last.activity].stage.position
    share = {"aligned": 1, "closing": 1, "behind": 2, "silent": 2}.get(told.scenario, 3)
    for index, need in enumerate(needs):
        met = need.stage.position < reached and need.kind in {Need.EVIDENCE, Need.INFORMATION}
        if met and index % share == 0:
            need_meet(
                deal=deal,
                need=need,
                word=Word.CONFIRMED if index % 2 else Word.OBSERVED,
                channel=need.channel,
                actor=owner,
                at=now - timedelta(days=last.days_ago),
            )


@contextmanager
def only_one_loader() -> Iterator[None]:
    """Let one process at a time load the demo into this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('salesflow load_demo'))")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('salesflow load_demo'))")
