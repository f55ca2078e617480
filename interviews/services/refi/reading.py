"""Read a REFI-QDA codebook or project, of ours or of another program; nothing is written to disk, nothing looked up."""

import contextlib
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # the same

from core.files import CORRUPT, ZIP, FileError, decode, open_archive, refuse_size
from interviews.services.refi.document import (
    AnswerSpan,
    CodeItem,
    Coder,
    Coding,
    Document,
    GuideItem,
    QuestionItem,
    Source,
)
from interviews.services.refi.naming import (
    ACCOUNT,
    CODEBOOK,
    FACTS,
    GUIDE,
    KINDS,
    ORIGIN,
    PROJECT,
    SETS,
    TIMELINE,
    inward,
    read_guide_name,
)
from interviews.services.refi.positions import settle_positions
from interviews.services.refi.timeline import read_timeline

MOST_XML: Final = 60 * 1024 * 1024
MOST_CODES: Final = 5_000
DEEPEST_FILE: Final = 40
INTERNAL: Final = "internal://"
VALUES: Final = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
MEDIA: Final = {
    "PictureSource": "pictures",
    "PDFSource": "PDF files",
    "AudioSource": "recordings",
    "VideoSource": "films",
}


def read_file(*, name: str, content: bytes) -> Document:
    """Read a .qdc or .qdpx by its first bytes.

    Raises
    ------
    FileError
        When it is neither, broken, encrypted, or made to do harm.
    """
    refuse_size(name=name, size=len(content))
    if not content.startswith(ZIP):
        return _read(name, _root(name, content), None)
    archive = open_archive(name=name, content=content)
    with archive:
        for part in archive.namelist():
            if part.startswith(("/", "\\")) or ".." in part.replace("\\", "/").split("/") or ":" in part.split("/")[0]:
                raise FileError(f"{name} holds a file that would land outside of its folder. It was not opened.")
        found = next((part for part in archive.namelist() if part.lower() == "project.qde"), None)
        if found is None:
            raise FileError(f"{name} is a packed file without a project in it: project.qde is missing.")
        if archive.getinfo(found).file_size > MOST_XML:
            raise FileError(f"{name} holds a project of more than 60 MB. Export it in parts.")
        parts = Parts(name, archive)
        return _read(name, _root(name, parts.content(found)), parts)


class Parts:
    """The files inside a project, by their name in any case of letters."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.archive = archive
        self.known = {part.lower(): part for part in archive.namelist()}

    def content(self, part: str) -> bytes:
        """Give the bytes of a part."""
        try:
            return self.archive.read(part)
        except CORRUPT as error:
            raise FileError(f"{self.name} is corrupt: {part} cannot be unpacked. Export it again.") from error

    def text(self, address: str) -> str | None:
        """Give the text behind an address of the project; None where it lies elsewhere or is missing."""
        if not address.startswith(INTERNAL):
            return None
        part = self.known.get(f"sources/{address.removeprefix(INTERNAL).lstrip('/')}".lower())
        return None if part is None else decode(name=part, content=self.content(part))


def _root(name: str, content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileError(
            f"{name} declares entities or a document type, as harmful files do. It was not read."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise FileError(f"{name} is no well-formed XML. Export it again as REFI-QDA, .qdc or .qdpx.") from error
    return root


def _read(name: str, root: Element, parts: Parts | None) -> Document:
    space = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
    kind = root.tag.rpartition("}")[2]
    if (kind, space) not in {("CodeBook", CODEBOOK), ("CodeBook", PROJECT), ("Project", PROJECT)}:
        raise FileError(f"{name} is XML, and no REFI-QDA codebook or project.")
    for element in root.iter():  # the two formats name the same things alike
        element.tag = element.tag.rpartition("}")[2]
    return Reader(name, root, parts).document()


def _said(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _guid(element: Element, attribute: str = "guid") -> str:
    return (element.get(attribute) or "").strip().strip("{}").lower()


def _moment(element: Element) -> datetime | None:
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(element.get("creationDateTime") or element.get("modifiedDateTime") or "")
        return found if found.tzinfo else None
    return None


class Reader:
    """Reads one file: what it says in order, and what of it is left out."""

    def __init__(self, name: str, root: Element, parts: Parts | None) -> None:
        self.root = root
        self.parts = parts
        self.origin = root.get("origin") or ""
        title = root.get("name") or name
        self.found = Document(name=title, origin=self.origin, is_project=root.tag == "Project")
        self.left_out: dict[str, int] = {}
        self.links = [
            (_guid(link, "originGUID"), _guid(link, "targetGUID"), link.get("name") or "")
            for link in root.iterfind("./Links/Link")
        ]

    def leave_out(self, words: str, number: int = 1) -> None:
        """Count what is not brought in."""
        self.left_out[words] = self.left_out.get(words, 0) + number

    def document(self) -> Document:
        """Read it all."""
        book = self.root if self.root.tag == "CodeBook" else self.root.find("CodeBook")
        codes = book.find("Codes") if book is not None else None
        self.found.codes = self._codes(codes) if codes is not None else []
        if len(self.found.all_codes()) > MOST_CODES:
            raise FileError(f"{self.found.name} holds more than {MOST_CODES:,} codes.")
        if self.found.is_project:
            self.found.coders = [
                Coder(_guid(user), (user.get("name") or "").strip()[:150], (user.get("id") or "").strip())
                for user in self.root.iterfind("./Users/User")
            ]
            self._guides()
            self._sources()
        elif not self.found.codes:
            raise FileError(f"{self.found.name} holds no codes.")
        self.found.left_out = [f"{number} {words}" for words, number in self.left_out.items()]
        return self.found

    # codes

    def _codes(self, codes: Element) -> list[CodeItem]:
        told = self._sets()
        ours = self.origin.startswith(ORIGIN)
        found: list[CodeItem] = []
        for element in codes.iterfind("Code"):
            heading = KINDS.get((element.get("name") or "").strip().casefold(), "")
            if heading and element.get("isCodable") in {"false", "0"}:
                found += [self._code(child, heading, told, 1, ours=ours) for child in element.iterfind("Code")]
            else:
                found.append(self._code(element, "", told, 1, ours=ours))
        return found

    def _code(
        self, element: Element, kind: str, told: dict[str, dict[str, str]], depth: int, *, ours: bool
    ) -> CodeItem:
        if depth > DEEPEST_FILE:
            raise FileError(f"{self.found.name} nests codes more than {DEEPEST_FILE} deep.")
        name = " ".join((element.get("name") or "").split())
        if not name:
            raise FileError(f"{self.found.name} holds a code without a name.")
        item = CodeItem(
            guid=_guid(element),
            name=inward(name, kind) if ours else name[:120],
            kind=kind,
            description=_said(element, "Description"),
            own=element.get("isCodable") not in {"false", "0"},
            children=[self._code(child, kind, told, depth + 1, ours=ours) for child in element.iterfind("Code")],
            **told.get(_guid(element), {}),
        )
        self._fold(item)
        return item

    def _fold(self, item: CodeItem) -> None:
        """Take a category and the code of its name as one: that is how QualCoder keeps a code with codes below it."""
        twin = next((child for child in item.children if child.name == item.name and not child.children), None)
        if item.own or twin is None:
            return
        item.children.remove(twin)
        item.guid, item.own, item.description = twin.guid, True, item.description or twin.description
        item.job, item.channel = item.job or twin.job, item.channel or twin.channel

    def _sets(self) -> dict[str, dict[str, str]]:
        told: dict[str, dict[str, str]] = {}
        for group in self.root.iterfind("./Sets/Set"):
            known = SETS.get(group.get("name") or "")
            if known is None:
                self.leave_out("sets")
                continue
            for member in group.iterfind("MemberCode"):
                told.setdefault(_guid(member, "targetGUID") or _guid(member), {})[known[0]] = known[1]
        return told

    # guides, accounts, timelines

    def _note(self, guid: str) -> tuple[str, str]:
        note = self.notes.get(guid)
        if note is None:
            return "", ""
        text = note.findtext("PlainTextContent")
        if text is None and self.parts is not None:
            text = self.parts.text(note.get("plainTextPath") or "")
        return note.get("name") or "", text or ""

    def _guides(self) -> None:
        self.notes = {_guid(note): note for note in self.root.iterfind("./Notes/Note")}
        guides: dict[tuple[str, int], tuple[str, str]] = {}
        questions: dict[tuple[str, int], list[QuestionItem]] = {}
        used = {target for _, target, _ in self.links}
        for guid in self.notes:
            name, text = self._note(guid)
            parts = read_guide_name(name) if self.origin.startswith(ORIGIN) else None
            if parts is None:
                if guid not in used:
                    self.leave_out("notes")
                continue
            title, number, position, job = parts
            if position is None:
                guides[title, number] = (guid, text)
            else:
                words, _, prompts = text.partition("\n")
                questions.setdefault((title, number), []).append(QuestionItem(guid, position, job, words, prompts))
        self.found.guides = [
            GuideItem(guid, title, number, text, tuple(sorted(asked, key=lambda question: question.position)))
            for (title, number), (guid, text) in guides.items()
            if (asked := questions.get((title, number)))
        ]

    # sources

    def _sources(self) -> None:
        variables = {_guid(row): row.get("name") or "" for row in self.root.iterfind("./Variables/Variable")}
        cases: dict[str, list[Element]] = {}
        for case in self.root.iterfind("./Cases/Case"):
            for reference in case.iterfind("SourceRef"):
                cases.setdefault(_guid(reference, "targetGUID"), []).append(case)
        for element in self.root.iterfind("./Sources/*"):
            if element.tag == "TextSource":
                source = self._source(element, cases.get(_guid(element), []), variables)
                if source is not None:
                    self.found.sources.append(source)
            else:
                self.leave_out(MEDIA.get(element.tag, "sources of another kind"))

    def _source(self, element: Element, cases: Sequence[Element], variables: dict[str, str]) -> Source | None:
        text = element.findtext("PlainTextContent")
        if text is None and self.parts is not None:
            text = self.parts.text(element.get("plainTextPath") or "")
        if text is None:
            self.leave_out("texts that lie outside of the file")
            return None
        selections = list(element.iterfind("PlainTextSelection"))
        text, places = settle_positions(text, [_place(row) for row in selections], origin=self.origin)
        source = Source(guid=_guid(element), name=(element.get("name") or "").strip(), text=text)
        source.memo = _said(element, "Description")
        for holder in [*cases, element]:
            source.facts |= _facts(holder, variables)
        case = next((row.get("name") for row in cases if row.get("name")), None)
        source.facts.setdefault("customer", (case or source.name).strip())
        for selection, place in zip(selections, places, strict=True):
            self._selection(source, selection, place)
        self._linked(source)
        return source

    def _selection(self, source: Source, element: Element, place: tuple[int, int] | None) -> None:
        codings = list(element.iterfind("Coding"))
        if place is None:
            self.leave_out("passages whose place lies outside of their text", len(codings) or 1)
            return
        question = next((_guid(row, "targetGUID") for row in element.iterfind("NoteRef")), "")
        if not codings and any(question == asked.guid for guide in self.found.guides for asked in guide.questions):
            source.answers.append(AnswerSpan(question, *place))
            return
        if not codings:
            self.leave_out("notes on passages")
        for coding in codings:
            reference = coding.find("CodeRef")
            by = _guid(coding, "creatingUser") or _guid(element, "creatingUser") or _guid(element, "modifyingUser")
            code = _guid(reference, "targetGUID") if reference is not None else ""
            source.codings.append(Coding(_guid(coding), *place, code, by, _moment(coding) or _moment(element)))

    def _linked(self, source: Source) -> None:
        for origin, target, name in self.links:
            if origin != source.guid:
                continue
            if name == GUIDE:
                source.guide = target
            elif name == ACCOUNT:
                source.account = self._note(target)[1]
            elif name == TIMELINE:
                source.moments = read_timeline(self._note(target)[1])


def _facts(holder: Element, variables: dict[str, str]) -> dict[str, str]:
    names = {name.casefold(): fact for fact, name, _ in FACTS}
    found = {}
    for value in holder.iterfind("VariableValue"):
        reference = value.find("VariableRef")
        name = variables.get(_guid(reference, "targetGUID"), "") if reference is not None else ""
        said = next((text.strip() for kind in VALUES if (text := value.findtext(kind))), "")
        if said and name.casefold() in names:
            found[names[name.casefold()]] = said
    return found


def _place(selection: Element) -> tuple[int, int, str]:
    try:
        return (
            int(selection.get("startPosition") or ""),
            int(selection.get("endPosition") or ""),
            selection.get("name") or "",
        )
    except ValueError:
        return -1, -1, ""
