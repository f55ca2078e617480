"""The demo's words and figures fit together, and so does what a new workspace starts with."""

import re
import shutil
import tomllib
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from journey.derivation import derive
from salesflow.demo import reader

STARTER = Path(__file__).resolve().parents[2] / "interviews" / "starter"


@pytest.fixture(scope="module")
def company():
    return reader.read_company()


@pytest.fixture(scope="module")
def codebook():
    return reader.read_codebook()


@pytest.fixture(scope="module")
def interviews():
    return reader.read_interviews()


@pytest.fixture(scope="module")
def process():
    return reader.read_process()


@pytest.fixture(scope="module")
def deals():
    return reader.read_deals()


def names(codebook, kind):
    return {code.name for code in codebook if code.kind == kind}


def read_everything(folder):
    return reader.read_interviews(folder), reader.read_deals(folder)


def share_of_returns(interviews, codebook):
    """A move is a return if the activity was told before, or if its job usually comes before that of the last one."""
    order = list(dict.fromkeys(code.job for code in codebook if code.kind == "activity"))
    place = {code.name: order.index(code.job) for code in codebook if code.kind == "activity"}
    moves = returns = 0
    for interview in interviews:
        told = [moment.activity for moment in interview.moments]
        for position, (last, now) in enumerate(pairwise(told), start=1):
            moves += 1
            returns += now in told[:position] or place[now] < place[last]
    return returns / moves


def test_company_has_one_of_each_role_and_three_reps(company):
    assert Counter(person.role for person in company.people) == {"designer": 1, "manager": 1, "rep": 3, "admin": 1}
    assert all(person.email.endswith("@example.com") for person in company.people)


def test_company_prints_sign_ins_of_designer_rep_and_manager(company):
    assert sorted(person.role for person in company.people if person.sign_in) == ["designer", "manager", "rep"]


def test_company_team_is_the_reps_under_the_manager(company):
    (team,) = company.teams
    assert team.manager == next(person.email for person in company.people if person.role == "manager")
    assert set(team.members) == {person.email for person in company.people if person.role == "rep"}


def test_codebook_counts_by_kind(codebook):
    assert Counter(code.kind for code in codebook) == {
        "activity": 25,
        "role": 8,
        "information": 11,
        "channel": 4,
        "obstacle": 8,
        "evidence": 8,
    }


def test_codebook_has_four_activities_of_each_job_and_one_rare_one(codebook):
    assert Counter(code.job for code in codebook if code.job) == dict.fromkeys(reader.JOBS, 4) | {"commit": 5}


def test_codebook_activities_are_two_to_five_words(codebook):
    assert [name for name in names(codebook, "activity") if not 2 <= len(name.split()) <= 5] == []


def test_codebook_information_uses_every_channel(codebook):
    assert {code.channel for code in codebook if code.kind == "information"} == set(reader.CHANNELS)


def test_interviews_are_fourteen_with_their_outcomes(interviews):
    assert [interview.number for interview in interviews] == list(range(1, 15))
    assert Counter(interview.outcome for interview in interviews) == {"won": 5, "lost": 3, "no_decision": 4, "open": 2}


def test_interviews_cover_every_segment(interviews, company):
    assert {interview.segment for interview in interviews} == {segment.key for segment in company.segments}


def test_answers_are_seventy_to_two_hundred_words(interviews):
    lengths = [len(answer.text.split()) for interview in interviews for answer in interview.answers]
    assert len(lengths) == 14 * 6
    assert min(lengths) >= 70
    assert max(lengths) <= 200


def test_answers_are_plain_single_paragraphs(interviews):
    texts = [answer.text for interview in interviews for answer in interview.answers]
    assert [text for text in texts if re.search(r"[\n{}|]|  ", text)] == []
    assert len(set(texts)) == len(texts)


def test_quotes_lie_where_their_offsets_say(interviews):
    for interview in interviews:
        answers = {answer.question: answer.text for answer in interview.answers}
        for excerpt in interview.excerpts:
            assert answers[excerpt.question].count(excerpt.quote) == 1
            assert answers[excerpt.question][excerpt.start : excerpt.end] == excerpt.quote


def test_excerpts_of_one_code_do_not_overlap_in_one_answer(interviews):
    overlapping = [
        (interview.number, one.quote, other.quote)
        for interview in interviews
        for one, other in combinations(interview.excerpts, 2)
        if (one.question, one.code) == (other.question, other.code) and one.start < other.end and other.start < one.end
    ]
    assert overlapping == []


def test_moments_and_activity_excerpts_tell_the_same_times(interviews, codebook):
    activities = names(codebook, "activity")
    for interview in interviews:
        quoted = Counter(excerpt.code for excerpt in interview.excerpts if excerpt.code in activities)
        assert Counter(moment.activity for moment in interview.moments) == quoted


def test_moments_are_eight_to_sixteen_and_run_forward_in_time(interviews):
    for interview in interviews:
        assert 8 <= len(interview.moments) <= 16
        days = [m.happened_days_before for m in interview.moments if m.happened_days_before is not None]
        assert days == sorted(days, reverse=True)
        assert len(days) >= 4


def test_some_activities_are_told_once_so_that_another_interview_may_bring_new_ones(interviews):
    told = Counter(name for interview in interviews for name in {moment.activity for moment in interview.moments})
    assert sorted(name for name, count in told.items() if count == 1) == ["Ask the bank", "Inform the works council"]


def test_every_code_is_used_somewhere(interviews, codebook):
    used = {excerpt.code for interview in interviews for excerpt in interview.excerpts}
    assert {code.name for code in codebook} - used == set()


def test_every_interview_is_coded_beyond_activities(interviews, codebook):
    kinds = {code.name: code.kind for code in codebook}
    for interview in interviews:
        assert {kinds[excerpt.code] for excerpt in interview.excerpts} >= {
            "activity",
            "role",
            "information",
            "evidence",
        }


def test_last_answer_of_the_last_interview_is_left_to_suggestions(interviews):
    assert {excerpt.question for excerpt in interviews[-1].excerpts} == {1, 2, 3, 4, 5}
    for interview in interviews[:-1]:
        assert {excerpt.question for excerpt in interview.excerpts} == {1, 2, 3, 4, 5, 6}


def test_about_a_quarter_of_moves_are_returns(interviews, codebook):
    assert 0.15 <= share_of_returns(interviews, codebook) <= 0.35


def test_six_stages_of_the_stories_have_a_name_each(interviews, codebook, process):
    activities = sorted((code for code in codebook if code.kind == "activity"), key=lambda code: code.name)
    number = {code.name: index for index, code in enumerate(activities)}
    derived = derive(
        [[number[moment.activity] for moment in interview.moments] for interview in interviews],
        [reader.JOBS.index(code.job) for code in activities],
        np.zeros((len(activities), len(activities))),
        [None if interview.outcome == "open" else interview.outcome for interview in interviews],
        count=len(process.stage_names),
    )
    assert 0.15 <= derived.potentials.cyclic_share <= 0.40
    assert sorted(derived.home[number[name]] for name in process.stage_names) == [0, 1, 2, 3, 4, 5]


def test_our_activities_leave_gaps_but_reach_every_job(process, codebook):
    job = {code.name: code.job for code in codebook}
    served = {activity.beside for activity in process.activities if activity.purpose == "facilitates"}
    assert {job[name] for name in served} == set(reader.JOBS)
    assert names(codebook, "activity") - served - set(process.not_relevant) == {
        "Ask the bank",
        "Call in the safety officer",
        "Settle whose budget pays",
        "Try a quick fix",
    }


def test_our_activities_are_done_by_all_four_of_us(process):
    assert {activity.actor for activity in process.activities} == set(reader.ACTORS)
    assert {activity.actor for activity in process.activities if activity.purpose == "independent"} == {"internal"}
    assert len(process.not_relevant) == 2


def test_stage_names_name_one_stage_for_each_job(process, codebook):
    job = {code.name: code.job for code in codebook}
    assert sorted(job[name] for name in process.stage_names) == sorted(reader.JOBS)
    assert len(set(process.stage_names.values())) == 6


def test_deals_are_sixty_with_their_outcomes(deals):
    assert Counter(deal.outcome for deal in deals) == {"open": 34, "won": 10, "lost": 7, "no_decision": 9}


def test_deals_show_every_scenario_and_every_rep(deals, company):
    assert {deal.scenario for deal in deals if deal.outcome == "open"} == set(reader.SCENARIOS)
    assert {deal.owner for deal in deals} == {person.email for person in company.people if person.role == "rep"}
    assert {deal.segment for deal in deals} == {segment.key for segment in company.segments}


def test_deals_stay_within_their_limits(deals):
    assert {deal.currency for deal in deals} == {"EUR"}
    assert all(5 <= deal.opened_days_ago <= 300 for deal in deals)
    counts = [len(deal.signals) for deal in deals]
    assert (min(counts), max(counts)) == (0, 14)


def test_first_twelve_deals_are_open_with_a_note(deals):
    assert {deal.outcome for deal in deals[:12]} == {"open"}
    assert min(len(deal.note.split()) for deal in deals[:12]) >= 10


def test_most_open_deals_moved_within_sixty_days(deals):
    moved = [
        deal
        for deal in deals
        if deal.outcome == "open"
        and min(event.days_ago for event in (*deal.signals, *deal.stages, *deal.efforts)) <= 60
    ]
    assert len(moved) >= 30


def test_fresh_deals_have_no_signal_and_silent_ones_none_lately(deals):
    assert {len(deal.signals) for deal in deals if deal.scenario == "fresh"} == {0}
    silent = [deal for deal in deals if deal.scenario == "silent" and deal.outcome == "open"]
    assert min(deal.signals[-1].days_ago for deal in silent) >= 45


def distance_to_buyer(deal, order):
    """How many jobs our logged stage lies past the furthest thing that the customer did."""
    return order[deal.stages[-1].near] - max(order[signal.activity] for signal in deal.signals)


def test_open_deals_that_run_ahead_or_behind_do_so(deals, codebook):
    jobs = list(dict.fromkeys(code.job for code in codebook if code.job))
    order = {code.name: jobs.index(code.job) for code in codebook if code.job}
    by_scenario = {
        scenario: [
            distance_to_buyer(deal, order) for deal in deals if deal.scenario == scenario and deal.outcome == "open"
        ]
        for scenario in ("ahead", "behind", "aligned")
    }
    assert min(by_scenario["ahead"]) >= 2
    assert max(by_scenario["behind"]) <= -2
    assert {abs(steps) <= 1 for steps in by_scenario["aligned"]} == {True}


def test_circling_deals_go_back_more_often_than_aligned_ones(deals, codebook):
    jobs = list(dict.fromkeys(code.job for code in codebook if code.job))
    order = {code.name: jobs.index(code.job) for code in codebook if code.job}

    def back(scenario):
        moves = [
            order[now.activity] < order[last.activity]
            for deal in deals
            if deal.scenario == scenario and deal.outcome == "open"
            for last, now in pairwise(deal.signals)
        ]
        return sum(moves) / len(moves)

    assert back("circling") > 2 * back("aligned")


def test_moves_back_say_why(deals, codebook):
    jobs = list(dict.fromkeys(code.job for code in codebook if code.job))
    order = {code.name: jobs.index(code.job) for code in codebook if code.job}
    silent = [
        deal.account
        for deal in deals
        for last, now in pairwise(deal.stages)
        if order[now.near] < order[last.near] and not now.note
    ]
    assert silent == []


def test_starter_guide_asks_six_questions_one_for_each_job():
    guide = tomllib.loads((STARTER / "guide.toml").read_text(encoding="utf-8"))
    assert [question["position"] for question in guide["questions"]] == [1, 2, 3, 4, 5, 6]
    assert {question["job"] for question in guide["questions"]} == set(reader.JOBS)
    assert {len(question["prompts"]) for question in guide["questions"]} == {2}
    assert all(question["text"].endswith("?") for question in guide["questions"])


def test_starter_codebook_has_four_activities_of_each_job():
    codes = tomllib.loads((STARTER / "codebook.toml").read_text(encoding="utf-8"))["codes"]
    assert Counter(code.get("job") for code in codes if code["kind"] == "activity") == dict.fromkeys(reader.JOBS, 4)
    assert len({code["name"] for code in codes}) == len(codes)
    assert min(len(code["description"].split()) for code in codes if code["kind"] == "activity") >= 15
    assert {code["kind"] for code in codes} == {"activity", "role", "obstacle", "evidence"}


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("company.toml", 'role = "admin"', 'role = "boss"', "'boss'"),
        ("company.toml", 'email = "ben@', 'email = "ada@', "names a person twice: ada@example.com"),
        ("codebook.toml", 'job = "recognise"', 'job = "wonder"', "'wonder'"),
        ("codebook.toml", "[[codes]]", "[[codes", "not valid TOML"),
        ("interviews/01-harbour-mills.toml", 'quote = "Our owner', 'quote = "Her owner', "is found 0 times"),
        ("interviews/01-harbour-mills.toml", "question = 6\ntext", "question = 5\ntext", "one answer to each"),
        ("process.toml", 'purpose = "independent"', 'purpose = "ours"', "'ours'"),
        ("process.toml", '"Inform the works council"', '"Inform the press"', "Inform the press"),
        ("deals.toml", 'owner = "ben@', 'owner = "ada@', "'ada@example.com'"),
        ("deals.toml", "opened_days_ago = 214", "opened_days_ago = 14", "outside the time"),
        ("deals.toml", 'outcome = "open"', 'outcome = "won"', "'closed_days_ago' exactly if it is closed"),
        ("deals.toml", "days_ago = 205", "days_ago = 2", "not in order of time"),
    ],
)
def test_reader_refuses_what_does_not_fit(tmp_path, file, old, new, sentence):
    folder = tmp_path / "demo"
    shutil.copytree(reader.FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_everything(folder)


def test_reader_says_which_file_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"company\.toml, which is not there"):
        reader.read_company(tmp_path)
