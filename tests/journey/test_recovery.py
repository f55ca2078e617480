"""Known processes are found again. `script/bench_recovery.py` reports the figures over forty seeds."""

import numpy as np
import pytest

from tests.journey.simulated import agreement, found, order_kept, simulate

SEEDS = range(10)


@pytest.mark.parametrize(("interviews", "least"), [(12, 0.80), (30, 0.90)])
def test_known_processes_are_found_again(interviews, least):
    made = [simulate(seed, interviews) for seed in SEEDS]

    derived = [found(known) for known in made]

    pairs = list(zip(made, derived, strict=True))
    assert np.median([agreement(known.home, again.home) for known, again in pairs]) >= least
    assert np.median([order_kept(known, again) for known, again in pairs]) >= 0.97


def test_a_quarter_of_the_moves_lead_back():
    backs = [simulate(seed, 30).moves_back for seed in SEEDS]

    assert np.mean(backs) == pytest.approx(0.25, abs=0.07)


def test_agreement_is_one_for_the_same_stages_and_about_nothing_by_chance():
    rng = np.random.default_rng(1)
    one = np.repeat(np.arange(4), 25)
    assert agreement(one, 3 - one) == 1.0
    assert abs(np.mean([agreement(one, rng.permutation(one)) for _ in range(50)])) < 0.02
