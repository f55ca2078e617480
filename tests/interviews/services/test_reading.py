"""Files become turns: text, Word documents, subtitles; and those that cannot are named with the reason."""

import io
import zipfile

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from core.files import MAX_BYTES, FileError
from interviews.services.reading import ASKED, Turn, cut, is_table, read_talk, tellers
from interviews.services.reading.talk import Mark

VTT = """WEBVTT

NOTE made by a recorder

1
00:00:01.000 --> 00:00:04.000
<v Ida Sand>How did you come to see that something had to change?

00:00:05.500 --> 00:00:09.000
<v Tom Berg>Our pumps failed &amp; failed again.

00:00:09.000 --> 00:00:12.250
<v Tom Berg>Then the insurer wrote to us.
"""
SRT = """1
00:00:01,000 --> 00:00:04,000
Interviewer: What happened first?

2
00:00:05,000 --> 00:00:08,000
Tom: The <i>pumps</i> failed.

3
00:01:00,000 --> 00:01:02,000
They failed again.
"""
TALK = """Ida Sand  0:03
How did it begin?

Tom Berg  1:02:07
The pumps failed.
They failed again.

Note: this was loud.
Ida Sand  1:03:00
And then?
"""
PLAIN = """Ida: How did it begin?
Tom: The pumps failed: twice.

The insurer wrote to us.
Ida: And then?
Tom: We looked around.
"""


def talk(text, name="a.txt", **options):
    return read_talk(name=name, content=text.encode(), **options)


def said(found):
    return [(turn.speaker, turn.text) for turn in found.turns]


def document(build) -> bytes:
    made, buffer = Document(), io.BytesIO()
    build(made)
    made.save(buffer)
    return buffer.getvalue()


def archive(**parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def test_vtt_keeps_speakers_and_times():
    found = talk(VTT, "Harbour_Mills-2026-03-02 interview.vtt")
    assert said(found) == [
        ("Ida Sand", "How did you come to see that something had to change?"),
        ("Tom Berg", "Our pumps failed & failed again. Then the insurer wrote to us."),
    ]
    assert found.turns[1].marks == (Mark(0, 5_500, 9_000), Mark(33, 9_000, 12_250))
    assert found.facts == {"customer": "Harbour Mills", "held_on": "2026-03-02"}


def test_srt_takes_speakers_from_labels_and_goes_on_with_the_last():
    more = SRT + "\n4\n00:02:00,000 --> 00:02:03,000\nTom: Then the insurer wrote.\n"
    assert said(talk(more, "a.srt")) == [
        ("Interviewer", "What happened first?"),
        ("Tom", "The pumps failed. They failed again. Then the insurer wrote."),
    ]


def test_lines_that_roll_over_are_read_once():
    rolling = "WEBVTT\n\n00:01.000 --> 00:02.000\nthe pumps\n\n00:02.000 --> 00:03.000\nthe pumps\nfailed again.\n"
    assert said(talk(rolling, "a.vtt")) == [("", "the pumps failed again.")]


def test_speakers_on_lines_of_their_own_with_times():
    found = talk(TALK)
    assert said(found)[:2] == [("Ida Sand", "How did it begin?"), ("Tom Berg", "The pumps failed. They failed again.")]
    assert found.turns[1].marks == (Mark(0, 3_727_000),)
    assert ("Tom Berg", "Note: this was loud.") in said(found)


def test_labels_at_the_start_of_lines():
    assert said(talk(PLAIN)) == [
        ("Ida", "How did it begin?"),
        ("Tom", "The pumps failed: twice."),
        ("Tom", "The insurer wrote to us."),
        ("Ida", "And then?"),
        ("Tom", "We looked around."),
    ]


def test_text_without_speakers_is_paragraphs_with_the_questions_between():
    text = "1. How did it begin?\nThe pumps failed every single week.\n\n## What then?\n\nWe looked around for help.\n"
    assert said(talk(text, questions=["How did it begin?"])) == [
        (ASKED, "How did it begin?"),
        ("", "The pumps failed every single week."),
        (ASKED, "What then?"),
        ("", "We looked around for help."),
    ]


def test_header_gives_the_facts_and_its_faults_are_named():
    header = "Customer: Quay Mill\nRole: buyer\nOutcome: lost\nQuestions: 1,6\nDate: 2026-02-01"
    text = f"{header}\n\nThe pumps failed every week.\n"
    found = talk(text)
    assert found.facts == {"customer": "Quay Mill", "role": "buyer", "outcome": "lost", "held_on": "2026-02-01"}
    assert found.questions == {1, 6}
    with pytest.raises(FileError, match=r"a\.txt: “bought” is no outcome"):
        talk(text.replace("lost", "bought"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding):
    content = "Der Prüfer kam im März und ging wieder.".encode(encoding)
    assert read_talk(name="a.txt", content=content).turns[0].text == "Der Prüfer kam im März und ging wieder."


def test_document_with_a_table_of_speakers():
    def build(made):
        made.add_heading("How did it begin?", level=2)
        table = made.add_table(rows=0, cols=2)
        for row in (("Ida", "How did it begin?"), ("Tom", "The pumps failed."), ("Ida", "And?"), ("Tom", "Again.")):
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text

    found = read_talk(name="a.docx", content=document(build))
    assert said(found)[-2:] == [("Ida", "And?"), ("Tom", "Again.")]


def test_document_reads_what_was_inserted_and_leaves_out_what_was_deleted():
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def build(made):
        words = made.add_paragraph("The pumps failed ")._p
        words.append(parse_xml(f"<w:ins {space}><w:r><w:t>every week</w:t></w:r></w:ins>"))
        words.append(parse_xml(f"<w:del {space}><w:r><w:delText>once a year</w:delText></w:r></w:del>"))

    assert said(read_talk(name="a.docx", content=document(build))) == [("", "The pumps failed every week")]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "a.txt is empty"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "larger than 25 MB"),
        ("a.txt", b" \n\n ", "no words"),
        ("a.txt", b"\x00\x01\x02words", "binary data"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is a PDF"),
        ("a.mp4", b"\x00\x00\x00 ftypisom", "a recording"),
        ("a.docx", OLE + b"x" * 99, "an old Word or Excel file"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx is encrypted"),
        ("a.docx", b"PK\x03\x04rest", "a.docx is corrupt"),
        ("a.docx", b"plain words", "not what its name says"),
        ("a.docx", archive(hello=b"x"), "packed archive or a broken document"),
        ("a.odt", archive(mimetype=b"application/vnd.oasis"), "OpenDocument"),
        ("a.docx", archive(word__document_xml=b"<broken"), "corrupt or not a Word document"),
        ("a.docx", archive(word__document_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "document type"),
        ("a.docx", archive(word__document_xml=b" " * 60_000_000), "unpacks to far more"),
        ("a.json", b"{}", "of a kind that is not read here"),
        ("a.vtt", b"Hello there", "begin with WEBVTT"),
        ("a.vtt", b"WEBVTT\n\n", "no spoken words"),
        ("a.srt", b"Hello there", "no .srt file"),
    ],
)
def test_file_that_cannot_be_read_says_which_and_why(name, content, words):
    with pytest.raises(FileError, match=words) as caught:
        is_table(name=name, content=content) or read_talk(name=name, content=content)
    assert caught.value.message.startswith(name)


def test_tables_are_known():
    assert is_table(name="a.csv", content=b"id,name\n1,Ann\n")
    assert is_table(name="a.xlsx", content=archive(xl__workbook_xml=b"<a/>"))


@pytest.mark.parametrize(
    ("turns", "told_by"),
    [
        ([("Interviewer", "Hm."), ("Tom", "Why? Well?")], {"Tom"}),
        ([("Ida", "Well."), ("Customer", "Why?")], {"Customer"}),
        ([("Ida", "Why? And?"), ("Tom", "Because."), ("Ida", "So?"), ("Eve", "Yes.")], {"Tom", "Eve"}),
        ([("Ida", "Because."), ("Tom", "Yes.")], {"Ida", "Tom"}),
        ([("", "Because.")], {""}),
    ],
)
def test_who_tells(turns, told_by):
    found = tellers(Turn(text, speaker) for speaker, text in turns)
    assert {name for name, (_, tells) in found.items() if tells} == told_by


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_cutting_keeps_every_sentence_in_order(lengths):
    text = " ".join(" ".join(["Word", *["word"] * (length - 1)]) + "." for length in lengths)
    pieces = cut(Turn(text, "Tom", (Mark(0, 10, 20),)))
    assert " ".join(piece.text for piece in pieces) == text
    assert all(piece.speaker == "Tom" and piece.starts_ms == 10 for piece in pieces)
    assert all(len(piece.text.split()) <= 110 for piece in pieces)
