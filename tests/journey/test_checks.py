import ast
from pathlib import Path

import numpy as np
import pytest

import journey
from journey import checks

HOUSE = Path(journey.__file__).parent


def test_floats_does_not_copy_what_fits():
    array = np.array([1.0, 2.0])

    assert checks.floats(array, "array", (2,)) is array


def test_floats_names_the_wanted_shape():
    with pytest.raises(ValueError, match=r"credit must have the shape 2 x any, not \(3,\)"):
        checks.floats([1, 2, 3], "credit", (2, None))


def test_integers_of_unsigned_bytes_are_taken():
    assert checks.integers(np.array([1, 2], dtype=np.uint8), "home", stop=3).dtype == np.int64


def test_count_refuses_truth():
    with pytest.raises(ValueError, match="n_stages must be a whole number"):
        checks.count(True, "n_stages")


@pytest.mark.parametrize("path", sorted(HOUSE.glob("*.py")), ids=lambda path: path.stem)
def test_module_imports_numpy_and_a_few_of_the_standard_library(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])

    assert imported <= {"collections", "dataclasses", "functools", "journey", "numpy"}
