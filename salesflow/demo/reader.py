"""Reads the demo workspace from its TOML files and refuses what does not fit together, with a sentence that says where.

The files hold words (a code's name, a person's e-mail), never keys of a database, and days counted back from today, so
that the demo is always of this week. Reading writes nothing: services take what is read from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from salesflow.demo.table import Table, open_table, refuse_twice, refuse_unknown

FOLDER = Path(__file__).resolve().parent

ROLES = ("designer", "manager", "rep", "admin")
KINDS = ("activity", "role", "information", "channel", "obstacle", "evidence")
JOBS = ("recognise", "mobilise", "solve", "align", "learn", "commit")
CHANNELS = ("online", "traditional", "partner", "sales")
OUTCOMES = ("won", "lost", "no_decision", "open")
ACTORS = ("marketing", "sales", "partner", "internal")
PURPOSES = ("facilitates", "independent")
WORDS = ("confirmed", "observed", "reported")
SCENARIOS = ("aligned", "ahead", "behind", "circling", "silent", "fresh", "closing")
QUESTIONS = 6


@dataclass(frozen=True, slots=True)
class Segment:
    key: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Person:
    """`sign_in` marks the three whose sign-in is printed when the demo starts."""

    name: str
    email: str
    role: str
    title: str
    sign_in: bool


@dataclass(frozen=True, slots=True)
class Team:
    """Manager and members by e-mail."""

    name: str
    manager: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    slug: str
    currency: str
    about: str
    segments: tuple[Segment, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """`job` is filled for activities alone, `channel` for information needs and channels; otherwise they are empty."""

    kind: str
    name: str
    description: str
    job: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    question: int
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`start` and `end` are offsets into the answer's text: `text[start:end] == quote`."""

    question: int
    quote: str
    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Moment:
    """`happened_days_before` counts days before the interview, None where the customer did not remember."""

    activity: str
    happened_days_before: int | None


@dataclass(frozen=True, slots=True)
class Interview:
    """`role` is the name of a role code, `segment` a segment's key; moments stand in the order of what happened."""

    number: int
    customer: str
    person: str
    title: str
    role: str
    segment: str
    held_days_ago: int
    outcome: str
    weight: float
    notes: str
    answers: tuple[Answer, ...]
    excerpts: tuple[Excerpt, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class OwnActivity:
    """`beside` is the customer activity that ours facilitates, or the one whose stage an independent one belongs to.

    `channels` are named where who does it does not say how it reaches the customer.
    """

    actor: str
    name: str
    description: str
    purpose: str
    beside: str
    skills: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessAdditions:
    """`stage_names` maps a customer activity to the name for the stage that it lives in, `skills` names to words."""

    name: str
    not_relevant: tuple[str, ...]
    stage_names: dict[str, str]
    activities: tuple[OwnActivity, ...]
    skills: dict[str, str]


@dataclass(frozen=True, slots=True)
class Signal:
    activity: str
    days_ago: int
    word: str


@dataclass(frozen=True, slots=True)
class StageMove:
    """We logged the stage that the customer activity `near` lives in."""

    near: str
    days_ago: int
    note: str


@dataclass(frozen=True, slots=True)
class Effort:
    """`activity` is the name of one of our own."""

    activity: str
    days_ago: int


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    role: str
    engaged: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """Events are in order of time, oldest first; `closed_days_ago` is None while the deal is open."""

    account: str
    name: str
    amount: int
    currency: str
    segment: str
    owner: str
    opened_days_ago: int
    closed_days_ago: int | None
    outcome: str
    scenario: str
    note: str
    signals: tuple[Signal, ...]
    stages: tuple[StageMove, ...]
    efforts: tuple[Effort, ...]
    contacts: tuple[Contact, ...]


def read_company(folder: Path = FOLDER) -> Company:
    """Read the workspace, its segments, teams and people."""
    file = open_table(folder / "company.toml")
    workspace = Table("company.toml, workspace", file.fields.get("workspace", {}))
    people = tuple(
        Person(row.text("name"), row.text("email"), row.one_of("role", ROLES), row.text("title"), row.truth("sign_in"))
        for row in file.tables("people")
    )
    emails = [person.email for person in people]
    refuse_twice(emails, "company.toml names a person twice")
    teams = []
    for row in file.tables("teams"):
        team = Team(row.text("name"), row.one_of("manager", emails), row.texts("members"))
        refuse_unknown(team.members, emails, f"{row.place} has a member who is not among the people")
        teams.append(team)
    segments = tuple(
        Segment(row.text("key"), row.text("name"), row.text("description")) for row in file.tables("segments")
    )
    refuse_twice([segment.key for segment in segments], "company.toml names a segment twice")
    return Company(
        workspace.text("name"),
        workspace.text("slug"),
        workspace.text("currency"),
        workspace.text("about"),
        segments,
        tuple(teams),
        people,
    )


def read_codebook(folder: Path = FOLDER) -> tuple[Code, ...]:
    """Read the codes; activities stand in their most usual order."""
    codes = tuple(_code(row) for row in open_table(folder / "codebook.toml").tables("codes"))
    refuse_twice([code.name for code in codes], "codebook.toml names a code twice")
    return codes


def read_interviews(folder: Path = FOLDER) -> tuple[Interview, ...]:
    """Read all interviews in the order of their numbers, each excerpt with its place in its answer."""
    codes, company = read_codebook(folder), read_company(folder)
    files = sorted((folder / "interviews").glob("*.toml"))
    if not files:
        raise ValueError(f"There are no interviews in {folder / 'interviews'}.")
    return tuple(_interview(open_table(path), int(path.name[:2]), codes, company) for path in files)


def read_process(folder: Path = FOLDER) -> ProcessAdditions:
    """Read what we add to the process that is derived from the interviews."""
    told = _names(read_codebook(folder), "activity")
    file = open_table(folder / "process.toml")
    names = file.fields.get("stage_names", {})
    refuse_unknown(names, told, "process.toml names a stage by an unknown activity")
    not_relevant = file.texts("not_relevant")
    refuse_unknown(not_relevant, told, "process.toml calls an unknown activity not relevant")
    skills = {row.text("name"): row.text("description") for row in file.tables("skills")}
    activities = []
    for row in file.tables("activities"):
        purpose = row.one_of("purpose", PURPOSES)
        beside = row.one_of("facilitates" if purpose == "facilitates" else "near", told)
        actor, taken, channels = row.one_of("actor", ACTORS), row.texts("skills"), row.texts("channels")
        refuse_unknown(taken, skills, "process.toml names an unknown skill")
        refuse_unknown(channels, CHANNELS, "process.toml names an unknown channel")
        words = (row.text("name"), row.text("description"))
        activities.append(OwnActivity(actor, *words, purpose, beside, taken, channels))
    refuse_twice([activity.name for activity in activities], "process.toml names an activity twice")
    return ProcessAdditions(file.text("name"), not_relevant, dict(names), tuple(activities), skills)


def read_deals(folder: Path = FOLDER) -> tuple[Deal, ...]:
    """Read the deals, each checked against the company, the codebook and our own activities."""
    codes, company = read_codebook(folder), read_company(folder)
    own = [activity.name for activity in read_process(folder).activities]
    deals = tuple(_deal(row, codes, company, own) for row in open_table(folder / "deals.toml").tables("deals"))
    refuse_twice([f"{deal.account}: {deal.name}" for deal in deals], "deals.toml has a deal twice")
    return deals


def _names(codes: Iterable[Code], kind: str) -> list[str]:
    return [code.name for code in codes if code.kind == kind]


def _code(row: Table) -> Code:
    kind = row.one_of("kind", KINDS)
    job = row.one_of("job", JOBS) if kind == "activity" else ""
    channel = row.one_of("channel", CHANNELS) if kind in {"information", "channel"} else ""
    return Code(kind, row.text("name"), row.text("description"), job, channel)


def _interview(file: Table, number: int, codes: tuple[Code, ...], company: Company) -> Interview:
    answers = {row.whole("question"): row.text("text") for row in file.tables("answers")}
    if sorted(answers) != list(range(1, QUESTIONS + 1)):
        raise ValueError(f"{file.place} needs one answer to each of the {QUESTIONS} questions.")
    names = [code.name for code in codes]
    return Interview(
        number=number,
        customer=file.text("customer"),
        person=file.text("person"),
        title=file.text("title"),
        role=file.one_of("role", _names(codes, "role")),
        segment=file.one_of("segment", [segment.key for segment in company.segments]),
        held_days_ago=file.whole("held_days_ago"),
        outcome=file.one_of("outcome", OUTCOMES),
        weight=float(file.whole("weight")),
        notes=file.text("notes", ""),
        answers=tuple(Answer(question, text) for question, text in sorted(answers.items())),
        excerpts=tuple(_excerpt(row, answers, names) for row in file.tables("excerpts")),
        moments=tuple(
            Moment(row.one_of("activity", _names(codes, "activity")), row.whole_or_none("happened_days_before"))
            for row in file.tables("moments")
        ),
    )


def _excerpt(row: Table, answers: dict[int, str], names: list[str]) -> Excerpt:
    question, quote = row.whole("question"), row.text("quote")
    found = answers.get(question, "").count(quote)
    if found != 1:
        raise ValueError(f"{row.place} is found {found} times in the answer to question {question}: {quote!r}.")
    start = answers[question].index(quote)
    return Excerpt(question, quote, row.one_of("code", names), start, start + len(quote))


def _deal(row: Table, codes: tuple[Code, ...], company: Company, own: list[str]) -> Deal:
    activities = _names(codes, "activity")
    deal = Deal(
        account=row.text("account"),
        name=row.text("name"),
        amount=row.whole("amount"),
        currency=row.text("currency"),
        segment=row.one_of("segment", [segment.key for segment in company.segments]),
        owner=row.one_of("owner", [person.email for person in company.people if person.role == "rep"]),
        opened_days_ago=row.whole("opened_days_ago"),
        closed_days_ago=row.whole_or_none("closed_days_ago"),
        outcome=row.one_of("outcome", OUTCOMES),
        scenario=row.one_of("scenario", SCENARIOS),
        note=row.text("note", ""),
        signals=tuple(
            Signal(event.one_of("activity", activities), event.whole("days_ago"), event.one_of("word", WORDS))
            for event in row.tables("signals", needed=False)
        ),
        stages=tuple(
            StageMove(event.one_of("near", activities), event.whole("days_ago"), event.text("note", ""))
            for event in row.tables("stages")
        ),
        efforts=tuple(
            Effort(event.one_of("activity", own), event.whole("days_ago"))
            for event in row.tables("efforts", needed=False)
        ),
        contacts=tuple(
            Contact(who.text("name"), who.one_of("role", _names(codes, "role")), who.truth("engaged"))
            for who in row.tables("contacts", needed=False)
        ),
    )
    _refuse_impossible_times(deal)
    return deal


def _refuse_impossible_times(deal: Deal) -> None:
    title = f"The deal {deal.account}: {deal.name}"
    if (deal.closed_days_ago is None) != (deal.outcome == "open"):
        raise ValueError(f"{title} needs 'closed_days_ago' exactly if it is closed.")
    last = deal.closed_days_ago or 0
    if last > deal.opened_days_ago:
        raise ValueError(f"{title} was closed before it was opened.")
    for word, events in (("signals", deal.signals), ("stages", deal.stages), ("efforts", deal.efforts)):
        days = [event.days_ago for event in events]
        if days != sorted(days, reverse=True):
            raise ValueError(f"{title} has {word} that are not in order of time.")
        if days and not last <= days[-1] <= days[0] <= deal.opened_days_ago:
            raise ValueError(f"{title} has {word} outside the time in which it was open.")
