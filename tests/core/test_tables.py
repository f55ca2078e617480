import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from core.tables import FileError, read_headers, read_rows


def workbook(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def changed(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Give a workbook with other words in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if part in item.filename:
                assert old in content, content
                content = content.replace(old, new)
            target.writestr(item, content)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_of_csv_with_each_delimiter(delimiter):
    content = f"id{delimiter}name\n1{delimiter}Ann\n\n2{delimiter}Bob\n".encode()
    assert read_headers(name="a.csv", content=content) == (["id", "name"], 2)
    assert list(read_rows(name="a.csv", content=content)) == [
        (2, {"id": "1", "name": "Ann"}),
        (4, {"id": "2", "name": "Bob"}),
    ]


def test_rows_of_csv_with_mark_and_umlauts():
    assert read_headers(name="a.csv", content="\ufeffid;Straße\n1;Öl".encode())[0] == ["id", "Straße"]
    assert read_headers(name="a.csv", content="id;Straße\n1;Öl".encode("cp1252"))[0] == ["id", "Straße"]


def test_zero_bytes_far_down_are_refused_too():
    content = b"id,name\n" + b"1,Ann\n" * 20_000 + b"2,\x00\n"
    with pytest.raises(FileError, match="binary data"):
        read_headers(name="a.csv", content=content)


def test_workbook_with_a_broken_sheet_is_refused():
    whole, broken = io.BytesIO(workbook(["id"], [1])), io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            target.writestr(item, content[: len(content) // 2] if "sheet1" in item.filename else content)
    with pytest.raises(FileError, match="corrupt"):
        read_headers(name="a.xlsx", content=broken.getvalue())


def test_utf_16_with_zero_bytes_is_refused():
    with pytest.raises(FileError, match="binary data"):
        read_headers(name="a.csv", content="id,name\n1,A\x00nn\n".encode("utf-16"))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("styles", b'<fills count="2">', b'<fills count="3"><fill/>'),
        ("sheet1", b't="inlineStr"><is><t>id</t></is>', b't="s"><v>99</v>'),
    ],
    ids=["odd style", "text out of range"],
)
def test_workbook_that_another_program_wrote_oddly_is_refused(part, old, new):
    with pytest.raises(FileError, match="corrupt or not a workbook"):
        read_headers(name="a.xlsx", content=changed(workbook(["id"], [1]), part, old, new))


def test_rows_of_csv_shorter_than_headers():
    assert list(read_rows(name="a.csv", content=b"id,name\n1\n")) == [(2, {"id": "1", "name": ""})]


def test_rows_of_xlsx_with_dates_and_numbers():
    content = workbook(["id", "opened", "amount"], [7, date(2026, 3, 1), 12.0], [8, None, 12.5])
    assert read_headers(name="a.xlsx", content=content) == (["id", "opened", "amount"], 2)
    assert list(read_rows(name="a.xlsx", content=content)) == [
        (2, {"id": "7", "opened": "2026-03-01", "amount": "12"}),
        (3, {"id": "8", "opened": "", "amount": "12.5"}),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "a.csv is empty."),
        (b"\n\n", "a.csv is empty: its first row should name the columns."),
        (b"id,name\n", "a.csv has column names and no rows below them."),
        (b"id,id\n1,2\n", "a.csv has more than one column named “id”. Give each its own name."),
        (b"id\x00\x01", "a.csv holds binary data where text should be. Save it as text, in UTF-8."),
        (b"PK\x03\x04junk", "a.csv is corrupt: it breaks off or was changed on its way. Save it again."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
            "a.csv is an old .xls workbook. Save it as .xlsx without a password, or as CSV.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.csv is encrypted. Save it as .xlsx without a password, or as CSV.",
        ),
        (b"%PDF-1.7", "a.csv is a PDF, not a table. Save the table as CSV or XLSX."),
        (
            b"x" * (25 * 1024 * 1024 + 1),
            "a.csv is larger than 25 MB. Split it and bring the parts in one after the other.",
        ),
    ],
)
def test_file_that_cannot_be_read(content, sentence):
    with pytest.raises(FileError) as caught:
        read_headers(name="a.csv", content=content)
    assert caught.value.message == sentence


def test_zip_without_a_workbook():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(FileError, match="corrupt or not a workbook"):
        read_headers(name="a.xlsx", content=buffer.getvalue())


def test_zip_bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(401):
            part.write(bytes(1024 * 1024))
    with pytest.raises(FileError, match="unpacks to far more"):
        read_headers(name="a.xlsx", content=buffer.getvalue())
