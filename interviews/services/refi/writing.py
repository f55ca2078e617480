"""Write a document as a REFI-QDA codebook or project."""

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from core.exceptions import ApplicationError
from interviews.services.refi.document import CodeItem, Document, GuideItem, Source, guid_of
from interviews.services.refi.naming import (
    ACCOUNT,
    CODEBOOK,
    COLOURS,
    FACTS,
    GUIDE,
    ORIGIN,
    PROJECT,
    SETS,
    TIMELINE,
    guide_name,
    outward,
    question_name,
)
from interviews.services.refi.timeline import write_timeline

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {"Text": "TextValue", "Date": "DateValue", "Float": "FloatValue", "Boolean": "BooleanValue"}
_PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file


def _legal(text: str) -> str:
    """Leave out what XML cannot hold, and write line ends as it reads them."""
    return _NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _add(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    made = SubElement(parent, tag, {key: _legal(value) for key, value in attributes.items()})
    if text:
        made.text = _legal(text)
    return made


def _at(moment: datetime | None) -> str:
    return (moment or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def codebook_file(document: Document) -> bytes:
    """Give a codebook, .qdc.

    Raises
    ------
    ApplicationError
        When there is no code: the format has no empty codebook.
    """
    if not document.codes:
        raise ApplicationError("There are no codes to export yet.")
    root = Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    _codes(root, document)
    _sets(root, document, "guid")
    return _xml(root)


def project_file(document: Document) -> bytes:
    """Give a project, .qdpx: a zip with the project and a plain text for each source and note."""
    root = Element("Project", {"xmlns": PROJECT, "name": _legal(document.name), "origin": ORIGIN})
    texts: dict[str, str] = {}
    if document.coders:
        users = SubElement(root, "Users")
        for coder in document.coders:
            _add(users, "User", guid=coder.guid, name=coder.name, **({"id": coder.email} if coder.email else {}))
    if document.codes:
        _codes(SubElement(root, "CodeBook"), document)
    if document.sources:
        _variables(root)
        sources = SubElement(root, "Sources")
        for source in document.sources:
            _source(sources, source)
            texts[source.guid] = source.text
    _notes(root, document, texts)
    _sets(root, document, "targetGUID")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("project.qde", _PACKED_AT), _xml(root), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("Sources/", _PACKED_AT), b"")
        for guid, text in texts.items():
            part = zipfile.ZipInfo(f"Sources/{guid}.txt", _PACKED_AT)
            archive.writestr(part, text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _xml(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _codes(parent: Element, document: Document) -> None:
    """Write the codes below a heading for each kind, which stays a category in programs that know no kinds."""
    codes = SubElement(parent, "Codes")
    names: dict[str, set[str]] = {}
    for item, _ in document.all_codes():
        names.setdefault(item.name.casefold(), set()).add(item.kind)
    shared = {name for name, kinds in names.items() if len(kinds) > 1}
    for kind in dict.fromkeys(item.kind for item in document.codes):
        heading = _add(codes, "Code", guid=guid_of("kind", kind), name=kind.capitalize(), isCodable="false")
        for item in document.codes:
            if item.kind == kind:
                _code(heading, item, shared)


def _code(parent: Element, item: CodeItem, shared: set[str]) -> None:
    name = outward(item.name, item.kind, shared=item.name.casefold() in shared)
    made = _add(parent, "Code", guid=item.guid, name=name, isCodable="true", color=COLOURS[item.kind])
    if item.description:
        _add(made, "Description", item.description)
    for child in item.children:
        _code(made, child, shared)


def _sets(root: Element, document: Document, reference: str) -> None:
    """Write jobs and channels as sets of codes."""
    members = {
        name: [item.guid for item, _ in document.all_codes() if getattr(item, fact) == value]
        for name, (fact, value) in SETS.items()
    }
    if not any(members.values()):
        return
    sets = SubElement(root, "Sets")
    for name, guids in members.items():
        if guids:
            made = _add(sets, "Set", guid=guid_of("set", name), name=name)
            for guid in guids:
                SubElement(made, "MemberCode", {reference: guid})


def _variables(root: Element) -> None:
    variables = SubElement(root, "Variables")
    for fact, name, kind in FACTS:
        _add(variables, "Variable", guid=guid_of("variable", fact), name=name, typeOfVariable=kind)


def _source(parent: Element, source: Source) -> None:
    made = _add(
        parent,
        "TextSource",
        guid=source.guid,
        name=source.name,
        plainTextPath=f"internal://{source.guid}.txt",
        creationDateTime=_at(None),
    )
    if source.memo:
        _add(made, "Description", source.memo)
    for span in source.answers:
        told = _selection(made, source, guid_of(source.guid, span.question), span.start, span.end, _at(None))
        SubElement(told, "NoteRef", {"targetGUID": span.question})
    for coding in source.codings:
        place = _selection(made, source, guid_of("selection", coding.guid), coding.start, coding.end, _at(coding.at))
        by = {"creatingUser": coding.coder} if coding.coder else {}
        if by:
            place.set("creatingUser", coding.coder)
        given = _add(place, "Coding", guid=coding.guid, creationDateTime=_at(coding.at), **by)
        SubElement(given, "CodeRef", {"targetGUID": coding.code})
    for fact, _, kind in FACTS:
        value = source.facts.get(fact, "")
        if value:
            holder = SubElement(made, "VariableValue")
            SubElement(holder, "VariableRef", {"targetGUID": guid_of("variable", fact)})
            _add(holder, _TYPES[kind], value)


def _selection(parent: Element, source: Source, guid: str, start: int, end: int, at: str) -> Element:
    return _add(
        parent,
        "PlainTextSelection",
        guid=guid,
        name=source.text[start:end],
        startPosition=str(start),
        endPosition=str(end),
        creationDateTime=at,
    )


def _notes(root: Element, document: Document, texts: dict[str, str]) -> None:
    """Write guides, accounts and timelines as notes, and which source they belong to as links."""
    found: list[tuple[str, str, str]] = []
    links: list[tuple[str, str, str]] = []
    for guide in document.guides:
        found += _guide_notes(guide)
    for source in document.sources:
        if source.guide:
            links.append((source.guid, source.guide, GUIDE))
        for name, text in ((ACCOUNT, source.account), (TIMELINE, write_timeline(source.moments))):
            if text:
                guid = guid_of(source.guid, name)
                found.append((guid, f"{source.name}: {name}", text))
                links.append((source.guid, guid, name))
    if not found:
        return
    notes = SubElement(root, "Notes")
    for guid, name, text in found:
        path = f"internal://{guid}.txt"
        _add(notes, "Note", guid=guid, name=name, plainTextPath=path, creationDateTime=_at(None))
        texts[guid] = text
    if links:
        holder = SubElement(root, "Links")
        for origin, target, name in links:
            guid = guid_of("link", origin, target)
            _add(holder, "Link", guid=guid, name=name, direction="OneWay", originGUID=origin, targetGUID=target)


def _guide_notes(guide: GuideItem) -> Iterable[tuple[str, str, str]]:
    yield guide.guid, guide_name(guide.title, guide.number), guide.introduction
    for question in guide.questions:
        name = question_name(guide.title, guide.number, question.position, question.job)
        yield question.guid, name, f"{question.text}\n{question.prompts}"
