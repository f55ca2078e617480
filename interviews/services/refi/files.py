"""Files of other programs: handed in, looked through, brought in by a job."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.models import Membership, Workspace
from accounts.selectors import members
from core import audit, scope
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.choices import ExchangeState
from interviews.models import ExchangeFile
from interviews.services.refi.bringing import Bringing
from interviews.services.refi.comparing import preview
from interviews.services.refi.gathering import gather_codebook, gather_project
from interviews.services.refi.reading import read_file
from interviews.services.refi.writing import codebook_file, project_file
from jobs.models import Job
from jobs.services import Progress, job_run, job_start

TASK = "interviews.bring_in_coding"


def _plan(name: str, content: bytes, default_kind: str, actor: Membership) -> dict[str, Any]:
    document = read_file(name=name, content=content)
    people = {str(person.user).casefold() for person in members(actor)}
    return preview(document, default_kind=default_kind, members=people)


@transaction.atomic
def exchange_hand_in(*, actor: Membership, name: str, content: bytes) -> ExchangeFile:
    """Keep a file and say what it would bring; nothing is brought in yet.

    Raises
    ------
    FileError
        When it cannot be read.
    """
    name = name[-200:]
    file = ExchangeFile(workspace_id=scope.workspace_id(), name=name, content=content, brought_by=actor)
    file.plan = _plan(name, content, file.default_kind, actor)
    create(file)
    audit.record("exchange.hand_in", file, actor=actor, changes={"codes": file.plan["codes"]["new_count"]})
    return file


@transaction.atomic
def exchange_look_again(*, file: ExchangeFile, default_kind: str, actor: Membership) -> ExchangeFile:
    """Say what the file would bring now, with another kind for codes of which it names none."""
    if file.state in {ExchangeState.PREVIEW, ExchangeState.FAILED}:
        change(file, default_kind=default_kind, plan=_plan(file.name, bytes(file.content), default_kind, actor))
    return file


@transaction.atomic
def exchange_start(*, file: ExchangeFile, take: Collection[str], actor: Membership) -> Job:
    """Have a worker bring the file in. `take` are the codes whose description and place the file's replace.

    Raises
    ------
    ConflictError
        When it is on its way or brought in already.
    """
    file = ExchangeFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state not in {ExchangeState.PREVIEW, ExchangeState.FAILED}:
        raise ConflictError("This file is brought in already, or on its way.")
    offered = {row["guid"] for row in file.plan["codes"]["changed"]}
    job = job_start(
        kind="exchange",
        task=TASK,
        title=f"Bringing in {file.name}",
        actor=actor,
        total=max(file.plan["interviews"]["new_count"] + file.plan["interviews"]["same_count"], 1),
        result_url=file.get_absolute_url(),
        file_id=file.pk,
        member_id=actor.pk,
    )
    change(file, state=ExchangeState.RUNNING, choices={"take": sorted(offered & set(take))}, job=job)
    return job


def exchange_run(*, job_id: int) -> None:
    """Bring in the file of a job."""
    job_run(job_id=job_id, work=_bring)


def _bring(job: Job, progress: Progress) -> dict[str, Any]:
    file = ExchangeFile.objects.get(pk=job.arguments["file_id"])
    if file.state == ExchangeState.DONE:
        return dict(file.result)
    actor = Membership.objects.get(pk=job.arguments["member_id"], workspace_id=job.workspace_id)
    try:
        with transaction.atomic():
            return _brought(file, actor, progress)
    except ApplicationError:
        change(file, state=ExchangeState.FAILED)
        raise


def _brought(file: ExchangeFile, actor: Membership, progress: Progress) -> dict[str, Any]:
    document = read_file(name=file.name, content=bytes(file.content))
    progress.at(0, "Bringing in the codes", total=max(len(document.sources), 1))
    bringing = Bringing(document, actor=actor, default_kind=file.default_kind, take=file.choices.get("take", ()))
    done = bringing.run(progress)
    result = {
        "codes": done.codes,
        "codes_changed": done.codes_changed,
        "interviews": done.interviews,
        "passages": done.passages,
        "passages_known": done.passages_known,
        "passages_lost": done.passages_lost,
        "texts_too_long": done.texts_too_long,
    }
    # what the file said is here now: its bytes, with the words of people in them, are kept no longer than that
    change(file, state=ExchangeState.DONE, result=result, content=b"")
    counts = {name: number for name, number in result.items() if isinstance(number, int) and number}
    audit.record("exchange.bring_in", file, actor=actor, changes=counts)
    return result


@transaction.atomic
def exchange_forget(*, file: ExchangeFile, actor: Membership) -> None:
    """Forget a file; what it brought stays."""
    if file.state == ExchangeState.RUNNING and file.job is not None and not file.job.is_over:
        raise ConflictError("This file is on its way. Cancel that first.")
    audit.record("exchange.forget", file, actor=actor)
    file.delete()


def codebook_export(*, workspace: Workspace) -> bytes:
    """Give the codebook for other programs, .qdc."""
    return codebook_file(gather_codebook(name=workspace.name))


def project_export(*, workspace: Workspace) -> bytes:
    """Give the codebook and all that is coded for other programs, .qdpx."""
    return project_file(gather_project(name=workspace.name))
