import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.chaos import entropy
from journey.outlook import outlook
from journey.rows import products, sums
from journey.transitions import fit

seeds, sizes = st.integers(0, 10**6), st.integers(1, 9)


def slow_products(rows, matrix):
    """Add up in plain Python floats, first term first."""
    found = []
    for row in rows.tolist():
        found.append([])
        for column in matrix.T.tolist():
            total = 0.0
            for one, other in zip(row, column, strict=True):
                total += one * other
            found[-1].append(total)
    return found


@settings(deadline=None)
@given(seeds, st.integers(0, 9), sizes, sizes)
def test_products_equal_slow_sums_bit_for_bit(seed, n, k, j):
    rng = np.random.default_rng(seed)
    rows, matrix = rng.normal(size=(n, k)), rng.normal(size=(k, j))

    assert products(rows, matrix).tolist() == slow_products(rows, matrix)
    assert sums(rows).tolist() == [found[0] for found in slow_products(rows, np.ones((k, 1)))]
    assert products(rows, matrix) == pytest.approx(rows @ matrix)


def test_products_of_more_rows_than_a_block_are_those_of_each_block():
    rows, matrix = np.random.default_rng(1).random((5000, 3)), np.random.default_rng(2).random((3, 2))

    assert products(rows, matrix).tolist() == [
        *products(rows[:4096], matrix).tolist(),
        *slow_products(rows[4096:], matrix),
    ]


@settings(deadline=None)
@given(seeds, sizes, sizes)
def test_outlook_and_entropy_of_a_deal_alone_have_the_same_bits(seed, n, k):
    rng = np.random.default_rng(seed)
    matrix = fit([rng.integers(0, k, 6) for _ in range(3)], ["won", "lost", "no_decision"], k).matrix
    positions = rng.dirichlet(np.ones(k), n)
    many, unsure = outlook(positions, matrix), entropy(positions)

    for row in range(n):
        alone = outlook(positions[row], matrix)
        assert alone.outcomes.tolist() == many.outcomes[row].tolist()
        assert alone.moments_left == many.moments_left[row]
        assert entropy(positions[row]) == unsure[row]
