import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.ranking import (
    DOUBT,
    PRIOR,
    SPREAD,
    STRENGTH,
    USUAL,
    Proposals,
    average_precision,
    evidence,
    learn,
    probability,
    trial,
)


def proposals(seed, size):
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(size, 4))
    return Proposals(
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        draw.integers(0, 3, size),
        draw.uniform(0.05, 0.95, size),
    ), draw.random(size) < 0.4


def slow_evidence(new, decided, said, without_itself):
    rows = []
    for i in range(len(new.codes)):
        near = {"got": [], "refused": [], "other": []}
        for j in range(len(decided.codes)):
            if without_itself and i == j:
                continue
            cosine = float(np.dot(new.vectors[i], decided.vectors[j]))
            if new.codes[i] == decided.codes[j]:
                near["got" if said[j] else "refused"].append(cosine)
            elif said[j]:
                near["other"].append(cosine)

        def nearness(which, near=near):
            two = sorted(near[which], reverse=True)[:2]
            return (sum(two) / len(two) - USUAL) / SPREAD if two else 0.0

        usual = (sum(said) + 1) / (len(said) + 2)
        odds = (len(near["got"]) + DOUBT * usual) / (len(near["refused"]) + DOUBT * (1 - usual))
        score = new.scores[i]
        rows.append(
            [
                1.0,
                np.log(score / (1 - score)),
                nearness("got"),
                nearness("refused"),
                np.log(odds) - np.log(usual / (1 - usual)),
                nearness("other"),
            ]
        )
    return np.array(rows).reshape(-1, 6)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 7), st.integers(0, 7))
def test_evidence_equals_slow_count(seed, size, asked):
    decided, said = proposals(seed, size)
    new, _ = proposals(seed + 1, asked)

    assert evidence(new, decided, said) == pytest.approx(slow_evidence(new, decided, said, without_itself=False))
    own = evidence(decided, decided, said, are_the_decided=True)
    assert own == pytest.approx(slow_evidence(decided, decided, said, without_itself=True))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 25))
def test_learn_equals_slow_descent(seed, size):
    decided, said = proposals(seed, size)
    terms = evidence(decided, decided, said, are_the_decided=True)
    slow = np.array(PRIOR)
    pace = 1 / (STRENGTH + np.linalg.eigvalsh(terms.T @ terms).max() / 4)
    for _ in range(3000):
        slow -= pace * (terms.T @ (1 / (1 + np.exp(-terms @ slow)) - said) + STRENGTH * (slow - PRIOR))

    assert learn(terms, said) == pytest.approx(slow, abs=1e-5)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.4, 0.5, 0.9])), max_size=12))
def test_average_precision_equals_slow_count(rows):
    ranks = []
    for accepted, score in rows:
        above = [other for other, its in rows if its >= score]
        ranks += [sum(above) / len(above)] if accepted else []

    found = average_precision([accepted for accepted, _ in rows], [score for _, score in rows])

    assert found == (pytest.approx(sum(ranks) / len(ranks)) if ranks else None)


def test_without_decisions_the_machines_score_stands():
    new, _ = proposals(3, 5)
    none, nothing = proposals(3, 0)

    assert probability(evidence(new, none, nothing), learn(np.empty((0, 6)), [])) == pytest.approx(new.scores)


def test_refused_code_sinks_and_accepted_one_rises():
    """Code 0 is always refused, code 1 always accepted, whatever the machine thinks of them."""
    decided, _ = proposals(5, 60)
    said = decided.codes == 1
    weights = learn(evidence(decided, decided, said, are_the_decided=True), said)
    new = Proposals(decided.vectors[:2], np.array([0, 1]), np.array([0.8, 0.4]))

    refused, accepted = probability(evidence(new, decided, said), weights)

    assert refused < 0.2
    assert accepted > 0.6
    before, after = trial(decided, said, np.arange(60) % 4)
    assert before < 0.7
    assert after > 0.95


def test_trial_of_one_interview_or_nothing_accepted_is_none():
    decided, said = proposals(1, 6)
    assert trial(decided, said, np.zeros(6)) is None
    assert trial(decided, np.zeros(6, dtype=bool), np.arange(6)) is None


def test_broken_input_is_refused():
    decided, said = proposals(1, 6)
    with pytest.raises(ValueError, match="accepted must"):
        evidence(decided, decided, said[:-1])
    with pytest.raises(ValueError, match="scores must"):
        evidence(Proposals(decided.vectors, decided.codes, decided.scores + 2), decided, said)
    with pytest.raises(ValueError, match="strength must"):
        learn(np.empty((0, 6)), [], strength=0)
    with pytest.raises(ValueError, match="terms must"):
        learn(np.full((1, 6), np.nan), [True])
