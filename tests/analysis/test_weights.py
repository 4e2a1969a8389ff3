"""Weights of attributes in a preference."""

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import Design, attribute_weights
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}


def scenes(random, n_scenes=10, n_items=7):
    """Preference that is made of color, contrast and noise."""
    contrast = random.normal(size=n_scenes * n_items)
    color = 0.5 * contrast + random.normal(size=contrast.shape)
    preference = 0.3 * contrast + 0.6 * color + 0.3 * random.normal(size=contrast.shape)
    return preference, {"contrast": contrast, "color": color}, np.repeat(range(n_scenes), n_items)


def by_least_squares(preference, attributes):
    """Weights, R2 and the largest multiple correlation, by numpy's solver on standard scores."""
    z = [(np.asarray(v) - np.mean(v)) / np.std(v) for v in (*attributes.values(), preference)]
    *columns, target = z

    def fitted(columns, target):
        design = np.column_stack([*columns, np.ones_like(target)])
        weights = np.linalg.lstsq(design, target, rcond=None)[0]
        return weights[:-1], 1 - ((target - design @ weights) ** 2).sum() / (target**2).sum()

    weights, r2 = fitted(columns, target)
    others = [fitted(columns[:k] + columns[k + 1 :], columns[k])[1] for k in range(len(columns)) if len(columns) > 1]
    return weights, r2, math.sqrt(max(others, default=NAN))


def values(estimates):
    return [estimate.value for estimate in estimates.values()]


@pytest.mark.parametrize("extra", [{}, {"sharpness": 0}])
def test_agrees_with_least_squares(extra):
    random = np.random.default_rng(1)
    preference, attributes, _ = scenes(random)
    attributes |= {name: random.normal(size=70) + attributes["color"] for name in extra}
    found = attribute_weights(preference, attributes, **QUICK)
    weights, r2, collinearity = by_least_squares(preference, attributes)
    assert values(found.weights) == pytest.approx(list(weights))
    assert values(found.relative) == pytest.approx(list(np.abs(weights) / np.abs(weights).sum()))
    assert (found.r2.value, found.collinearity.value) == (pytest.approx(r2), pytest.approx(collinearity))
    assert list(found.weights) == list(attributes)


def test_two_attributes_have_the_textbook_formula():
    # Two predictors: beta_1 = (r_y1 - r_y2 r_12) / (1 - r_12^2), Cohen and Cohen, Applied Multiple Regression, 3.2;
    # R2 = beta_1 r_y1 + beta_2 r_y2; and for two the multiple correlation is |r_12|.
    preference, attributes, _ = scenes(np.random.default_rng(2))
    attributes["contrast"] = -attributes["contrast"]
    r = np.corrcoef([attributes["contrast"], attributes["color"], preference])
    one = (r[0, 2] - r[1, 2] * r[0, 1]) / (1 - r[0, 1] ** 2)
    other = (r[1, 2] - r[0, 2] * r[0, 1]) / (1 - r[0, 1] ** 2)
    found = attribute_weights(preference, attributes, **QUICK)
    assert values(found.weights) == pytest.approx([one, other])
    assert found.r2.value == pytest.approx(one * r[0, 2] + other * r[1, 2])
    assert found.collinearity.value == pytest.approx(abs(r[0, 1]))


def test_replicates_are_the_fit_to_the_drawn_groups():
    preference, attributes, groups = scenes(np.random.default_rng(3), n_scenes=4)
    preference[5] = NAN
    drawn = Design.of(groups, replicates=6).indices
    found = attribute_weights(preference, attributes, groups=groups, unit="scene", replicates=6)
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([np.flatnonzero((groups == row) & ~np.isnan(preference)) for row in rows])
        weights, r2, collinearity = by_least_squares(
            preference[chosen], {name: column[chosen] for name, column in attributes.items()}
        )
        assert [estimate.replicates[b] for estimate in found.weights.values()] == pytest.approx(list(weights))
        assert found.r2.replicates[b] == pytest.approx(r2)
        assert found.collinearity.replicates[b] == pytest.approx(collinearity)
    weight = found.weights["color"]
    assert (weight.n, weight.unit, weight.missing, weight.name) == (4, "scene", 1, "weight of color")
    assert weight.method.startswith("least squares on standard scores; Student bootstrap by scene")


def test_units_of_the_measures_do_not_matter_and_signs_do():
    preference, attributes, _ = scenes(np.random.default_rng(4))
    one = attribute_weights(preference, attributes, **QUICK)
    scaled = {"contrast": attributes["contrast"] * 1e200, "color": 5e6 - attributes["color"] / 1e3}
    two = attribute_weights(preference * 100 + 3, scaled, **QUICK)
    assert two.weights["contrast"].value == pytest.approx(one.weights["contrast"].value, rel=1e-4)
    assert two.weights["color"].value == pytest.approx(-one.weights["color"].value, rel=1e-4)
    assert two.relative["color"].value == pytest.approx(one.relative["color"].value, rel=1e-4)


def test_dominance_is_the_share_of_replicates():
    preference, attributes, groups = scenes(np.random.default_rng(5), n_scenes=4, n_items=4)
    found = attribute_weights(preference, attributes, groups=groups, **QUICK)
    pairs = list(zip(found.weights["color"].replicates, found.weights["contrast"].replicates, strict=True))
    expected = sum(color > contrast for color, contrast in pairs)
    dominance = found.dominance("color", "contrast")
    assert dominance.value == expected / 200
    assert (dominance.n, dominance.unit) == (200, "replicate")
    assert dominance.p == (1 + 200 - expected) / 201
    assert dominance.low <= dominance.value <= dominance.high
    assert found.dominance("contrast", "color").value == pytest.approx(1 - dominance.value)
    assert found.dominance("color", "color").value == 0
    with pytest.raises(UsageError, match=r"attribute='colour'; did you mean 'color'\? known: color, contrast"):
        found.dominance("colour", "contrast")


def test_an_attribute_that_is_twice_another_one():
    preference, attributes, _ = scenes(np.random.default_rng(6))
    attributes["color"] = 2 * attributes["contrast"] + 1
    found = attribute_weights(preference, attributes, **QUICK)
    assert found.collinearity.value == 1
    for estimate in (*found.weights.values(), *found.relative.values(), found.r2):
        assert math.isnan(estimate.value)
        assert estimate.reason == "attributes depend on each other: collinearity is 1"
    with pytest.raises(Inconclusive, match="dominance of color over contrast: attributes depend on each other"):
        check_decidable(found.dominance("color", "contrast"))


def test_what_does_not_vary_is_named():
    preference, attributes, _ = scenes(np.random.default_rng(7))
    flat = attribute_weights(preference, attributes | {"contrast": np.full(70, 0.1)}, **QUICK)
    assert flat.weights["color"].reason == "contrast is constant: nothing can be told from it"
    assert math.isnan(flat.collinearity.value)
    bored = attribute_weights(np.full(70, 0.3), attributes, **QUICK)
    assert bored.r2.reason == "preference is constant: nothing can be told from it"
    assert bored.collinearity.reason == ""
    assert bored.collinearity.value > 0


def test_attributes_without_any_weight_have_no_relative_one():
    # A design in which the attribute goes with nothing, exactly.
    found = attribute_weights([1, -1, -1, 1], {"level": [1, 1, -1, -1]}, **QUICK)
    assert (found.weights["level"].value, found.r2.value) == (0, 0)
    assert found.relative["level"].reason == "all weights are 0"


def test_one_attribute_weighs_its_correlation():
    preference, attributes, _ = scenes(np.random.default_rng(8))
    found = attribute_weights(preference, {"color": attributes["color"]}, **QUICK)
    r = np.corrcoef(preference, attributes["color"])[0, 1]
    assert (found.weights["color"].value, found.r2.value) == (pytest.approx(r), pytest.approx(r**2))
    assert found.relative["color"].value == 1
    assert (math.isnan(found.collinearity.value), found.collinearity.reason) == (True, "there is one attribute only")


def test_missing_values_are_left_out_and_too_many_decide_nothing():
    preference, attributes, groups = scenes(np.random.default_rng(9))
    preference[:21] = NAN
    found = attribute_weights(preference, attributes, groups=groups, **QUICK).r2
    assert (found.missing, found.n) == (21, 7)
    assert found.reason == "valid share 0.7 < 0.9: 49 of 70 data usable"
    preference[3:] = NAN
    preference[:3] = 1, 2, 4
    found = attribute_weights(preference, attributes, groups=groups, **QUICK)
    assert found.r2.reason == "3 of 70 stimuli have all values; weights of 2 attribute(s) need 4"
    assert math.isnan(found.weights["color"].value)
    assert math.isnan(attribute_weights([NAN] * 70, attributes, **QUICK).r2.value)


def test_one_group_has_weights_but_no_interval():
    preference, attributes, _ = scenes(np.random.default_rng(10))
    found = attribute_weights(preference, attributes, groups=["only"] * 70, **QUICK).weights["color"]
    assert math.isfinite(found.value)
    assert math.isnan(found.low)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([1, 2, 3, 4], {}), {}, r"attributes=\{\}; expected a mapping of at least one name to its values"),
        (([1, 2, 3, 4], [1, 2, 3, 4]), {}, r"attributes=\[1, 2, 3, 4\]; expected a mapping"),
        (([1, 2, 3, 4], {"a": [1, 2]}), {}, r"len\(preference\)=4, len\(a\)=2; expected equal lengths"),
        (([1, 2, 3], {"a": [1, 2, 3], "b": [1, 3, 2]}), {}, r"2 attribute\(s\) need at least 4 stimuli: got 3; add"),
        (([1, 2, "x"], {"a": [1, 2, 3]}), {}, r"preference\[0\] = '1'; expected a number"),
        (([1, 2, 3], {"a": [1, math.inf, 3]}), {}, r"attributes\['a'\]\[1\] = inf; expected a finite number"),
        (([1, 2, 3], {"a": [1, 2, 4]}), {"groups": ["g"]}, r"len\(preference\)=3, len\(groups\)=1"),
        (([1, 2, 3], {"a": [1, 2, 4]}), {"min_valid": 7}, "min_valid=7; expected a number from 0 to 1"),
    ],
)
def test_refuses(data, options, message):
    with pytest.raises(UsageError, match=message):
        attribute_weights(*data, **options)
