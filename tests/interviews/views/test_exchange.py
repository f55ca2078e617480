"""Pages of files of other programs, and what is exported."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from interviews import services
from interviews.choices import Kind
from interviews.models import Code, ExchangeFile
from tests.factories import interviews as factory

QDC = (
    '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Other"><Codes>'
    '<Code guid="10000000-0000-0000-0000-000000000001" name="Walk the line together" isCodable="true">'
    "<Description>On foot</Description></Code>"
    '<Code guid="10000000-0000-0000-0000-000000000002" name="Newcomer" isCodable="true"/>'
    "</Codes></CodeBook>"
)


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


@pytest.fixture
def dora(client_of, designer):
    return client_of(designer)


def url(name, *args):
    return reverse(f"interviews:{name}", args=args)


def test_a_codebook_is_looked_through_then_brought_in(told, dora):
    assert dora.post(url("exchange"), {}).status_code == 422
    bad = dora.post(url("exchange"), {"file": SimpleUploadedFile("bad.qdc", b"<x")})
    assert (bad.status_code, "no well-formed XML" in bad.text) == (422, True)
    reply = dora.post(url("exchange"), {"file": SimpleUploadedFile("codes.qdc", QDC.encode())})
    file = ExchangeFile.objects.get()
    assert reply.url == file.get_absolute_url()
    page = dora.get(reply.url)
    assert "1 new, 0 the same, 1 changed" in page.text
    assert "On foot" in page.text
    dora.post(url("exchange_look_again", file.pk), {"default_kind": Kind.EVIDENCE})
    dora.post(url("exchange_start", file.pk))
    file.refresh_from_db()
    assert "jobs/" in dora.get(reply.url).text
    services.exchange_run(job_id=file.job_id)
    assert "Brought in" in dora.get(reply.url).text
    assert Code.objects.get(name="Newcomer").kind == Kind.EVIDENCE
    assert Code.objects.get(name="Walk the line together").description == ""
    assert dora.post(url("exchange_start", file.pk)).status_code == 409
    assert dora.post(url("exchange_forget", file.pk)).status_code == 302
    assert dora.get(reply.url).status_code == 404


def test_tables_are_texts_and_never_formulas(told, dora, designer):
    services.interview_update(interview=told, version=None, actor=designer, customer="=cmd|calc")
    services.code_create(actor=designer, kind=Kind.ROLE, name="+SUM(1)", description="@x")
    csv = b"".join(dora.get(url("export")).streaming_content).decode("utf-8-sig")
    assert "'=cmd" in csv
    assert "\n=cmd" not in csv
    book = load_workbook(io.BytesIO(dora.get(url("export_xlsx")).content))
    rows = list(book.active.iter_rows())
    assert (rows[1][0].value, rows[1][0].data_type) == ("=cmd|calc", "s")
    assert len(rows) == 6
    codes = b"".join(dora.get(url("codes_csv")).streaming_content).decode("utf-8-sig")
    assert codes.splitlines()[0] == "name,description,parent,kind,job,channel,passages,interviews"
    assert "'+SUM(1)" in codes
    assert dora.get(url("codes_xlsx")).status_code == 200


def test_readers_export_and_do_not_bring_in(told, client_of, manager, rep):
    mona, rolf = client_of(manager), client_of(rep)
    for name in ("export", "export_xlsx", "export_project", "codes_qdc", "codes_csv", "codes_xlsx"):
        assert (mona.get(url(name)).status_code, rolf.get(url(name)).status_code) == (200, 403)
    assert mona.get(url("exchange")).status_code == 403


def test_a_project_takes_a_constant_number_of_queries(in_workspace, designer, django_assert_num_queries):
    from interviews.services.refi.gathering import gather_project

    for number in range(3):
        factory.told_interview(designer, f"Customer {number}")
        if number != 1:
            with django_assert_num_queries(10):
                gather_project(name="H")
