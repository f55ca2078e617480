"""A short soak (F27): a few random faults while somebody edits. The long one, of twenty seeds, is script/soak."""

from tests.faults.soak import GROWN, Memory, soak


def test_f27_random_faults_lose_nothing(rig):
    memory = Memory(rig)
    assert "nothing lost, nothing wrong" in soak(rig, memory, seed=17, faults=4)
    memory.first = {known: 0.7 * size for known, size in memory.first.items()}
    assert memory.grown() > GROWN, "it would be seen, whichever processes were killed meanwhile"
