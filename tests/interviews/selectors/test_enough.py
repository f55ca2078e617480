"""Whom the interviews speak for, what rests on one voice, and whom to ask next."""

import pytest

from interviews import services
from interviews.models import Segment
from interviews.selectors import ask_next, coverage_table, heard, interview_rows, reach, roles, verdict, voices
from interviews.selectors.heard import Account, ActivityHeard, Heard, RoleNamed
from interviews.views.curve import curve_of
from tests.factories import interviews as factory

FOOD, TOOLS = 1, 2
SEGMENTS = [Segment(pk=FOOD, name="Food"), Segment(pk=TOOLS, name="Tools")]


def account(pk, segment=FOOD, outcome="won", role="owner", told=(1, 2)):
    return Account(pk, segment, outcome, role, frozenset(told))


def of(*accounts, jobs=None, named=()):
    """Sum accounts up as `heard` does; `jobs` by the number of an activity."""
    codes = sorted({code for one in accounts for code in one.told})
    activities = tuple(
        ActivityHeard(
            code,
            f"Activity {code}",
            (jobs or {}).get(code, "solve"),
            tuple(one.pk for one in accounts if code in one.told),
        )
        for code in codes
    )
    return Heard(accounts, activities, named)


def table(rows):
    return {row.label: [cell.number for cell in row.cells] for row in rows}


def test_reach_counts_each_segment_and_role_and_marks_who_is_missing():
    told = of(account(1), account(2, outcome="open", role="Owner"), account(3, None, "lost", ""))
    whom = reach(told, SEGMENTS)
    assert table(whom.segments) == {"Food": [1, 0, 0, 1], "Tools": [0, 0, 0, 0], "No segment": [0, 1, 0, 0]}
    assert table(whom.roles) == {"Owner": [1, 0, 0, 1], "No role given": [0, 1, 0, 0]}
    missing = {row.label: [cell.outcome for cell in row.cells if cell.missing] for row in whom.segments}
    assert missing == {"Food": ["lost", "no_decision"], "Tools": ["won", "lost", "no_decision"], "No segment": []}
    assert whom.gaps == 5
    assert reach(of(account(1, None)), []).gaps == 2


def test_role_that_customers_name_is_missing_until_somebody_in_it_is_asked():
    named = (RoleNamed(7, "Finance director", 3), RoleNamed(8, "Owner", 2), RoleNamed(9, "Plant", 1))
    told = of(account(1), account(2, role="plant manager"), named=named)
    assert [role.name for role in reach(told, SEGMENTS).never_asked] == ["Finance director"]


@pytest.mark.parametrize(
    ("accounts", "gaps", "words"),
    [
        ([], 0, "Too few"),
        ([account(1), account(2)], 0, "Too few"),
        ([account(1), account(2), account(3, told=())], 0, "Too few"),
        ([account(n, told=[n]) for n in (1, 2, 3)], 0, "Not yet"),
        ([account(1, told=[1]), account(2, told=[2]), account(3, told=[1, 2]), account(4, told=[4, 5])], 0, "Nearly"),
        ([account(n) for n in (1, 2, 3)], 1, "not for everybody"),
        ([account(n) for n in (1, 2, 3)], 0, "Yes: "),
    ],
)
def test_verdict(accounts, gaps, words):
    assert words in verdict(of(*accounts), gaps)


def test_coverage_table_names_the_gaps():
    rows = coverage_table(of(account(1), account(2, role="buyer", told=())), SEGMENTS[:1])
    assert rows == [
        ("Food", "", "lost", 0, 0),
        ("Food", "", "no_decision", 0, 0),
        ("Food", "buyer", "won", 1, 0),
        ("Food", "owner", "won", 1, 1),
    ]


def test_curve_takes_two_interviews_and_ends_where_all_is_told():
    assert curve_of(of(account(1)).saturation) is None
    drawn = curve_of(of(account(1), account(2, told=[2, 3])).saturation)
    assert [(row.interviews, row.activities) for row in drawn.rows] == [(1, 2.0), (2, 3.0)]
    assert drawn.line.endswith("L98.0 12.0")
    assert [tick.label for tick in drawn.across] == [1, 2]
    many = curve_of(of(*(account(n, told=[n % 9]) for n in range(1, 101))).saturation)
    assert (len(many.rows), many.rows[-1].interviews) == (20, 100)
    assert [tick.label for tick in many.across] == [20, 40, 60, 80, 100]


@pytest.fixture
def told(in_workspace, designer):
    """Two stories of food alike but for one activity, and one account that is not in order yet."""
    food = services.segment_create(name="Food", actor=designer)
    first = factory.told_interview(designer, "Harbour Mills", segment=food)
    second = factory.told_interview(designer, "Velden Bakeries", segment=food, outcome="lost", role="Plant Manager")
    factory.coded(second, "The numbers did not add up", "Count again", actor=designer)
    services.moment_add(interview=second, code=factory.code(designer, "Count again"), actor=designer)
    services.moment_add(interview=first, code=factory.code(designer, "Ask a peer", job="learn"), actor=designer)
    factory.interview(designer, "Osier Tools", outcome="no_decision", role="")
    return first, second


def test_heard_reads_who_tells_what(told, designer, django_assert_num_queries):
    first, second = told
    with django_assert_num_queries(4):
        all_ = heard(designer)
    assert {row.name: len(row.tellers) for row in all_.activities} == {
        "Measure it apart": 2,
        "Walk the line together": 2,
        "Write down requirements": 2,
        "Count again": 1,
        "Ask a peer": 1,
    }
    assert [(role.name, role.named_by) for role in all_.roles] == [("Maintenance lead", 2)]
    assert (len(all_.accounts), len(all_.timed), all_.saturation.expected_new) == (3, 2, 1.0)
    with django_assert_num_queries(2):
        found = voices(designer, all_.on_one_voice)
    assert [(one.activity.name, one.label, one.interview, one.quote) for one in found] == [
        ("Ask a peer", "Learn", first, ""),
        ("Count again", "", second, "The numbers did not add up"),
    ]
    assert len(heard(designer, segment=first.segment_id).accounts) == 2
    assert [account.outcome for account in heard(designer, segment=0).accounts] == ["no_decision"]


def test_ask_next_names_customer_role_job_and_question(told, designer, django_assert_num_queries):
    told_ = heard(designer)
    whom = reach(told_, list(Segment.objects.all()))
    with django_assert_num_queries(1):
        found = ask_next(told_, whom)
    assert (found.segment, found.who, found.heard) == ("Food", "who decided nothing", 0)
    assert (found.role.name, found.role.named_by) == ("Maintenance lead", 2)
    assert (found.job.job, found.job.activities, found.question.job) == ("recognise", 0, "recognise")
    for job in ("recognise", "mobilise", "solve", "align", "commit"):
        code = factory.code(designer, f"To {job}", job=job)
        for one in told:
            services.moment_add(interview=one, code=code, actor=designer)
    again = heard(designer)
    assert ask_next(again, whom).job.job == "learn"
    services.moment_add(interview=told[1], code=factory.code(designer, "Ask a peer"), actor=designer)
    assert ask_next(heard(designer), whom).job.on_one == 0
    assert ask_next(Heard((), (), ()), whom) is None


def test_list_is_filtered_by_role_and_by_no_segment(told, designer):
    assert roles(designer) == ["Plant Manager"]
    assert interview_rows(designer, role="plant manager").count() == 2
    assert [row.customer for row in interview_rows(designer, role="-")] == ["Osier Tools"]
    assert [row.customer for row in interview_rows(designer, segment=0)] == ["Osier Tools"]
    assert [row.customer for row in interview_rows(designer, state="untimed")] == ["Osier Tools"]
