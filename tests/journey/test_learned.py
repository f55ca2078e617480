import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import chains, regression
from journey.derivation import fit_stages
from journey.learned import TERMS, Ground, Known, features, known_of, learn
from journey.looks import LOOKS_AT_MOST, Ended, Paths, longest_silence, looks
from journey.outlook import outlook
from journey.position import locate

HOME = np.array([0, 0, 1, 1])
FIT = fit_stages([[0, 1, 2, 3], [1, 0, 3], [0, 2, 0, 3]], ["won", "lost", "no_decision"], HOME, 2)
GROUND = Ground(FIT.transitions.matrix, FIT.emissions, FIT.transitions.start, HOME, 21.0)


def paths(stories, ages, settled=None):
    """Lay stories of (activity, word, day) end to end."""
    flat = [signal for story in stories for signal in story]
    return Paths(
        signals=np.array([a for a, _, _ in flat], dtype=np.int64),
        words=np.array([word for _, word, _ in flat], dtype=float),
        moments=np.array([day for _, _, day in flat], dtype=float),
        offsets=np.cumsum([0, *map(len, stories)]),
        age=np.array(ages, dtype=float),
        settled=np.zeros(len(stories)) if settled is None else np.array(settled, dtype=float),
    )


@st.composite
def pasts(draw):
    """Stories, the days of their ends, how they ended, and the days on which evidence was settled."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        days = sorted(draw(st.lists(st.integers(0, 200), max_size=20)))
        story = [(draw(st.integers(0, 3)), draw(st.sampled_from([1.0, 0.8, 0.5])), day) for day in days]
        end = (days[-1] if days else 0) + draw(st.integers(0, 100))
        proofs = sorted(draw(st.lists(st.integers(0, end), max_size=3)))
        found.append((story, end, draw(st.integers(0, 2)), proofs))
    return found


def ended_of(past):
    return Ended(
        paths=paths([story for story, _, _, _ in past], [end for _, end, _, _ in past]),
        outcomes=np.array([outcome for _, _, outcome, _ in past], dtype=np.int64),
        evidence=np.array([day for _, _, _, proofs in past for day in proofs], dtype=float),
        evidence_offsets=np.cumsum([0, *(len(proofs) for _, _, _, proofs in past)]),
        n_evidence=3,
    )


def slow_looks(past, half_life):
    for owner, (story, end, _, proofs) in enumerate(past):
        own = []
        for place, (_, _, day) in enumerate(story):
            until = story[place + 1][2] if place + 1 < len(story) else end
            for pause in (0, 1, 2, 4):
                if pause == 0 or day + pause * half_life < until:
                    now = day + pause * half_life
                    own.append((owner, story[: place + 1], now, sum(proof <= now for proof in proofs) / 3))
        most = min(len(own), LOOKS_AT_MOST)
        yield from (look for rank, look in enumerate(own) if (rank + 1) * most // len(own) > rank * most // len(own))


@settings(deadline=None)
@given(pasts(), st.sampled_from([7.0, 21.0]))
def test_looks_equal_slow_looks(past, half_life):
    owner, seen = looks(ended_of(past), half_life)

    expected = list(slow_looks(past, half_life))
    assert owner.tolist() == [whose for whose, _, _, _ in expected]
    assert seen.age.tolist() == [now for _, _, now, _ in expected]
    assert seen.settled.tolist() == [share for _, _, _, share in expected]
    for look, (_, story, _, _) in enumerate(expected):
        own = slice(seen.offsets[look], seen.offsets[look + 1])
        told = zip(seen.signals[own], seen.words[own], seen.moments[own], strict=True)
        assert [(int(a), float(word), float(day)) for a, word, day in told] == story


def test_looks_show_nothing_of_what_comes_after():
    story, proofs = [(0, 1.0, 0), (1, 0.5, 30)], [10, 60]
    longer = [*story, (2, 1.0, 70), (3, 1.0, 71)]

    _, seen = looks(ended_of([(story, 40, 0, proofs)]), 21.0)
    _, seen_longer = looks(ended_of([(longer, 90, 2, proofs)]), 21.0)

    assert seen.age.tolist() == [0, 21, 30]
    assert seen_longer.age.tolist() == [0, 21, 30, 51, 70, 71]
    assert seen.settled.tolist() == seen_longer.settled[:3].tolist() == [0, 1 / 3, 1 / 3]
    assert seen.signals.tolist() == seen_longer.signals[: seen.signals.size].tolist()


@settings(deadline=None)
@given(pasts())
def test_known_equals_slow_known(past):
    stories = [(story, end) for story, end, _, _ in past]
    seen = paths([story for story, _ in stories], [end for _, end in stories])

    known = known_of(seen, GROUND)

    table = features(np.zeros((len(past), 3)), known)
    assert table.shape == (len(past), 2 + 10)
    for row, (story, end) in enumerate(stories):
        days = [day for _, _, day in story]
        gaps = [after - before for before, after in itertools.pairwise([*days, end])]
        where = locate(
            [a for a, _, _ in story],
            [word for _, word, _ in story],
            GROUND.matrix,
            GROUND.emissions,
            GROUND.start,
            silence_days=float(end - days[-1]) if days else 0.0,
        )
        ends = outlook(where, GROUND.matrix).outcomes
        stages = [HOME[a] for a, _, _ in story]
        back = sum(after < before for before, after in itertools.pairwise(stages))
        logs = [math.log(1 + count) for count in (end, max(gaps) if days else end, back)]
        expected = [0, 0, 0, *[math.log(p / (1 - p)) for p in ends], *where, *logs, 0]
        assert table[row] == pytest.approx(expected, abs=1e-9)


def simulated(rng, deals):
    """Give purchases that differ by how they end: won ones go on from 0 to 1, the others circle and fall silent."""
    past = []
    for _ in range(deals):
        outcome = int(rng.integers(0, 3))
        story, day = [], 0.0
        for _ in range(int(rng.integers(2, 7))):
            likely = [0.1, 0.4, 0.1, 0.4] if outcome == 0 else [0.4, 0.1, 0.4, 0.1]
            story.append((int(rng.choice(4, p=likely)), 1.0, day))
            day += float(rng.exponential(4 if outcome == 0 else 25))
        past.append((story, day, outcome, []))
    return past


def test_learn_equals_its_parts_done_by_hand():
    past = simulated(np.random.default_rng(2), 30)
    ended = ended_of(past)

    learned = learn(ended, GROUND)

    owner, seen = looks(ended, 21.0)
    rows = []
    for look, whose in enumerate(owner):
        others = [deal for number, deal in enumerate(past) if number * 5 // 30 != whose * 5 // 30]
        rest = ended_of(others)
        table = chains.ratios(rest.paths.signals, rest.paths.offsets, rest.outcomes, 4)
        own = seen.signals[seen.offsets[look] : seen.offsets[look + 1]]
        rows.append(chains.along(own, [0, own.size], table)[0])
    shares = [1 / np.sum(owner == whose) for whose in owner]
    table = features(np.array(rows), known_of(seen, GROUND))
    model = regression.fit(table, ended.outcomes[owner], 3, weights=shares)
    assert learned.model.coefficients == pytest.approx(model.coefficients, abs=1e-8)
    assert learned.ratios == pytest.approx(chains.ratios(ended.paths.signals, ended.paths.offsets, ended.outcomes, 4))


def test_learned_tells_more_than_absorption():
    rng = np.random.default_rng(7)
    learned = learn(ended_of(simulated(rng, 300)), GROUND)
    fresh = ended_of(simulated(rng, 300))
    known = known_of(fresh.paths, GROUND)

    chances = learned.outcomes(fresh.paths.signals, fresh.paths.offsets, known)

    assert chances.sum(axis=1) == pytest.approx(np.ones(300))
    won = fresh.outcomes == 0
    by_learning = (chances[won, 0][:, None] > chances[~won, 0]).mean()
    by_place = (known.outcomes[won, 0][:, None] > known.outcomes[~won, 0]).mean()
    assert by_learning > 0.9
    assert by_place < by_learning


def test_learned_knows_no_more_where_ends_are_chance():
    rng = np.random.default_rng(8)
    past = [(story, end, int(rng.integers(0, 3)), []) for story, end, _, _ in simulated(rng, 200)]
    learned = learn(ended_of(past), GROUND)
    fresh = [(story, end, int(rng.integers(0, 3)), []) for story, end, _, _ in simulated(rng, 400)]
    seen = ended_of(fresh)

    chances = learned.outcomes(seen.paths.signals, seen.paths.offsets, known_of(seen.paths, GROUND))

    won = seen.outcomes == 0
    assert (chances[won, 0][:, None] > chances[~won, 0]).mean() == pytest.approx(0.5, abs=0.08)


def test_terms_add_up_to_the_log_odds():
    """Where only won and lost were seen, the terms are the log-odds beyond those of the average purchase."""
    learned = learn(
        ended_of([(s, e, 0 if o == 0 else 1, p) for s, e, o, p in simulated(np.random.default_rng(3), 60)]), GROUND
    )
    seen = ended_of(simulated(np.random.default_rng(4), 10)).paths
    known = known_of(seen, GROUND)

    terms = learned.terms(seen.signals, seen.offsets, known)

    assert terms.shape == (10, len(TERMS))
    chances = learned.outcomes(seen.signals, seen.offsets, known)
    middle = learned.model.intercepts[0] - learned.model.intercepts[1]
    assert terms.sum(axis=1) + middle == pytest.approx(np.log(chances[:, 0] / chances[:, 1]))


def test_longest_silence_without_signals_is_the_age():
    assert longest_silence([], [0, 0], [12.0]).tolist() == [12.0]


def test_longest_silence_of_what_was_seen_before_the_opening():
    assert longest_silence([-30.0, -2.0], [0, 2], [1.0]).tolist() == [28.0]


def test_learn_refuses_a_past_without_signals():
    with pytest.raises(ValueError, match="no purchase that ended has a signal"):
        learn(ended_of([([], 5, 0, [])]), GROUND)


def test_learn_refuses_another_outcome():
    ended = ended_of([([(0, 1.0, 0)], 5, 0, [])])

    with pytest.raises(ValueError, match="outcomes must lie between 0 and 2"):
        learn(dataclasses.replace(ended, outcomes=np.array([3])), GROUND)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"outcomes": np.array([[0.5, 0.5, np.nan]])}, "outcomes must not hold NaN"),
        ({"outcomes": np.zeros((2, 3))}, "outcomes must have the shape"),
        ({"position": np.array([[1.5]])}, "position must lie between"),
        ({"age": np.array([-1.0])}, "age must lie between 0"),
        ({"silence": np.array([-1.0])}, "silence must lie between 0"),
        ({"returns": np.array([-1])}, "returns must lie between 0"),
        ({"settled": np.array([1.5])}, "settled must lie between 0"),
    ],
)
def test_features_refuse(changed, sentence):
    known = Known(
        np.full((1, 3), 1 / 3), np.ones((1, 1)), np.zeros(1), np.zeros(1), np.zeros(1, dtype=int), np.zeros(1)
    )

    with pytest.raises(ValueError, match=sentence):
        features(np.zeros((1, 3)), dataclasses.replace(known, **changed))


def test_looks_refuse_offsets_that_do_not_fit():
    ended = ended_of([([(0, 1.0, 0)], 5, 0, [])])

    with pytest.raises(ValueError, match="offsets must"):
        looks(dataclasses.replace(ended, paths=dataclasses.replace(ended.paths, offsets=np.array([0, 2]))), 21.0)


def test_looks_refuse_a_half_life_of_nothing():
    with pytest.raises(ValueError, match="half_life_days must be above 0"):
        looks(ended_of([]), 0.0)
