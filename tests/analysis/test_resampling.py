"""The design of a bootstrap and its replicates."""

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import Design, bootstrap, bootstrap_means
from pytest_vlmperception.analysis.resampling import mean_of, unit_means
from pytest_vlmperception.errors import UsageError

SCENES = ["coffee", "hubble", "rocket", "astronaut", "chelsea", "cat", "retina"]


def philox4x64(counter, key):
    """Compute one block of Philox4x64-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405), in plain Python."""
    mask = 2**64 - 1
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        c = [(second >> 64) ^ c[1] ^ k[0], second & mask, (first >> 64) ^ c[3] ^ k[1], first & mask]
        k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
    return c


def test_the_second_implementation_gives_the_authors_known_answer():
    # Random123, tests/kat_vectors: philox4x64 10, counter 0, key 0.
    known = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert philox4x64([0, 0, 0, 0], [0, 0]) == known


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_indices_are_philox_bits_times_n(seed):
    # numpy counts up before the first block.
    raw = [word for block in (1, 2, 3, 4) for word in philox4x64([block, 0, 0, 0], [seed, 0])]
    expected = [((word >> 32) * 7) >> 32 for word in raw[:14]]
    assert Design.of(SCENES, replicates=2, seed=seed).indices.ravel().tolist() == expected


def test_first_row_is_pinned():
    """A change here makes every stored baseline incomparable."""
    assert Design.of(SCENES, replicates=3).indices[0].tolist() == [0, 1, 0, 3, 3, 1, 6]


def test_units_are_sorted_and_unique_whatever_the_order():
    assert Design.of(["b", "a", "b"]) == Design.of(["a", "b"])
    assert Design.of(SCENES).units == tuple(sorted(SCENES))
    assert Design.of([10, 9]).units == ("10", "9")


def test_indices_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        Design.of(SCENES).indices[0, 0] = 3


def test_indices_are_uniform():
    indices = Design.of(range(7), replicates=10_000).indices
    # 70000 draws, 10000 expected each, SD 93: five SD.
    assert np.abs(np.bincount(indices.ravel(), minlength=7) - 10_000).max() < 5 * 93


def test_key_tells_designs_apart():
    base = Design.of(SCENES, replicates=50)
    others = [
        Design.of([*SCENES, "page"], replicates=50),
        Design.of(SCENES, replicates=51),
        Design.of(SCENES, replicates=50, seed=1),
        Design.of([*SCENES[:-1], "renamed"], replicates=50),
    ]
    assert len({design.key for design in [base, *others]}) == 5
    assert base.key == Design.of(reversed(SCENES), replicates=50).key
    assert len(base.key) == 64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": []}, "no units; give at least one"),
        ({"labels": "abc"}, "labels='abc' is one text; give a sequence"),
        ({"labels": ["a", None]}, r"labels\[1\] = None; expected a label for every datum"),
        ({"labels": ["a", float("nan")]}, r"labels\[1\] = nan; expected a label"),
        ({"labels": ["a"], "replicates": 0}, "replicates=0; expected a whole number of at least 1"),
        ({"labels": ["a"], "replicates": 2.5}, r"replicates=2\.5; expected a whole number"),
        ({"labels": ["a"], "replicates": True}, "replicates=True; expected a whole number"),
        ({"labels": ["a"], "seed": -1}, "seed=-1; expected a whole number of at least 0"),
        ({"labels": ["a"], "seed": None}, "seed=None; expected a whole number"),
        ({"labels": ["a"], "seed": 2**64}, r"expected less than 2\*\*64"),
    ],
)
def test_design_refuses(arguments, message):
    with pytest.raises(UsageError, match=message):
        Design.of(**arguments)


def test_units_given_directly_must_be_sorted():
    with pytest.raises(UsageError, match=r"sorted and unique: got \('b', 'a'\); use Design\.of"):
        Design(("b", "a"))


def test_unknown_label_has_no_position():
    with pytest.raises(UsageError, match="label 'moon' is no unit of the design"):
        Design.of(SCENES).positions(["moon"])


def test_means_leave_missing_units_out():
    design = Design.of(["a", "b", "c"], replicates=500)
    values = np.array([1.0, np.nan, 3.0])
    boot = bootstrap_means(values, design)
    drawn = [row[~np.isnan(row)] for row in values[design.indices]]
    expected = [row.mean() if len(row) else np.nan for row in drawn]
    np.testing.assert_allclose(boot.replicates, expected)
    assert boot.n == 2
    assert boot.undefined == np.isnan(expected).sum() > 0


def test_replicates_without_any_unit_are_nan():
    boot = bootstrap_means(np.array([np.nan, np.nan]), Design.of(["a", "b"], replicates=60))
    assert (boot.n, boot.undefined) == (0, 60)
    assert all(map(math.isnan, boot.interval()))
    assert "60 undefined" in boot.describe("scene")


def test_means_need_one_value_per_unit():
    with pytest.raises(UsageError, match=r"len\(values_by_unit\)=2, len\(units\)=7; expected equal lengths"):
        bootstrap_means(np.zeros(2), Design.of(SCENES))


def test_generic_bootstrap_agrees_with_that_of_means():
    design = Design.of(SCENES, replicates=100)
    values = np.linspace(-1, 1, 7)
    general = bootstrap(lambda drawn: float(values[drawn].mean()), design, 7)
    np.testing.assert_allclose(general.replicates, bootstrap_means(values, design).replicates, atol=1e-15)


def test_blocks_do_not_change_the_sums(monkeypatch):
    design, values = Design.of(SCENES, replicates=97), np.linspace(0, 1, 7)
    whole = bootstrap_means(values, design).replicates
    monkeypatch.setattr("pytest_vlmperception.analysis.resampling.BLOCK", 50)
    assert np.array_equal(bootstrap_means(values, design).replicates, whole)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.9, -0.7])
@pytest.mark.parametrize("n", [2, 3, 7, 10])
def test_where_all_units_agree_so_does_every_replicate_to_the_last_bit(value, n):
    values = np.full(n, value)
    boot = bootstrap_means(values, Design.of(range(n), replicates=50))
    assert set(boot.replicates.tolist()) == {value}
    assert boot.interval() == (value, value)
    assert mean_of(values) == value


def test_unit_means_average_repeats_and_keep_missing_units():
    means = unit_means(np.array([1.0, 0.0, np.nan, np.nan, 1.0]), np.array([0, 0, 0, 1, 3]), 4)
    np.testing.assert_array_equal(means, [0.5, np.nan, np.nan, 1.0])
