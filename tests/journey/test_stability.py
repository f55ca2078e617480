import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.derivation import derive
from journey.order import potentials, precedence
from journey.stability import Interviews, bootstrap, saturation
from journey.transitions import fit

TOLD = [["abcdef".index(x) for x in told] for told in ("abcdef", "abdcef", "acbdf", "abcacdef", "bacdefe", "ab")]
ENDED = ["won", "won", "lost", "no_decision", None, "lost"]
JOBS = [0, 0, 1, 1, 2, 2]
NONE = np.zeros((6, 6))


def interviews(**changed):
    given_ = {"sequences": TOLD, "jobs": JOBS, "meaning": NONE, "outcomes": ENDED} | changed
    return Interviews(**given_)


def slow_bootstrap(told, ended, weights, home, seed, resamples):
    """Write out each resample's interviews one by one and derive the process from them as any other."""
    k = max(home) + 1
    times = np.random.default_rng(seed).multinomial(len(told), [1 / len(told)] * len(told), size=resamples)
    overlaps, cyclic, matrices = [], [], []
    for drawn in times:
        sequences = [told[i] for i, often in enumerate(drawn) for _ in range(often)]
        outcomes = [ended[i] for i, often in enumerate(drawn) for _ in range(often)]
        worth = [weights[i] for i, often in enumerate(drawn) for _ in range(often)]
        known = sorted({a for sequence, w in zip(sequences, worth, strict=True) if w for a in sequence})
        number = {a: i for i, a in enumerate(known)}
        again = derive(
            [[number[a] for a in sequence if a in number] for sequence in sequences],
            [JOBS[a] for a in known],
            NONE[: len(known), : len(known)],
            outcomes,
            weights=worth,
        )
        stages = [{known[i] for i in again.activities(s)} for s in range(again.n_stages)]
        fitted = [{a for a in known if home[a] == s} for s in range(k)]
        overlaps.append([max(len(own & other) / len(own | other) for other in stages) for own in fitted])
        cyclic.append(potentials(precedence(sequences, 6, worth)[0]).cyclic_share)
        matrices.append(fit([[home[a] for a in s] for s in sequences], outcomes, k, weights=worth).matrix)
    return np.mean(overlaps, axis=0), np.quantile(cyclic, [0.05, 0.95]), np.quantile(matrices, [0.05, 0.95], axis=0)


@pytest.mark.parametrize("weights", [[1, 1, 1, 1, 1, 1], [0.5, 2, 1, 1, 1, 3]])
def test_bootstrap_equals_slow_resampling(weights):
    home = derive(TOLD, JOBS, NONE, ENDED, weights=weights).home.tolist()

    found = bootstrap(interviews(weights=weights), home, np.random.default_rng(7), resamples=60)

    jaccard, cyclic, (low, high) = slow_bootstrap(TOLD, ENDED, weights, home, 7, 60)
    assert found.jaccard == pytest.approx(jaccard)
    assert found.cyclic_share == pytest.approx(cyclic)
    assert found.resamples == 60
    matrix = fit([[home[a] for a in told] for told in TOLD], ENDED, max(home) + 1, weights=weights).matrix
    assert [[one.stage, one.target] for one in found.transitions] == np.argwhere(matrix > 0.05).tolist()
    for one in found.transitions:
        assert one.share == pytest.approx(matrix[one.stage, one.target])
        assert one.low == pytest.approx(low[one.stage, one.target])
        assert one.high == pytest.approx(high[one.stage, one.target])


def test_bootstrap_with_one_seed_is_one_result():
    first, second = (bootstrap(interviews(), JOBS, np.random.default_rng(3), resamples=20) for _ in range(2))

    assert first.jaccard.tolist() == second.jaccard.tolist()
    assert (first.cyclic_share, first.transitions) == (second.cyclic_share, second.transitions)


def test_bootstrap_of_one_interview_is_sure():
    found = bootstrap(
        interviews(sequences=[[0, 1, 2, 3, 4, 5]], outcomes=["won"]),
        JOBS,
        np.random.default_rng(1),
        resamples=5,
        count=3,
    )

    assert found.jaccard.tolist() == [1, 1, 1]
    assert all(one.low == one.high == one.share for one in found.transitions)


def test_bootstrap_of_stage_told_by_nobody_overlaps_by_nothing():
    found = bootstrap(
        interviews(sequences=[[0, 1], [1, 0]], outcomes=[None, None]),
        [0, 0, 1, 1, 1, 1],
        np.random.default_rng(1),
        resamples=5,
        n_stages=3,
    )

    assert found.jaccard[1:].tolist() == [0, 0]


def test_bootstrap_with_weights_of_zero_knows_nothing():
    found = bootstrap(interviews(weights=[0] * 6), JOBS, np.random.default_rng(1), resamples=5)

    assert found.jaccard.tolist() == [0, 0, 0]
    assert found.cyclic_share == (0, 0)


def test_bootstrap_of_fixed_count_cuts_no_more_than_are_known():
    found = bootstrap(interviews(sequences=[[0]] * 6), [0] * 6, np.random.default_rng(1), count=4, resamples=5)

    assert found.jaccard.tolist() == [1]


@pytest.mark.parametrize(
    ("changed", "options", "sentence"),
    [
        ({"sequences": [], "outcomes": []}, {}, "at least one interview"),
        ({"sequences": [[6]], "outcomes": [None]}, {}, "sequences must lie between 0 and 5"),
        ({"outcomes": ["maybe"] * 6}, {}, "An outcome must be one of"),
        ({"outcomes": []}, {}, "one outcome for each path"),
        ({"weights": [1]}, {}, "weights must have the shape 6"),
        ({"meaning": np.zeros((2, 2))}, {}, "meaning must have the shape 6 x 6"),
        ({}, {"resamples": 0}, "resamples must be at least 1"),
        ({}, {"n_stages": 2}, "home must lie between 0 and 1"),
        ({}, {"alpha": 0}, "alpha must be above 0"),
    ],
)
def test_bootstrap_refuses(changed, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        bootstrap(interviews(**changed), JOBS, np.random.default_rng(1), **options)


def test_bootstrap_of_five_hundred_interviews_takes_seconds():
    rng = np.random.default_rng(2)
    told = np.clip(np.round(rng.normal(np.linspace(0, 39, 20), 4, (500, 20))), 0, 39).astype(int)
    jobs, meaning = np.arange(40) // 7, np.zeros((40, 40))
    ended = rng.choice(["won", "lost", "no_decision"], 500).tolist()
    home = derive(list(told), jobs, meaning, ended).home

    begin = time.perf_counter()
    bootstrap(Interviews(list(told), jobs, meaning, ended), home, rng)

    assert time.perf_counter() - begin < 10


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=5), max_size=6))
def test_saturation_counts_equal_slow_count(told):
    found = saturation(told, np.random.default_rng(1), orders=3)

    times = [sum(a in interview for interview in told) for a in range(6)]
    assert found.interviews == len(told)
    assert found.distinct == sum(t > 0 for t in times)
    assert found.told_once == times.count(1)
    assert found.expected_new == (pytest.approx(times.count(1) / len(told)) if told else None)
    assert found.curve.size == len(told)
    if told:
        assert found.curve[-1] == found.distinct
        assert (np.diff(found.curve) >= 0).all()


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=6))
def test_saturation_course_equals_slow_listening(told):
    found = saturation(told, np.random.default_rng(8), orders=7)

    rng, courses = np.random.default_rng(8), []
    for _ in range(7):
        place = rng.permutation(len(told)).tolist()
        courses.append(
            [len({a for i, one in enumerate(told) if place[i] <= after for a in one}) for after in range(len(told))]
        )
    assert found.curve == pytest.approx(np.mean(courses, axis=0))
    assert [found.low, found.high] == pytest.approx(np.quantile(courses, [0.05, 0.95], axis=0))


def test_saturation_curve_nears_its_expectation():
    """After m of N interviews an activity that t of them tell is known unless all m are among the other N - t."""
    told = [[0, 1, 2], [0, 1], [0, 3], [0], [0, 1, 4]]

    found = saturation(told, np.random.default_rng(4), orders=20_000)

    exact = []
    for m in range(1, 6):
        missed = [np.prod([(5 - t - i) / (5 - i) for i in range(m)]) if 5 - t >= m else 0 for t in (5, 3, 1, 1, 1)]
        exact.append(5 - sum(missed))
    assert found.curve == pytest.approx(exact, abs=0.03)


def test_saturation_without_interviews_expects_nothing_known():
    found = saturation([], np.random.default_rng(1))

    assert (found.interviews, found.distinct, found.expected_new, found.curve.tolist()) == (0, 0, None, [])


def test_saturation_of_silent_interviews_is_flat():
    assert saturation([[], []], np.random.default_rng(1)).curve.tolist() == [0, 0]


@pytest.mark.parametrize(("told", "orders"), [([[-1]], 1), ([[0.5]], 1), ([[0]], 0)])
def test_saturation_refuses(told, orders):
    with pytest.raises(ValueError, match="must"):
        saturation(told, np.random.default_rng(1), orders=orders)
