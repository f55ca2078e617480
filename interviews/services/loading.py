"""Accounts from a folder of text files: read, split over the six questions, coded and told as a timeline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core.exceptions import ApplicationError
from interviews.choices import Kind
from interviews.models import Code, GuideVersion, Interview
from interviews.services.coding import starter_codebook_add
from interviews.services.guides import guide_ensure_default
from interviews.services.passages import Account, UnreadableAccount, account_read
from interviews.services.reading import Piece
from interviews.services.recording import answers_save, interview_create
from interviews.services.sorting import pieces_place
from interviews.services.story import moments_draft
from interviews.services.suggesting import interview_suggest, suggestions_accept_over

LARGEST_FILE: Final = 2_000_000


@dataclass
class Loaded:
    """What came of a folder: names of files, and why those skipped were."""

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    accepted: int = 0


def interviews_load(
    *,
    folder: Path,
    actor: Membership | None,
    accept_over: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Loaded:
    """Make an interview of each text file that has none yet (known by its name), and look for suggestions in it.

    With `accept_over`, suggestions of that score or more are accepted in the actor's name, and the timelines drafted.
    All are searched before any is accepted, so that the machine does not learn from its own proposals.
    """
    if accept_over is not None and actor is None:
        raise ApplicationError("Name the person in whose name suggestions are accepted.")
    loaded = Loaded()
    version = guide_ensure_default(actor=actor)
    if not Code.objects.filter(kind=Kind.ACTIVITY).exists():
        starter_codebook_add(actor=actor)
    new: list[Interview] = []
    for path in sorted(folder.glob("*.txt")):
        interview = _load_file(path, version, actor, loaded)
        if interview is not None:
            new.append(interview)
            say(f"{path.name}: {interview_suggest(interview=interview, actor=actor)} suggestions")
    if accept_over is not None and actor is not None:
        for interview in new:
            loaded.accepted += suggestions_accept_over(interview=interview, least=accept_over, actor=actor)
            moments_draft(interview=interview, actor=actor)
    return loaded


def _load_file(path: Path, version: GuideVersion, actor: Membership | None, loaded: Loaded) -> Interview | None:
    if Interview.objects.filter(external_id=path.name).exists():
        loaded.unchanged.append(path.name)
        return None
    try:
        account = _read(path)
        interview = account_record(account=account, version=version, external_id=path.name, actor=actor)
    except (UnreadableAccount, ApplicationError) as error:
        loaded.skipped.append((path.name, str(error)))
        return None
    loaded.made.append(path.name)
    return interview


def _read(path: Path) -> Account:
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableAccount("it is larger than 2 MB")
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableAccount("it is not a text in UTF-8") from error
    if "\x00" in source:
        raise UnreadableAccount("it is not a text: it holds zero bytes")
    return account_read(source)


@transaction.atomic
def account_record(*, account: Account, version: GuideVersion, external_id: str, actor: Membership | None) -> Interview:
    """Make an interview of an account: each paragraph under the question that it speaks to, in the order told."""
    interview = interview_create(
        actor=actor,
        customer=account.customer,
        held_on=account.held_on or timezone.localdate(),
        outcome=account.outcome,
        notes=account.notes,
        account=account.text,
        external_id=external_id,
        guide_version=version,
    )
    questions = list(version.questions.all())
    pieces = [Piece(paragraph, "") for paragraph in account.paragraphs]
    texts: dict[int, list[str]] = {}
    for piece, placed in zip(pieces, pieces_place(pieces, questions, tell={""}, named=account.questions), strict=True):
        texts.setdefault(placed.question.position, []).append(piece.text)
    answers_save(interview=interview, texts={key: "\n\n".join(rows) for key, rows in texts.items()}, actor=actor)
    return interview
