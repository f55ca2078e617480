"""Word documents: their paragraphs and tables as lines of text."""

import io
from collections.abc import Iterator
from typing import Any, Final

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table

from core.files import CORRUPT, FileError, open_archive

MAIN_PART: Final = "word/document.xml"
FEWEST_CELLS: Final = 2
_TEXT, _TAB, _BREAKS = qn("w:t"), qn("w:tab"), (qn("w:br"), qn("w:cr"))
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_document(*, name: str, content: bytes) -> str:
    """Give the text of a .docx: a blank line between paragraphs, headings as “# …”, rows of a table as “cell: cell”.

    What is deleted with changes tracked is left out, what is inserted is read.

    Raises
    ------
    FileError
        When it is corrupt, or unpacks to too much.
    """
    corrupt = f"{name} is corrupt or not a Word document. Open it in Word and save it again."
    with open_archive(name=name, content=content) as archive:
        try:
            if b"<!DOCTYPE" in archive.read(MAIN_PART):
                raise FileError(f"{name} carries a document type, which no Word document does. It was not opened.")
            return "\n\n".join(_blocks(Document(io.BytesIO(content))))
        except (OpcError, *CORRUPT) as error:
            raise FileError(corrupt) from error


def _blocks(document: Any) -> Iterator[str]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = [text for text in dict.fromkeys(_cell(cell) for cell in row.cells) if text]
                yield ": ".join([" ".join(cells[:-1]), cells[-1]]) if len(cells) >= FEWEST_CELLS else "".join(cells)
        else:
            text = _words(block._p)  # noqa: SLF001  python-docx's own text leaves out what was inserted by tracked changes
            style = (block.style.name or "") if block.style is not None else ""
            yield f"# {text}" if text and style.startswith(("Heading", "Title")) else text


def _cell(cell: Any) -> str:
    return " ".join(_words(paragraph._p) for paragraph in cell.paragraphs).strip()  # noqa: SLF001  as above


def _words(element: Any) -> str:
    parts: list[str] = []
    for node in element.iter():
        if node.tag == _TEXT and not any(above.tag == _FALLBACK for above in node.iterancestors()):
            parts.append(node.text or "")
        elif node.tag == _TAB:
            parts.append("\t")
        elif node.tag in _BREAKS:
            parts.append("\n")
    return "".join(parts).strip()
