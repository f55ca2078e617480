"""Six activities, five interviews and one deal, worked through by hand to four decimals."""

import numpy as np
import pytest

from journey.chaos import returns
from journey.derivation import Derivation, derive
from journey.distance import credit, first_passage
from journey.order import potentials, precedence, ranking
from journey.outlook import outlook
from journey.position import locate, locate_many
from journey.signals import emissions
from journey.stages import closeness, segment, similarity
from journey.transitions import fit

INTERVIEWS = [
    ["abcdef".index(letter) for letter in told] for told in ("abcdef", "abdcef", "acbdf", "abcacdef", "bacdefe")
]
OUTCOMES = ["won", "won", "lost", "no_decision", None]
JOBS = [0, 0, 1, 1, 2, 2]
HOME = [0, 0, 1, 1, 2, 2]
MATRIX = [
    [0.3692, 0.6, 0.0077, 0, 0.0077, 0.0154],
    [0.1692, 0.3615, 0.4462, 0, 0.0077, 0.0154],
    [0.0091, 0.0182, 0.5091, 0.2545, 0.1, 0.1091],
]
EMISSIONS = [
    [0.45, 0.45, 0.025, 0.025, 0.025, 0.025],
    [0.025, 0.025, 0.45, 0.45, 0.025, 0.025],
    [0.025, 0.025, 0.025, 0.025, 0.4114, 0.4886],
]
POSITION = [0.0374, 0.1986, 0.7640]
SIGNALS, WORDS = [0, 2, 4, 3], [1.0, 0.8, 1.0, 0.5]


def shown(values):
    return np.round(np.asarray(values), 4).tolist()


@pytest.fixture
def derived() -> Derivation:
    return derive(INTERVIEWS, JOBS, np.zeros((6, 6)), OUTCOMES)


@pytest.fixture
def position(derived):
    learned = derived.fit.transitions
    return locate(SIGNALS, WORDS, learned.matrix, derived.fit.emissions, learned.start, silence_days=10)


def test_potentials_of_worked_example():
    line = potentials(precedence(INTERVIEWS, 6)[0])

    assert shown(line.values) == [-0.7759, -0.5, -0.1552, 0.1207, 0.5, 0.8103]
    assert shown(line.cyclic_share) == 0.1619
    assert line.components.tolist() == [0] * 6
    assert ranking(line.values).tolist() == [0, 1, 2, 3, 4, 5]


def test_stages_of_worked_example():
    _, follows = precedence(INTERVIEWS, 6)

    assert segment(similarity(JOBS, np.zeros((6, 6)), closeness(follows))) == [(0, 2), (2, 4), (4, 6)]


def test_transitions_of_worked_example():
    learned = fit([[HOME[a] for a in told] for told in INTERVIEWS], OUTCOMES, 3)

    assert shown(learned.matrix) == MATRIX
    assert shown(learned.start) == [1, 0, 0]


def test_emissions_of_worked_example():
    assert shown(emissions(HOME, [5, 5, 5, 5, 4, 5], 3)) == EMISSIONS


def test_derivation_of_worked_example(derived):
    assert derived.segments == ((0, 2), (2, 4), (4, 6))
    assert derived.home.tolist() == HOME
    assert derived.fit.told.tolist() == [5, 5, 5, 5, 4, 5]
    assert shown(derived.fit.transitions.matrix) == MATRIX
    assert shown(derived.fit.emissions) == EMISSIONS


def test_position_of_worked_example(position):
    assert shown(position) == POSITION


def test_position_of_worked_example_among_many(derived):
    learned = derived.fit.transitions
    found = locate_many(
        SIGNALS, WORDS, [0, 4], learned.matrix, derived.fit.emissions, learned.start, silence_days=[10.0]
    )

    assert shown(found) == [POSITION]


def test_first_passage_of_worked_example(derived):
    assert shown(first_passage(derived.fit.transitions.matrix)) == [
        [0, 1.8644, 4.3584],
        [30.6694, 0, 2.7861],
        [40.1129, 20.2881, 0],
    ]


def test_credit_of_worked_example(derived):
    assert shown(credit(derived.fit.transitions.matrix)) == [
        [1, 0.5736, 0.2727],
        [0.4345, 1, 0.4358],
        [0.1424, 0.2877, 1],
    ]


def test_outlook_of_worked_example(derived, position):
    ahead = outlook(position, derived.fit.transitions.matrix)

    assert shown(ahead.outcomes) == [0.5381, 0.2180, 0.2439]
    assert shown(ahead.moments_left) == 2.9764


def test_returns_of_worked_example(derived, position):
    deal = returns([HOME[a] for a in SIGNALS], derived.fit.transitions.matrix, position)

    assert (deal.moves, deal.observed) == (3, 1)
    back = [0, 0.169231 / 0.976923, (0.009091 + 0.018182) / 0.536364]
    assert deal.expected == pytest.approx(sum(back), abs=1e-5)
    assert deal.ratio == pytest.approx(1 / sum(back), abs=1e-4)
