"""How often the verdict on an upgrade is right, in simulated suites. Run with ``-m slow -s`` for the figures.

A suite has ten estimates, of the sizes that the suites of this repository have; see `simulated_upgrades.SUITE`.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy.special import stdtr
from simulated_upgrades import SUITE, Kind, correlations, grouped_shares, items, scene_correlations

from pytest_vlmperception.analysis import Design, bootstrap_means
from pytest_vlmperception.gate import change, judge_changes

pytestmark = pytest.mark.slow

SEED = 20261121

# The estimates of the suites of this repository have fewer independent units: scenes, or identities of faces.
FEW = 10

VERDICTS = ("worse", "not worse", "better", "cannot tell")


def simulated(runs, loss, seed):
    """Compare both models in so many suites; return the share of suites with a loss, and of each verdict by estimate."""
    random = np.random.default_rng(seed)
    losses, small, verdicts = 0, 0, Counter()
    for _ in range(runs):
        found = judge_changes([change(*kind.pair(random, loss), comparator=kind.comparator) for kind in SUITE])
        losses += any(one.verdict == "worse" for one in found)
        small += any(one.verdict == "worse" for kind, one in zip(SUITE, found, strict=True) if kind.n < FEW)
        verdicts.update((kind.name, one.verdict) for kind, one in zip(SUITE, found, strict=True))
    rates = {kind.name: {verdict: verdicts[kind.name, verdict] / runs for verdict in VERDICTS} for kind in SUITE}
    print(f"\nevery estimate worse by {loss:g}: {runs} suites, seed {seed}; with a loss: {losses / runs:.3f}")
    print(f"with a loss in an estimate of fewer than {FEW} units: {small / runs:.3f}")
    print(f"{'estimate':28s}" + "".join(f"{verdict:>12s}" for verdict in VERDICTS))
    for name, rate in rates.items():
        assert sum(rate.values()) == pytest.approx(1.0)
        print(f"{name:28s}" + "".join(f"{rate[verdict]:12.3f}" for verdict in VERDICTS))
    return losses / runs, rates


def test_equal_models_are_rarely_called_worse():
    with_a_loss, rates = simulated(1000, 0.0, SEED)
    assert with_a_loss <= 0.07
    # As often as 95 % intervals claim, alone.
    assert all(rate["better"] <= 0.04 for rate in rates.values())


def test_a_model_that_lost_the_margin_is_rarely_called_not_worse():
    _, rates = simulated(500, 0.05, SEED + 1)
    assert all(rate["not worse"] <= 0.055 for rate in rates.values())


def test_a_model_that_lost_twice_the_margin_everywhere_is_called_worse():
    with_a_loss, _ = simulated(300, 0.1, SEED + 2)
    assert with_a_loss >= 0.9


# The number of units with which one estimate that lost so much, alone among ten, is called worse in 90 % of suites.
SIZES = [
    ("rho", correlations, 0.93, 0.1, 29),
    ("rho", correlations, 0.93, 0.2, 16),
    ("rho", correlations, 0.90, 0.1, 41),
    ("rho", correlations, 0.90, 0.2, 20),
    ("rho", correlations, 0.80, 0.1, 95),
    ("rho", correlations, 0.80, 0.2, 36),
    ("share of 14 in each unit", grouped_shares, 0.95, 0.1, 38),
    ("share of 14 in each unit", grouped_shares, 0.95, 0.2, 17),
    ("share of 14 in each unit", grouped_shares, 0.90, 0.1, 54),
    ("share of 14 in each unit", grouped_shares, 0.90, 0.2, 21),
    ("share of 14 in each unit", grouped_shares, 0.80, 0.1, 81),
    ("share of 14 in each unit", grouped_shares, 0.80, 0.2, 27),
    ("share of yes/no items", items, 0.95, 0.1, 250),
    ("share of yes/no items", items, 0.95, 0.2, 85),
    ("share of yes/no items", items, 0.90, 0.1, 329),
    ("share of yes/no items", items, 0.90, 0.2, 104),
    ("share of yes/no items", items, 0.80, 0.1, 463),
    ("share of yes/no items", items, 0.80, 0.2, 133),
]


def test_sizes_at_which_a_loss_is_found():
    runs, wrong = 400, []
    print(f"\none of ten estimates lost; {runs} suites, seed {SEED + 3}")
    print(f"{'estimate':28s}{'before':>8s}{'lost':>8s}{'units':>8s}{'worse':>8s}{'of half the units':>20s}")
    for name, draw, good, loss, n in SIZES:
        kind = Kind(name, draw, good, n, replicates=100)
        enough, half = found_share(kind, loss, n, runs), found_share(kind, loss, n // 2, runs // 4)
        print(f"{name:28s}{good:8.2f}{loss:8.2f}{n:8d}{enough:8.3f}{half:20.3f}")
        # Three standard errors of 90 % in so many runs.
        if abs(enough - 0.9) > 3 * math.sqrt(0.9 * 0.1 / runs) or half > 0.75:
            wrong.append((name, good, loss, n))
    assert not wrong


def found_share(kind, loss, units, runs):
    """The share of runs in which a loss is called worse as the first of ten in Holm's order."""
    random = np.random.default_rng(SEED + 3)
    changes = (change(*kind.pair(random, loss, units), comparator=kind.comparator) for _ in range(runs))
    return np.mean([10 * one.p < 0.05 and one.difference.high < 0.0 for one in changes])


@pytest.mark.parametrize("scenes", [7, 20])
def test_students_p_keeps_its_level_where_percentiles_do_not(scenes):
    runs, random, design = 4000, np.random.default_rng(SEED + 4), Design.of(range(scenes), replicates=2000)
    print(f"\nrho of equal models, {scenes} scenes, {runs} runs, seed {SEED + 4}: share with p below")
    print(f"{'rule':24s}{'0.025':>8s}{'0.005':>8s}")
    for rho in (0.93, 0.8):
        new, old = scene_correlations(random, (rho, rho), runs * scenes)
        rates = below((new - old).reshape(runs, scenes), design)
        for rule, (often, seldom) in rates.items():
            print(f"{rule:24s}{often:8.4f}{seldom:8.4f}   rho {rho}")
        assert rates["Student"][0] <= 0.0325
        # 10 times that is what ten independent estimates add up to: 7 %.
        assert rates["Student"][1] <= 0.007 < rates["percentile"][1]


def below(found, design):
    """The share of p values below 0.025 and 0.005 by three rules."""
    ps = {"percentile": [], "as the interval of one": [], "Student": []}
    for units in found:
        boot = bootstrap_means(units, design)
        ps["percentile"].append((1 + np.sum(boot.replicates >= 0.0)) / (1 + design.replicates))
        # At 99 % the upper bound leaves out 0.5 %.
        bounds = {0.004: boot.interval(0.99)[1], 0.02: boot.interval(0.95)[1], 1.0: -1.0}
        ps["as the interval of one"].append(next(p for p, high in bounds.items() if high < 0.0))
        error = np.std(units, ddof=1) / math.sqrt(design.n)
        ps["Student"].append(stdtr(design.n - 1, np.mean(units) / error) if error else 1.0)
    return {rule: [float(np.mean(np.array(p) < limit)) for limit in (0.025, 0.005)] for rule, p in ps.items()}
