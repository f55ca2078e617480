"""Gather a workspace's codebook and coding into a document for other programs."""

from collections import defaultdict
from collections.abc import Iterable

from core.files import ODD_BYTES
from interviews.choices import Kind
from interviews.models import BETWEEN_NAMES, Answer, Code, Excerpt, GuideVersion, Interview
from interviews.services.refi.document import (
    AnswerSpan,
    CodeItem,
    Coder,
    Coding,
    Document,
    GuideItem,
    MomentItem,
    QuestionItem,
    Source,
    guid_of,
)

BROUGHT = "refi:"  # begins the external id of an interview that came from another program without one
_ODD = dict.fromkeys(ODD_BYTES, "\ufffd")  # what makes a text look like binary data; as long, so that places stay


def gather_codebook(*, name: str) -> Document:
    """Give the codes as they belong together. One query."""
    return Document(name=name, codes=_codes(), is_project=False)


def gather_project(*, name: str) -> Document:
    """Give codes, coders, guides and interviews with all that is coded. A constant number of queries."""
    interviews = list(
        Interview.objects.select_related("segment", "guide_version__guide")
        .prefetch_related("guide_version__questions", "answers__question", "moments__code", "moments__excerpt")
        .order_by("held_on", "pk")
    )
    excerpts = Excerpt.objects.select_related("coded_by__user").prefetch_related("also_coded__coder__user")
    coded: dict[int, list[Excerpt]] = defaultdict(list)
    for excerpt in excerpts.order_by("start", "end", "code__kind", "code__name", "pk"):
        coded[excerpt.answer_id].append(excerpt)
    versions = {row.guide_version_id: row.guide_version for row in interviews}
    coders: dict[str, Coder] = {}
    sources = [_source(row, coded, coders) for row in interviews]
    return Document(
        name=name,
        codes=_codes(),
        coders=sorted(coders.values(), key=lambda coder: (coder.name, coder.guid)),
        guides=[_guide(version) for _, version in sorted(versions.items())],
        sources=sources,
    )


def code_guid(pk: int) -> str:
    """Give the id of a code in files."""
    return guid_of("code", pk)


def source_guid(interview: Interview) -> str:
    """Give the id of an interview in files: the one that it came with, where it came from one."""
    if interview.external_id.startswith(BROUGHT):
        return interview.external_id.removeprefix(BROUGHT)
    return guid_of("interview", interview.pk)


def question_guid(pk: int) -> str:
    """Give the id of a question in files."""
    return guid_of("question", pk)


def _codes() -> list[CodeItem]:
    order = {value: place for place, value in enumerate(Kind.values)}
    rows = sorted(Code.objects.all(), key=lambda row: (order[row.kind], row.name.lower(), row.pk))
    items = {
        row.pk: CodeItem(
            guid=code_guid(row.pk),
            name=row.name,
            kind=row.kind,
            job=row.job,
            channel=row.channel,
            description=row.description,
        )
        for row in rows
    }
    for row in rows:
        if row.parent_id in items:
            items[row.parent_id].children.append(items[row.pk])
    return [items[row.pk] for row in rows if row.parent_id not in items]


def _guide(version: GuideVersion) -> GuideItem:
    questions = tuple(
        QuestionItem(question_guid(row.pk), row.position, row.job, row.text, row.prompts)
        for row in version.questions.all()
    )
    guid = guid_of("guide", version.pk)
    return GuideItem(guid, version.guide.title, version.number, version.introduction, questions)


def _source(interview: Interview, coded: dict[int, list[Excerpt]], coders: dict[str, Coder]) -> Source:
    source = Source(
        guid=source_guid(interview),
        name=str(interview),
        text="",
        facts=_facts(interview),
        memo=interview.notes,
        account=interview.account.translate(_ODD),
        guide=guid_of("guide", interview.guide_version_id),
    )
    places: dict[int, tuple[int, int]] = {}
    for answer in sorted(interview.answers.all(), key=lambda row: row.question.position):
        if not answer.text:
            continue
        begins = _append(source, answer)
        source.answers.append(AnswerSpan(question_guid(answer.question_id), begins, len(source.text)))
        for excerpt in coded[answer.pk]:
            places[excerpt.pk] = (begins + excerpt.start, begins + excerpt.end)
            source.codings += _codings(excerpt, places[excerpt.pk], coders)
        source.text += "\n\n"
    for moment in interview.moments.all():
        source.moments.append(
            MomentItem(
                activity=moment.code.name,
                day=moment.happened_on.isoformat() if moment.happened_on else "",
                span=places.get(moment.excerpt_id or 0),
                together=moment.together,
                place_words=" ".join(moment.place_words.split()),
                date_words=" ".join(moment.date_words.split()),
            )
        )
    return source


def _append(source: Source, answer: Answer) -> int:
    """Write an answer below its question; give where it begins."""
    source.text += f"{answer.question.position}. {answer.question.text}\n".translate(_ODD)
    begins = len(source.text)
    source.text += answer.text.translate(_ODD)
    return begins


def _facts(interview: Interview) -> dict[str, str]:
    known = {
        "customer": interview.customer,
        "role": interview.role,
        "segment": interview.segment.name if interview.segment else "",
        "held_on": interview.held_on.isoformat(),
        "outcome": interview.get_outcome_display(),
        "weight": f"{interview.weight:.2f}",
        "consent": "true" if interview.consent else "false",
        "external_id": "" if interview.external_id.startswith(BROUGHT) else interview.external_id,
    }
    return {name: value for name, value in known.items() if value}


def _codings(excerpt: Excerpt, place: tuple[int, int], coders: dict[str, Coder]) -> Iterable[Coding]:
    """Give a coding for each person who gave these words this code."""
    people = [excerpt.coded_by, *(also.coder for also in excerpt.also_coded.all())]
    names = [str(person.user) for person in people if person is not None]
    names += excerpt.coder_name.split(BETWEEN_NAMES) if excerpt.coder_name else []
    for name in dict.fromkeys(names or [""]):
        coder = guid_of("coder", name) if name else ""
        if coder:
            coders.setdefault(coder, Coder(coder, name))
        yield Coding(guid_of("coding", excerpt.pk, name), *place, code_guid(excerpt.code_id), coder, excerpt.created_at)
