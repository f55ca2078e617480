"""Passages find their question: by what was asked, else by what they tell."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from interviews.choices import PlacedBy
from interviews.models import Question
from interviews.services.learning import remember
from interviews.services.reading import Piece
from interviews.services.sorting import EXAMPLES, JOBS, job_scores, pieces_place

LABELLED = Path(__file__).parent.parent / "labelled_jobs.toml"
GUIDE = [
    ("How did you come to see that something had to change?", "recognise"),
    ("Who had something at stake, and how did each of them come into it?", "mobilise"),
    ("How did you go about solving the problem itself?", "solve"),
    ("How did you all agree on what mattered most, and on what to buy?", "align"),
    ("How did you find out what other ways there were?", "learn"),
    ("How did you get your management to put money into it and see it through?", "commit"),
]


@pytest.fixture
def questions():
    return [Question(pk=place, position=place, text=text, job=job) for place, (text, job) in enumerate(GUIDE, 1)]


def macro_f1(found, labels):
    """Give the mean over jobs of F1, counted by hand."""
    figures = []
    for job in range(len(JOBS)):
        right = sum(f == label == job for f, label in zip(found, labels, strict=True))
        figures.append(2 * right / (sum(f == job for f in found) + sum(label == job for label in labels)))
    return sum(figures) / len(figures)


def test_jobs_of_labelled_sentences_are_found():
    labelled = tomllib.loads(LABELLED.read_text(encoding="utf-8"))
    texts = [text for job in JOBS for text in labelled[job]]
    labels = [place for place, job in enumerate(JOBS) for _ in labelled[job]]
    assert len(set(texts)) == len(texts) >= 120
    assert macro_f1(job_scores(texts).argmax(axis=1).tolist(), labels) >= 0.75


def test_no_labelled_sentence_serves_as_an_example():
    labelled = [text for rows in tomllib.loads(LABELLED.read_text(encoding="utf-8")).values() for text in rows]
    examples = [text for rows in tomllib.loads(EXAMPLES.read_text(encoding="utf-8")).values() for text in rows]
    assert not set(labelled) & set(examples)
    nearest = np.array(remember.embed(labelled)) @ np.array(remember.embed(examples)).T
    assert nearest.max() < 0.85


def test_passage_without_a_question_goes_to_the_job_that_it_tells(questions):
    pieces = [
        Piece("The board approved the budget and the contract was signed. Management released the money.", ""),
        Piece("We searched the internet and went to a fair to see which products are on the market.", ""),
    ]
    placed = pieces_place(pieces, questions, tell={""})
    assert [(row.question.job, row.placed_by) for row in placed] == [
        ("commit", PlacedBy.MEANING),
        ("learn", PlacedBy.MEANING),
    ]
    assert all(0 < row.sureness <= 1 for row in placed)


def test_passage_after_a_question_answers_it_until_the_next(questions):
    pieces = [
        Piece("Thanks for coming.", "Interviewer"),
        Piece("So how did you find out what other ways there were?", "Interviewer"),
        Piece("The board approved the budget.", "Ann"),
        Piece("And then?", "Interviewer"),
        Piece("They signed.", "Ann"),
        Piece("Who had something at stake, and how did they come into it?", "Interviewer"),
        Piece("The nurses.", "Ann"),
    ]
    placed = pieces_place(pieces, questions, tell={"Ann"})
    assert [row.question.position for row in placed][1:] == [5, 5, 5, 5, 2, 2]
    assert placed[2].placed_by == PlacedBy.ASKED


def test_guide_of_one_question_takes_all(questions):
    placed = pieces_place([Piece("Well.", "")], questions[:1], tell={""})
    assert placed[0].question == questions[0]


def test_nothing_told_needs_no_model(questions):
    assert pieces_place([], questions, tell=set()) == []
    assert job_scores([]).shape == (0, 6)
