"""A short soak (F27): a few random faults while somebody edits. The long one, of twenty seeds, is script/soak."""

from tests.faults.soak import Memory, soak


def test_f27_random_faults_lose_nothing(rig):
    memory = Memory(rig)
    memory.grown()
    assert "nothing lost, nothing wrong" in soak(rig, memory, seed=17, faults=4)
