"""What the comparison of a new model with the old one tells the reader."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pytest_vlmperception import analysis
from pytest_vlmperception.gate import change, change_lines, judge_changes
from pytest_vlmperception.gate.telling import units_that_tell
from pytest_vlmperception.records import Estimate


def faces(right, n=24):
    names = [f"face{i:02d}" for i in range(n)]
    return analysis.share([1] * right + [0] * (n - right), units=names, unit="face", replicates=50)


def rho(values, **fields):
    """An estimate whose replicates are exactly what its units say: mean and standard error."""
    mean, error = np.mean(values), np.std(values, ddof=1) / math.sqrt(len(values))
    spread = error * math.sqrt(1 - 1 / len(values))
    units = tuple((f"scene{i}", value) for i, value in enumerate(values))
    return Estimate(
        float(mean),
        float(mean - error),
        float(mean + error),
        len(values),
        unit="scene",
        name="Spearman rho",
        replicates=tuple([float(mean - spread), float(mean + spread)] * 50),
        design="key",
        units=units,
        **fields,
    )


def lines(new, old, comparator=">=", others=0, **options):
    """The lines on one change of a suite in which nothing else changed."""
    same = change(faces(24), faces(24), comparator=">=")
    return change_lines(judge_changes([change(new, old, comparator=comparator, **options), *[same] * others])[0])


def test_a_loss_of_items():
    assert lines(faces(15), faces(24), others=3) == [
        "worse: share fell by 0.375 [0.185, 0.573], from 1 to 0.625",
        "95 % interval, n = 24 faces; paired difference of shares by face; Tango's score interval; McNemar's exact p;"
        # 1 / 2^9, and four times that.
        " p of a loss = 0.002 one-sided, 0.0078 after Holm over 4 comparisons",
        "flipped faces: lost (9): face15, face16, face17, face18, face19 and 4 more",
        "next: keep the old one and look at these faces; if you accept the loss, a baseline takes it in"
        " with --vlm-bless NAME --vlm-reason TEXT",
    ]


def test_a_loss_of_scenes():
    old = rho([0.95, 0.9, 0.85, 0.9, 0.95, 0.8, 0.9])
    new = rho([0.75, 0.7, 0.65, 0.7, 0.75, 0.6, 0.95])
    found = lines(new, old)
    assert found[0].startswith("worse: Spearman rho fell by 0.164 [")
    assert found[0].endswith("], from 0.893 to 0.729")
    assert found[1].startswith("95 % interval, n = 7 scenes; paired Student bootstrap by scene, 100 replicates; p of a")
    assert found[1].endswith(" one-sided")
    assert found[2] == (
        "scenes that lost most: scene0 0.95 -> 0.75, scene1 0.9 -> 0.7, scene2 0.85 -> 0.65, scene3 0.9 -> 0.7,"
        " scene4 0.95 -> 0.75 and 1 more"
    )
    assert found[3].startswith("next: keep the old one and look at these scenes")


def test_what_cannot_be_told():
    assert lines(faces(22), faces(23)) == [
        "cannot tell: share changed by -0.0417 [-0.202, 0.102], from 0.958 to 0.917",
        "95 % interval, n = 24 faces; paired difference of shares by face; Tango's score interval; McNemar's exact p;"
        " p of a loss = 0.5 one-sided",
        "up to 0.202 may have been lost, which is more than the margin of 0.05",
        "flipped faces: lost (1): face22",
        "next: about 2628 faces would tell, if the difference stays; or state a margin above 0.202, if so much may be"
        " lost (--vlm-margin)",
    ]


def test_what_is_told_only_alone():
    found = lines(faces(18), faces(24), others=9)
    assert found[0] == "cannot tell: share fell by 0.25 [0.0775, 0.449], from 1 to 0.75"
    # 1 / 2^6 times 10.
    assert found[1].endswith("p of a loss = 0.016 one-sided, 0.16 after Holm over 10 comparisons")
    assert found[2] == "alone it would be a loss; among 10 comparisons it may be chance"
    # 1 / 2^8 * 10 is the first below 0.05: eight lost of 4 * 8 faces, rounded from 7.5 of 30 on.
    assert found[-1].startswith(
        "next: about 30 faces would tell, if the difference stays; or state a margin above 0.449"
    )


def test_not_worse_says_how_much_may_be_lost():
    found = lines(faces(99, 100), faces(99, 100))
    assert found[0] == "not worse: share changed by 0 [-0.037, 0.037], 0.99 in both"
    assert found[2:] == [
        "a loss as large as the margin of 0.05 is excluded: at most 0.037 was lost",
        "next: nothing; here the new one may replace the old one",
    ]


def test_better():
    found = lines(faces(24), faces(15))
    assert found[0] == "better: share rose by 0.375 [0.185, 0.573], from 0.625 to 1"
    assert found[2] == "flipped faces: gained (9): face15, face16, face17, face18, face19 and 4 more"
    assert found[3:] == ["next: nothing; here the new one may replace the old one"]


def test_both_ways():
    new = analysis.share([1, 0, 1, 1], units=["a", "b", "c", "d"], unit="face")
    old = analysis.share([0, 1, 1, 1], units=["a", "b", "c", "d"], unit="face")
    assert "flipped faces: lost (1): b; gained (1): a" in lines(new, old)


def test_where_lower_is_better():
    found = lines(faces(9), faces(0), "<=")
    assert found[0] == "worse: share rose by 0.375 [0.185, 0.573], from 0 to 0.375; lower is better"
    assert found[2].startswith("flipped faces: lost (9): face00, face01")


def test_a_small_loss_for_certain():
    found = lines(faces(1880, 2000), faces(1900, 2000), margin=0.2)
    assert found[0].startswith("worse: share fell by 0.01 [")
    assert found[2] == "a loss for certain, though at the value measured a smaller one than the margin of 0.2"


def test_a_loss_only_alone_within_the_margin():
    found = lines(faces(1994, 2000), faces(2000, 2000), others=9)
    assert found[0].startswith("not worse: share fell by 0.003 [")
    assert found[2] == "alone it would be a loss, but one smaller than the margin of 0.05: at most 0.00653"


def test_ratios_are_told_as_factors():
    random = np.random.default_rng(1)
    seconds = random.uniform(1, 2, 12)
    new = analysis.mean_ratio(seconds * random.uniform(1.0, 2.0, 12), seconds)
    old = analysis.mean_ratio(seconds * random.uniform(0.8, 1.8, 12), seconds)
    found = lines(new, old, "<=")
    difference = math.log(new.value) - math.log(old.value)
    assert found[0].startswith(f"cannot tell: mean ratio changed by a factor of {math.exp(difference):.3g} [")
    assert found[0].endswith("; lower is better")
    assert found[2].endswith("which is more than the margin of 0.1 in logarithms (a factor of 1.11)")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"reason": "valid share 0.5 < 0.9"},
            [
                "not compared: Spearman rho: new: valid share 0.5 < 0.9",
                "next: this is no pass; remove the cause and run it again",
            ],
        ),
        (
            {"reason": "no key", "unavailable": True},
            [
                "not compared: Spearman rho: new: no key",
                "next: this is no pass; run it again when answers can be had",
            ],
        ),
    ],
)
def test_what_is_not_compared(fields, expected):
    values = [0.95, 0.9, 0.85]
    assert lines(rho(values, **fields), rho(values)) == expected


def test_so_many_units_tell_and_one_fewer_do_not():
    open_change = judge_changes([change(faces(23, 24), faces(23, 24), comparator=">=")])[0]
    needed = int(units_that_tell(open_change))
    # Tango's interval without a discordant item: z^2 / (n + z^2) < 0.05 from 72.99 on.
    assert needed == 73


def test_student_shrinks_with_t_over_the_root_of_n():
    old, new = rho([0.9, 0.8, 0.7, 0.9, 0.8, 0.7]), rho([0.7, 0.9, 0.8, 0.7, 0.8, 0.9])
    found = judge_changes([change(new, replace(old, replicates=old.replicates[::-1]), comparator=">=")])[0]
    needed = int(units_that_tell(found))
    reach = found.difference.high - found.difference.value
    # Upper 2.5 % points: t(5) = 2.571; for large n about 1.97.
    assert reach / 2.571 * math.sqrt(6) * 1.98 / math.sqrt(needed) == pytest.approx(0.05, rel=0.02)


def test_a_difference_that_is_the_margin_is_never_told():
    found = judge_changes([change(faces(20), faces(20), comparator=">=", margin=0)])[0]
    assert units_that_tell(found) == math.inf
    assert "more than 1000000 faces would tell" in change_lines(found)[-1]
