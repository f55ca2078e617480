"""Projects and codebooks of REFI-QDA: their structure, their way out and back in, what other programs write."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from core import scope
from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.choices import ExchangeState, Kind
from interviews.models import AlsoCoded, Code, Excerpt, ExchangeFile, Interview
from interviews.services.refi.gathering import gather_codebook, gather_project
from interviews.services.refi.reading import read_file
from interviews.services.refi.writing import codebook_file, project_file
from tests.factories import interviews as factory
from tests.factories.accounts import MembershipFactory, WorkspaceFactory

HERE = Path(__file__).parent
SPACE = "{urn:QDA-XML:project:1.0}"
ASTRAL = "😀 We walked the line 🏭 together\nand counted. “Price” was 𝄞 times that."


def check(name, content):
    schema = etree.XMLSchema(etree.parse(HERE / name))
    schema.assertValid(etree.fromstring(content))


def part(content, name="project.qde"):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


@pytest.fixture
def told(in_workspace, designer):
    """Tell a workspace of all that goes into a file: a tree, twin names, two coders, astral signs, a timeline."""
    other = MembershipFactory(workspace=in_workspace, role="designer", user__full_name="Otto Other")
    made = factory.told_interview(
        designer,
        segment=services.segment_create(name="Food & drink", actor=designer),
        notes="Rang twice.\n<b>Ask again</b>",
        account="First this, then that.",
        weight="2.50",
        consent=True,
    )
    services.answers_save(interview=made, texts={1: ASTRAL, 5: "  \nkept as told "}, actor=designer)
    factory.coded(made, "the line 🏭", "Price", actor=other, kind=Kind.OBSTACLE, position=1)
    factory.coded(made, "𝄞 times", "Price", actor=designer, kind=Kind.INFORMATION, position=1)
    twin = factory.coded(made, "walked the line together", "Walk the line together", actor=designer)
    AlsoCoded.objects.create(workspace=in_workspace, excerpt=twin, coder=other)
    Excerpt.objects.filter(code__name="Maintenance lead").update(coded_by=None, coder_name="Gone Person")
    wide = services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Look & see", description="All “looking”")
    services.code_move(code=Code.objects.get(name="Walk the line together"), parent=wide, actor=designer)
    services.code_update(code=Code.objects.get(name="Measure it apart"), actor=designer, job="recognise")
    services.code_create(actor=designer, kind=Kind.INFORMATION, name="Price (information)", channel="online")
    services.moment_date(moment=made.moments.first(), happened_on=date(2026, 1, 5), actor=designer)
    services.interview_create(actor=designer, customer="Silent Mills", held_on=date(2026, 4, 1), external_id="crm 7")
    return made


def plain(document):
    """Give a document without the ids that differ from workspace to workspace."""
    codes = {item.guid: (item.kind, item.name) for item, _ in document.all_codes()}
    coders = {coder.guid: coder.name for coder in document.coders}
    questions = {asked.guid: asked.position for guide in document.guides for asked in guide.questions}
    guides = {guide.guid: (guide.title, guide.number) for guide in document.guides}
    return {
        "codes": [
            (item.kind, item.name, item.job, item.channel, item.description, above.name if above else "")
            for item, above in document.all_codes()
        ],
        "coders": sorted(coders.values()),
        "guides": [
            (guide.title, guide.number, guide.introduction, [replace(row, guid="") for row in guide.questions])
            for guide in document.guides
        ],
        "sources": [
            {
                "guid": "" if "external_id" in source.facts else source.guid,  # known by that, whatever its row
                "name": source.name,
                "text": source.text,
                "facts": source.facts,
                "notes": source.memo,
                "account": source.account,
                "guide": guides.get(source.guide),
                "answers": [(questions[span.question], span.start, span.end) for span in source.answers],
                "codings": sorted(
                    (row.start, row.end, codes[row.code], coders.get(row.coder, ""), row.at.replace(microsecond=0))
                    for row in source.codings
                ),
                "moments": source.moments,
            }
            for source in document.sources
        ],
    }


def test_files_have_the_published_structure(told):
    project = project_file(gather_project(name="Harbour & sons"))
    check("project.xsd", part(project))
    check("codebook.xsd", codebook_file(gather_codebook(name="Harbour")))


def test_a_project_comes_back_as_it_went_into_an_empty_workspace(told, designer):
    out = gather_project(name="Harbour")
    content = project_file(out)
    assert plain(read_file(name="p.qdpx", content=content)) == plain(out)
    elsewhere = WorkspaceFactory()
    dora = MembershipFactory(workspace=elsewhere, user=designer.user, role="designer")
    with scope.in_workspace(elsewhere.pk):
        bring(dora, "p.qdpx", content)
        again = gather_project(name="Harbour")
        assert plain(again) == plain(out)
        assert plain(read_file(name="p.qdpx", content=project_file(again))) == plain(out)
        assert Excerpt.objects.filter(coder_name="Otto Other").count() == 2
        texts = dict(Interview.objects.get(customer="Harbour Mills").answers.values_list("question__position", "text"))
        assert (texts[1], texts[5]) == (ASTRAL, "  \nkept as told ")


def bring(actor, name, content, *, take=(), kind=None):
    """Hand a file in and have it brought in as a worker would."""
    file = services.exchange_hand_in(actor=actor, name=name, content=content)
    if kind:
        services.exchange_look_again(file=file, default_kind=kind, actor=actor)
    job = services.exchange_start(file=file, take=take, actor=actor)
    services.exchange_run(job_id=job.pk)
    file.refresh_from_db()
    return file


def test_the_same_project_again_changes_nothing(told, designer):
    out = gather_project(name="Harbour")
    file = bring(designer, "p.qdpx", project_file(out))
    assert (file.state, file.content.tobytes() if hasattr(file.content, "tobytes") else file.content) == ("done", b"")
    new = {name: file.result[name] for name in ("codes", "codes_changed", "interviews", "passages", "passages_lost")}
    assert new == dict.fromkeys(new, 0)
    assert plain(gather_project(name="Harbour")) == plain(out)
    with pytest.raises(ConflictError, match="already"):
        services.exchange_start(file=file, take=[], actor=designer)


def test_positions_count_code_points_of_the_text_as_it_is_packed(told):
    content = project_file(gather_project(name="Harbour"))
    root = etree.fromstring(part(content))
    quoted = 0
    for source in root.iter(f"{SPACE}TextSource"):
        packed = part(content, "Sources/" + source.get("plainTextPath").removeprefix("internal://"))
        assert not packed.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in packed
        text = packed.decode()
        for selection in source.iter(f"{SPACE}PlainTextSelection"):
            quoted += 1
            place = slice(int(selection.get("startPosition")), int(selection.get("endPosition")))
            assert text[place] == selection.get("name")
            assert selection.get("creationDateTime")  # QualCoder stops where there is none
    assert quoted == 11


def test_codebook_shows_what_is_new_same_and_changed_and_overwrites_nothing(told, designer):
    content = codebook_file(gather_codebook(name="Harbour"))
    walk, measure = Code.objects.get(name="Walk the line together"), Code.objects.get(name="Measure it apart")
    Code.objects.filter(pk=walk.pk).update(parent=None)
    Code.objects.filter(pk=measure.pk).update(job="learn")
    Code.objects.get(name="Price (information)").delete()
    file = services.exchange_hand_in(actor=designer, name="c.qdc", content=content)
    plan = file.plan["codes"]
    assert (plan["new"], plan["same_count"]) == ([["Price (information)", "information"]], 5)
    changed = {row["name"]: row for row in plan["changed"]}
    assert changed["Measure it apart"]["differs"] == {"job": ["learn", "recognise"]}
    assert changed["Walk the line together"]["differs"] == {"parent": ["", "Look & see"]}
    job = services.exchange_start(file=file, take=[changed["Walk the line together"]["guid"]], actor=designer)
    services.exchange_run(job_id=job.pk)
    walk.refresh_from_db()
    measure.refresh_from_db()
    assert (walk.parent.name, measure.job) == ("Look & see", "learn")
    assert Code.objects.get(name="Price (information)").channel == "online"


def test_an_empty_codebook_is_not_exported(in_workspace):
    with pytest.raises(ApplicationError, match="no codes"):
        services.codebook_export(workspace=in_workspace)


# what other programs write

PROJECT = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Other" origin="{origin}">
<Users><User guid="5c94bc9e-db8c-4f1d-9cd6-e900c7440860" name="dora designer"/></Users>
<CodeBook><Codes>
  <Code guid="10000000-0000-0000-0000-000000000001" name="Price" isCodable="false">
    <Code guid="10000000-0000-0000-0000-000000000002" name="Price" isCodable="true" color="#FF0000"/>
    <Code guid="10000000-0000-0000-0000-000000000003" name="Too high" isCodable="true"/>
  </Code>
</Codes></CodeBook>
<Variables><Variable guid="40000000-0000-0000-0000-000000000001" name="Segment" typeOfVariable="Text"/></Variables>
<Cases><Case guid="50000000-0000-0000-0000-000000000001" name="Mill Ltd">
  <VariableValue>
    <VariableRef targetGUID="40000000-0000-0000-0000-000000000001"/><TextValue>Food</TextValue>
  </VariableValue>
  <SourceRef targetGUID="20000000-0000-0000-0000-000000000001"/>
</Case></Cases>
<Sources>
  <TextSource guid="20000000-0000-0000-0000-000000000001" name="one.txt" plainTextPath="internal://one.txt">
    <PlainTextSelection guid="30000000-0000-0000-0000-000000000001" startPosition="{start}"
        endPosition="{end}" name="{name}" creatingUser="5c94bc9e-db8c-4f1d-9cd6-e900c7440860"
        creationDateTime="2019-06-07T03:36:36Z">
      <Coding guid="60000000-0000-0000-0000-000000000001">
        <CodeRef targetGUID="10000000-0000-0000-0000-000000000002"/>
      </Coding>
    </PlainTextSelection>
    <PlainTextSelection guid="30000000-0000-0000-0000-000000000002" startPosition="0" endPosition="9999">
      <Coding guid="60000000-0000-0000-0000-000000000002">
        <CodeRef targetGUID="10000000-0000-0000-0000-000000000003"/>
      </Coding>
    </PlainTextSelection>
  </TextSource>
  <PictureSource guid="20000000-0000-0000-0000-000000000002" name="a.png" path="internal://a.png"/>
</Sources></Project>"""


def packed(xml, parts=(), *, name="project.qde"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, xml)
        for path, content in parts:
            archive.writestr(path, content)
    return file.getvalue()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("origin", "newline", "start", "name"),
    [
        ("QualCoder", "\n", 12, ""),
        ("QualCoder", "\r\n", 14, ""),  # two characters each
        ("ATLAS.ti Windows", "\r\n", 12, ""),  # one each
        ("MAXQDA", "\r\n", 12, "it costs"),  # its own words say that it counts one
        ("ATLAS.ti Mac", "\r\n", 14, "it costs"),
    ],
)
def test_places_are_found_however_lines_end(in_workspace, designer, mark, origin, newline, start, name):
    xml = PROJECT.format(origin=origin, start=start, end=start + 8, name=name)
    text = newline.join(["😀 one", "two", "  it costs much"])
    assert text.replace(newline, "\n").index("it costs") == 12
    content = packed(xml, [("sources/one.txt", mark + text.encode())])
    file = bring(designer, "other.qdpx", content, kind=Kind.OBSTACLE)
    excerpt = Excerpt.objects.get()
    assert (excerpt.quote, excerpt.code.name, excerpt.coded_by) == ("it costs", "Price", designer)
    assert {(row.name, row.kind, row.parent.name if row.parent else "") for row in Code.objects.all()} == {
        ("Price", "obstacle", ""),
        ("Too high", "obstacle", "Price"),
    }
    made = Interview.objects.get()
    assert (made.customer, made.segment.name) == ("Mill Ltd", "Food")
    assert file.plan["left_out"] == ["1 passages whose place lies outside of their text", "1 pictures"]


def test_a_codebook_of_taguette_comes_in(in_workspace, designer):
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.4">'
        '<Codes><Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="interesting" isCodable="true"/></Codes>'
        "<Sets/></CodeBook>"
    )
    bring(designer, "codebook.qdc", b"\xef\xbb\xbf" + xml.encode(), kind=Kind.EVIDENCE)
    assert Code.objects.get().kind == Kind.EVIDENCE


# what is refused

BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{"&a" + str(n - 1 or "") + ";"}&a;">' for n in range(1, 9))
    + "]><CodeBook>&a8;</CodeBook>"
)
EMPTY = PROJECT.format(origin="X", start=0, end=1, name="")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<CodeBook", "no well-formed XML"),
        (b"%PDF-1.7", "no well-formed XML"),
        (b"<html/>", "no REFI-QDA"),
        (b'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/></CodeBook>', "holds no codes"),
        (BOMB.encode(), "harmful"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><CodeBook/>', "harmful"),
        (b"PK\x03\x04 and no more", "corrupt"),
        (packed("x", name="other.xml"), "project.qde is missing"),
        (packed(EMPTY, [("../../evil.txt", b"x")]), "outside of its folder"),
        (packed(EMPTY, [("/etc/evil.txt", b"x")]), "outside of its folder"),
        (packed(EMPTY, [("C:\\evil.txt", b"x")]), "outside of its folder"),
        (packed(EMPTY, [("Sources/bomb.txt", b"0" * (30 * 1024 * 1024))]), "far more than"),
        (packed(EMPTY.replace("Too high", "")), "without a name"),
    ],
)
def test_harmful_and_broken_files_are_refused_with_a_sentence(in_workspace, designer, content, words):
    with pytest.raises(ApplicationError, match=words):
        services.exchange_hand_in(actor=designer, name="bad.qdpx", content=content)
    assert not ExchangeFile.objects.exists()


def test_codes_nested_without_end_are_refused():
    xml = (
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>'
        + '<Code guid="10000000-0000-0000-0000-000000000001" name="a" isCodable="true">' * 60
        + "</Code>" * 60
        + "</Codes></CodeBook>"
    )
    with pytest.raises(ApplicationError, match="nests codes"):
        read_file(name="deep.qdc", content=xml.encode())


def test_a_job_that_fails_leaves_nothing_and_may_be_tried_again(told, designer):
    file = services.exchange_hand_in(
        actor=designer, name="c.qdc", content=codebook_file(gather_codebook(name="H")).replace(b"Price", b"Cost")
    )
    before = Code.objects.count()
    ExchangeFile.objects.filter(pk=file.pk).update(content=b"<broken")
    file.refresh_from_db()
    job = services.exchange_start(file=file, take=[], actor=designer)
    services.exchange_run(job_id=job.pk)
    file.refresh_from_db()
    assert (file.state, Code.objects.count()) == (ExchangeState.FAILED, before)
    assert services.exchange_start(file=file, take=[], actor=designer).state == "queued"
