"""A workspace with one of everything, whose every word can be recognised on a page where it does not belong."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership, Workspace
from audit.models import AuditEvent
from buying_process.models import Process, Skill, Stage, StageActivity, StageNeed, Transition, Version
from core import scope
from crm.models import DealImport, RowError
from deals.models import Contact, Deal, Effort, ListView, NeedMet, Signal, StageEvent
from interviews.models import (
    Answer,
    Code,
    CodeMerge,
    Excerpt,
    ExchangeFile,
    Guide,
    GuideVersion,
    Intake,
    Interview,
    Moment,
    Passage,
    Question,
    Reading,
    Ruling,
    Segment,
    Source,
    Suggestion,
    Survey,
    SurveyError,
)
from tests.factories.accounts import (
    ApiTokenFactory,
    InvitationFactory,
    MembershipFactory,
    TeamFactory,
    WorkspaceFactory,
)
from tests.factories.jobs import JobFactory

CANARY = "zzcanary"
# what only the owner of the deal may read, in the same workspace
DEAL_CANARY = "zzdealcanary"
SECRET = "sfl_zzcanary-invitation"


@dataclass
class Victim:
    """The workspace, its people, and the key of each kind of object in it."""

    workspace: Workspace
    people: dict[str, Membership] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)

    def keep(self, **made: Any) -> None:
        self.keys |= {kind: instance.pk for kind, instance in made.items()}


def build() -> Victim:
    """Make the workspace."""
    victim = Victim(WorkspaceFactory(name=f"{CANARY} company", slug="zz-canary"))
    with scope.in_workspace(victim.workspace.pk):
        _people(victim)
        _listening(victim)
        _brought_in(victim)
        _process(victim)
        _deal(victim)
        _rest(victim)
    return victim


def _people(victim: Victim) -> None:
    for role in Role:
        victim.people[role] = MembershipFactory(
            workspace=victim.workspace,
            role=role,
            user__full_name=f"{CANARY} {role}",
            user__email=f"{CANARY}-{role}@example.com",
        )
    designer, admin = victim.people[Role.DESIGNER], victim.people[Role.ADMIN]
    team = TeamFactory(workspace=victim.workspace, name=f"{CANARY} team", manager=victim.people[Role.MANAGER])
    invitation = InvitationFactory(invited_by=admin, email=f"{CANARY}@example.com", secret=SECRET)
    token = ApiTokenFactory(membership=designer, name=f"{CANARY} token")
    key = Authenticator.objects.create(
        user=designer.user, type=Authenticator.Type.WEBAUTHN, data={"name": f"{CANARY} key", "credential": {}}
    )
    victim.keep(membership=designer, team=team, invitation=invitation, token=token, authenticator=key)


def _listening(victim: Victim) -> None:
    inside = {"workspace": victim.workspace}
    segment = Segment.objects.create(**inside, name=f"{CANARY} segment")
    guide = Guide.objects.create(**inside, title=f"{CANARY} guide", is_default=True)
    wording = GuideVersion.objects.create(**inside, guide=guide, number=1)
    question = Question.objects.create(
        **inside, version=wording, position=1, text=f"{CANARY} question?", job="recognise"
    )
    interview = Interview.objects.create(
        **inside, guide_version=wording, customer=f"{CANARY} customer", held_on=date(2026, 3, 2), segment=segment
    )
    text = f"{CANARY} said this."
    answer = Answer.objects.create(**inside, interview=interview, question=question, text=text)
    code = Code.objects.create(**inside, kind="activity", name=f"{CANARY} activity", job="recognise")
    span = {"answer": answer, "code": code, "start": 0, "end": len(text), "quote": text}
    excerpt = Excerpt.objects.create(**inside, **span)
    suggestion = Suggestion.objects.create(**inside, **{**span, "end": 8, "quote": text[:8]}, score=0.8, likeness=0.8)
    moment = Moment.objects.create(**inside, interview=interview, code=code, position=1, excerpt=excerpt)
    merge = CodeMerge.objects.create(**inside, target=code, name=f"{CANARY} merged")
    file = ExchangeFile.objects.create(**inside, name=f"{CANARY}.qdpx", content=b"<CodeBook/>")
    for reader in (victim.people[Role.DESIGNER], victim.people[Role.MANAGER]):
        Reading.objects.create(**inside, answer=answer, reader=reader, version=answer.version)
    ruling = Ruling.objects.create(**inside, answer=answer, start=0, end=len(text), quote=text)
    victim.keep(
        code_merge=merge,
        exchange_file=file,
        segment=segment,
        guide=guide,
        guide_version=wording,
        interview=interview,
        answer=answer,
        code=code,
        excerpt=excerpt,
        suggestion=suggestion,
        moment=moment,
        ruling=ruling,
    )


def _brought_in(victim: Victim) -> None:
    inside, keys = {"workspace": victim.workspace}, victim.keys
    intake = Intake.objects.create(**inside, guide_version_id=keys["guide_version"])
    source = Source.objects.create(**inside, intake=intake, name=f"{CANARY}.txt", digest="a", state="done")
    words = {"speaker": f"{CANARY} speaker", "text": f"{CANARY} said this.", "start": 0, "end": 8}
    passage = Passage.objects.create(**inside, source=source, position=1, answer_id=keys["answer"], **words)
    table = Source.objects.create(
        **inside, intake=intake, name=f"{CANARY}.csv", digest="b", state="columns", content=b"Customer\nA\n"
    )
    mapping = {"columns": {}, "dates": "day", "outcomes": {}}
    survey = Survey.objects.create(**inside, source=table, headers=["Customer"], row_count=1, mapping=mapping)
    SurveyError.objects.create(**inside, survey=survey, row=2, value=CANARY, reason=f"{CANARY} reason")
    victim.keep(intake=intake, source=source, passage=passage, table=table)


def _process(victim: Victim) -> None:
    inside = {"workspace": victim.workspace}
    process = Process.objects.create(**inside, name=f"{CANARY} process")
    version = Version.objects.create(**inside, process=process, number=1)
    first, second = (
        Stage.objects.create(**inside, version=version, position=position, name=f"{CANARY} stage {position}")
        for position in (1, 2)
    )
    activity = StageActivity.objects.create(
        **inside,
        stage=first,
        code_id=victim.keys["code"],
        name=f"{CANARY} activity",
        actor="customer",
        purpose="own",
    )
    need = StageNeed.objects.create(**inside, stage=first, kind="evidence", name=f"{CANARY} evidence")
    transition = Transition.objects.create(
        **inside, version=version, from_stage=first, to_stage=second, share=1.0, seen=1
    )
    skill = Skill.objects.create(**inside, name=f"{CANARY} skill")
    victim.keep(process=process, version=version, stage=first, activity=activity, need=need, transition=transition)
    victim.keep(skill=skill)
    victim.keys["version_number"] = 1


def _deal(victim: Victim) -> None:
    inside = {"workspace": victim.workspace}
    now, keys = timezone.now(), victim.keys
    deal = Deal.objects.create(
        **inside,
        name=f"{CANARY} {DEAL_CANARY}",
        account=f"{CANARY} {DEAL_CANARY} account",
        owner=victim.people[Role.REP],
        version_id=keys["version"],
        opened_at=now - timedelta(days=9),
    )
    note = f"{CANARY} {DEAL_CANARY} note"
    fact = {**inside, "deal": deal, "occurred_at": now, "note": note}
    signal = Signal.objects.create(**fact, activity_id=keys["activity"], word="confirmed")
    Effort.objects.create(**fact, activity_id=keys["activity"])
    NeedMet.objects.create(**fact, need_id=keys["need"], word="confirmed")
    StageEvent.objects.create(**fact, to_stage_id=keys["stage"])
    contact = Contact.objects.create(**inside, deal=deal, name=f"{CANARY} {DEAL_CANARY} contact")
    kept = ListView.objects.create(**inside, owner=victim.people[Role.REP], name=f"{CANARY} view", query=f"q={CANARY}")
    victim.keep(deal=deal, signal=signal, contact=contact, list_view=kept)


def _rest(victim: Victim) -> None:
    inside = {"workspace": victim.workspace}
    designer = victim.people[Role.DESIGNER]
    deal_import = DealImport.objects.create(
        **inside,
        file_name=f"{CANARY}.csv",
        content=f"name\n{CANARY}\n".encode(),
        headers=["name"],
        row_count=1,
        uploaded_by=designer,
    )
    RowError.objects.create(**inside, deal_import=deal_import, row=1, value=CANARY, reason=f"{CANARY} reason")
    job = JobFactory(started_by=designer, title=f"{CANARY} job", message=f"{CANARY} message")
    AuditEvent(
        **inside,
        actor_label=f"{CANARY} actor",
        verb="deal.update",
        object_type="deals.deal",
        object_id=str(victim.keys["deal"]),
        object_label=f"{CANARY} {DEAL_CANARY}",
    ).save(force_insert=True)
    victim.keep(job=job, **{"import": deal_import})


def contents(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Give every row of a workspace, to tell whether anything in it was changed."""
    found = {}
    with scope.in_workspace(workspace.pk):
        for model in apps.get_models():
            if any(part.name == "workspace" for part in model._meta.fields):
                rows = model._base_manager.filter(workspace_id=workspace.pk).order_by("pk")
                found[model._meta.label] = list(rows.values())
    return found
