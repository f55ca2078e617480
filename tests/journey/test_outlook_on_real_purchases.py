"""On real purchases, split by time, the learned outlook tells more than absorption."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT.parent / "shared" / "data" / "logs" / "bpic2017_subset.csv"


@pytest.mark.skipif(not LOG.exists(), reason="the real purchases do not lie beside this checkout")
def test_learned_outlook_tells_more_than_absorption():
    spec = importlib.util.spec_from_file_location("bench_outlook", ROOT / "script" / "bench_outlook.py")
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)

    found = {moments: figures for moments, *figures in bench.compare(LOG)}

    assert set(found) == {5, 10}, "none of these purchases is as long as 20 moments"
    for size, made, absorption, _, learned in found.values():
        assert size > 400
        assert made > 150
        assert learned > absorption + 0.03
    assert found[5][-1] == pytest.approx(0.59, abs=0.01)
    assert found[10][-1] == pytest.approx(0.86, abs=0.01)
