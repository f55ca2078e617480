import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from journey.regression import fit


def slow_fit(features, classes, n_classes, strength, weights):
    """Minimise the same objective, written out example by example, with somebody else's optimiser."""
    features, weights = np.asarray(features, dtype=float), np.asarray(weights, dtype=float)
    centre = np.average(features, axis=0, weights=weights)
    scale = np.sqrt(np.average((features - centre) ** 2, axis=0, weights=weights))
    standard = (features - centre) / np.where(scale > 1e-9, scale, 1)

    def objective(flat):
        table = flat.reshape(n_classes, -1)
        loss = 0.5 * (table[:, :-1] ** 2).sum()
        for row, label, weight in zip(standard, classes, weights, strict=True):
            scores = table[:, :-1] @ row + table[:, -1]
            loss += strength * weight * (np.logaddexp.reduce(scores) - scores[label])
        return loss

    found = minimize(objective, np.zeros(n_classes * (features.shape[1] + 1)), method="BFGS", options={"gtol": 1e-7})
    return found.x.reshape(n_classes, -1), found.fun


@st.composite
def examples(draw):
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    c, size, width = draw(st.integers(2, 3)), draw(st.integers(6, 25)), draw(st.integers(1, 3))
    features = rng.normal(size=(size, width)) * 10.0 ** rng.integers(-2, 3, width) + rng.integers(-5, 5, width)
    classes = np.concatenate([np.arange(c), rng.integers(0, c, size - c)])
    weights = rng.random(size) + 0.1 if draw(st.booleans()) else np.ones(size)
    return features, classes, c, draw(st.sampled_from([0.01, 0.1, 1.0])), weights


@settings(deadline=None, max_examples=25)
@given(examples())
def test_fit_equals_slow_fit(case):
    features, classes, c, strength, weights = case

    model = fit(features, classes, c, strength=strength, weights=weights)

    slow, _ = slow_fit(features, classes, c, strength, weights)
    assert model.coefficients == pytest.approx(slow[:, :-1], abs=2e-4)
    assert model.intercepts == pytest.approx(slow[:, -1] - slow[:, -1].mean(), abs=2e-4)
    chances = model.chances(features)
    assert chances.sum(axis=1) == pytest.approx(np.ones(len(features)))
    counts = [weights[classes == label].sum() for label in range(c)]
    assert weights @ chances == pytest.approx(counts, rel=1e-6), "free intercepts match the classes' totals"


def test_fit_weights_are_repeats():
    rng = np.random.default_rng(4)
    features, classes, times = rng.normal(size=(30, 2)), rng.integers(0, 3, 30), rng.integers(0, 3, 30)

    weighted = fit(features, classes, 3, weights=times)

    repeated = fit(np.repeat(features, times, axis=0), np.repeat(classes, times), 3)
    assert weighted.coefficients == pytest.approx(repeated.coefficients, abs=1e-9)
    assert weighted.chances(features) == pytest.approx(repeated.chances(features), abs=1e-9)


def test_fit_does_not_depend_on_units():
    rng = np.random.default_rng(5)
    features, classes = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)

    assert fit(features * [1e6, 1e-6] + 7, classes, 3).chances(features * [1e6, 1e-6] + 7) == pytest.approx(
        fit(features, classes, 3).chances(features), abs=1e-8
    )


def test_fit_of_a_class_without_example_gives_it_no_chance():
    model = fit([[0.0], [1.0], [2.0]], [0, 2, 2], 3)

    chances = model.chances([[5.0], [-5.0]])
    assert chances[:, 1].tolist() == [0, 0]
    assert chances.sum(axis=1) == pytest.approx([1, 1])


def test_fit_of_one_class_is_certain():
    assert fit([[0.0], [1.0]], [1, 1], 3).chances([[9.0]]).tolist() == [[0, 1, 0]]


def test_fit_of_a_constant_feature_says_the_shares():
    model = fit([[3.0], [3.0], [3.0], [3.0]], [0, 0, 0, 1], 2)

    assert model.coefficients.tolist() == [[0], [0]]
    assert model.chances([[3.0]]) == pytest.approx(np.array([[0.75, 0.25]]))


def test_fit_without_features_says_the_shares():
    assert fit(np.zeros((4, 0)), [0, 1, 1, 1], 2).chances(np.zeros((1, 0))) == pytest.approx(np.array([[0.25, 0.75]]))


def test_fit_of_classes_apart_stays_finite():
    model = fit([[-1.0], [-1.1], [1.0], [1.2]], [0, 0, 1, 1], 2, strength=1e6)

    assert np.isfinite(model.coefficients).all()
    assert model.chances([[1.0]])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"features": [[0.0], [np.nan]]}, "features must not hold NaN"),
        ({"features": [[0.0], [np.inf]]}, "features must be finite"),
        ({"features": [0.0, 1.0]}, "features must have the shape"),
        ({"classes": [0]}, "classes must be a row of 2"),
        ({"classes": [0, 2]}, "classes must lie between 0 and 1"),
        ({"classes": [0, -1]}, "classes must lie between"),
        ({"n_classes": 0}, "n_classes must be at least 1"),
        ({"strength": 0.0}, "strength must be above 0"),
        ({"weights": [1.0, -1.0]}, "weights must lie between 0"),
        ({"weights": [0.0, 0.0]}, "at least one example"),
        ({"features": np.zeros((0, 1)), "classes": np.zeros(0, dtype=int)}, "at least one example"),
    ],
)
def test_fit_refuses(changed, sentence):
    given_ = {"features": [[0.0], [1.0]], "classes": [0, 1], "n_classes": 2} | changed

    with pytest.raises(ValueError, match=sentence):
        fit(**given_)


def test_chances_refuse_another_number_of_features():
    with pytest.raises(ValueError, match="features must have the shape any x 1"):
        fit([[0.0], [1.0]], [0, 1], 2).chances([[0.0, 1.0]])
