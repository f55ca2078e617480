"""Rows that the visited addresses name, in the workspaces of a running site; what the demo lacks is made."""

import json

from accounts.models import Membership, Team, User
from accounts.services.invitations import invitation_create
from accounts.services.workspaces import membership_create, workspace_create
from buying_process.choices import Need, Status
from buying_process.models import Skill, StageActivity, StageNeed, Version
from buying_process.services.activities import stage_activity_add
from buying_process.services.derivation import Asked, version_derive
from buying_process.services.publishing import version_copy
from buying_process.services.skills import skill_create
from core import scope
from core.text import sentences
from crm.models import DealImport
from crm.services.imports import import_upload
from deals.models import Deal, ListView
from deals.services import list_view_save
from deals.services.digests import digest_token
from interviews.models import Code, Guide, Interview, Ruling, Segment, Source
from interviews.selectors import differences
from interviews.services import codebook_export, excerpt_add, exchange_hand_in, reading_mark, ruling_make, suggest_start
from interviews.services.intake import Given, intake_start, source_read
from jobs.models import Job

FILE = b"Deal ID,Name,Owner,Stage,Opened\nE-1,Booth,ben@example.com,Talking,2026-03-04\n"
UNBROKEN = "Hochdruckfiltrationsanlagenwartungsvertragsverlaengerungsgespraech"  # one word, wider than a phone
SECOND_CODER = "ida@example.com"
TALK = (
    b"Ida: How did it begin?\nTom: The old saw broke down twice.\nIda: And then?\nTom: The board paid for a new one.\n"
)
SURVEY = b"Company,Result,Question 1\nVisited Ltd,Bought from you,The old saw broke down twice.\n"
NEWCOMER = "newcomer@example.com"  # has a workspace in which nothing is yet


def main() -> None:
    """Print {name: value} as one line of JSON."""
    with scope.across_workspaces("rows for the browser tests"):
        person = {
            row.user.email: row
            for row in Membership.objects.filter(workspace__slug="clearweir").select_related("user", "workspace")
        }
        _empty_workspace()
    designer = person["ada@example.com"]
    with scope.in_workspace(designer.workspace_id):
        _read_by_two(designer)
        found = _process_rows(designer) | _interview_rows() | _deal_rows(person["ben@example.com"])
        found |= _source_rows(designer)
        file = exchange_hand_in(actor=designer, name="codes.qdc", content=codebook_export(workspace=designer.workspace))
        found |= {"exchange_file": file.pk}
        found |= _other_rows(designer) | {"person": person["ben@example.com"].pk}
        _, found["secret"] = invitation_create(
            email="visitor@example.com", role="rep", actor=person["priya@example.com"]
        )
    print(json.dumps(found))


def _empty_workspace() -> None:
    if User.objects.filter(email=NEWCOMER).exists():
        return
    demo = User.objects.get(email="ada@example.com")
    user = User.objects.create_user(NEWCOMER, None, full_name="Noor Comer")
    user.password = demo.password
    user.save()
    workspace = workspace_create(name="Nothing Yet Ltd", slug="nothing-yet", currency="EUR")
    with scope.in_workspace(workspace.pk):
        membership_create(workspace=workspace, user=user, role="designer")


def second_coder() -> Membership:
    """Give another designer of the demo company, who signs in with the first one's password; made where not there."""
    with scope.across_workspaces("people for the browser tests"):
        first = Membership.objects.select_related("user", "workspace").get(user__email="ada@example.com")
        user = User.objects.filter(email=SECOND_CODER).first()
        if user is None:
            user = User.objects.create_user(SECOND_CODER, None, full_name="Ida Okafor")
            user.password = first.user.password
            user.save()
    with scope.in_workspace(first.workspace_id):
        found = Membership.objects.filter(workspace=first.workspace, user=user).first()
        return found or membership_create(workspace=first.workspace, user=user, role="designer")


def _read_by_two(designer: Membership) -> None:
    """Let two people read an interview: one settled difference, and others open."""
    second = second_coder()
    answers = list(Interview.objects.earliest("pk").answers.exclude(text="").order_by("question__position"))
    codes = list(Code.objects.filter(kind="activity").order_by("pk")[:2])
    for answer in answers[:3]:
        for code, sentence in zip(codes, sentences(answer.text), strict=False):
            excerpt_add(answer=answer, code=code, start=sentence.start, end=sentence.end, actor=second)
        for coder in (designer, second):
            reading_mark(answer=answer, actor=coder, alone=coder == second)
    if not Ruling.objects.exists():
        first = differences(designer)[0]
        ruling_make(answer=first.answer, start=first.start, end=first.end, chosen=second, actor=designer)


def _process_rows(designer: Membership) -> dict[str, int]:
    live = Version.objects.filter(status=Status.LIVE).earliest("pk")
    drafts = Version.objects.filter(status=Status.DRAFT, process=live.process, proposed_for=None)
    draft = drafts.first()
    draft = draft or version_copy(version=live, actor=designer)
    if not StageActivity.objects.filter(stage__version=draft, name=UNBROKEN).exists():
        stage_activity_add(
            stage=draft.stages.earliest("position"),
            name=UNBROKEN,
            actor_kind="sales",
            purpose="facilitates",
            actor=designer,
        )
    if not draft.proposals.exists():
        asked = Asked(beside=draft, stages=4)
        version_derive(process=live.process, interviews=Interview.objects.all(), asked=asked, actor=designer)
    return {
        "process": live.process_id,
        "live": live.number,
        "live_pk": live.pk,
        "draft_pk": draft.pk,
        "live_transition": live.transitions.earliest("pk").pk,
        "draft": draft.number,
        "skill": (Skill.objects.first() or skill_create(name="Critical thinking", actor=designer)).pk,
        "stage": draft.stages.earliest("position").pk,
        "activity": StageActivity.objects.filter(stage__version=draft, actor="customer").earliest("pk").pk,
        "ours": StageActivity.objects.filter(stage__version=draft).exclude(actor="customer").earliest("pk").pk,
    }


def _interview_rows() -> dict[str, int]:
    guide = Guide.objects.earliest("pk")
    return {
        "interview": Interview.objects.earliest("pk").pk,
        "code": Code.objects.filter(kind="activity").earliest("pk").pk,
        "segment": Segment.objects.earliest("pk").pk,
        "guide": guide.pk,
        "guide_version": guide.versions.latest("number").number,
    }


def _source_rows(designer: Membership) -> dict[str, int]:
    source = Source.objects.filter(name="visited.txt").first()
    if source is None:
        files = [Given("visited.txt", TALK), Given("visited-survey.csv", SURVEY)]
        intake = intake_start(actor=designer, files=files)
        questions = list(intake.guide_version.questions.all())
        for waiting in intake.sources.all():
            source_read(source=waiting, questions=questions)
        source = intake.sources.get(name="visited.txt")
    survey = source.intake.sources.get(name="visited-survey.csv")
    return {"source": source.pk, "intake": source.intake_id, "survey": survey.pk}


def _deal_rows(rep: Membership) -> dict[str, int | str]:
    deal = Deal.objects.filter(owner=rep, outcome="open", contacts__isnull=False, version__isnull=False).earliest("pk")
    need = StageNeed.objects.filter(stage__version=deal.version, kind=Need.INFORMATION).earliest("pk")
    view = ListView.objects.visible_to(rep).filter(name="Visited").first()
    return {
        "deal": deal.pk,
        "closed_deal": Deal.objects.filter(owner=rep).exclude(outcome="open").earliest("pk").pk,
        "contact": deal.contacts.earliest("pk").pk,
        "deal_need": need.pk,
        "digest": digest_token(rep),
        "list_view": (view or list_view_save(actor=rep, name="Visited", query="band=low")).pk,
    }


def _other_rows(designer: Membership) -> dict[str, int]:
    file = DealImport.objects.filter(file_name="visited.csv").first()
    file = file or import_upload(actor=designer, name="visited.csv", content=FILE)
    job = Job.objects.first() or suggest_start(interview=Interview.objects.earliest("pk"), actor=designer)
    return {"import": file.pk, "job": job.pk, "team": Team.objects.earliest("pk").pk}
