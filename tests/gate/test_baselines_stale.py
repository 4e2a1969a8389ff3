"""Why what a baseline holds cannot be compared, and what to do about it."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from baseline_samples import BATCH, RHO, baseline, measured

from pytest_vlmperception.gate.baselines import SCORING, changed_models, outdated, stale

ANEW = "write the baseline anew with --vlm-bless on the version that you trust"
OTHER = replace(BATCH, prompt="more_colour")


def of(*batches, **estimate):
    return measured(replace(RHO, **estimate), batches=batches)


COMPARABLE = {
    "same": (measured(), measured()),
    "another value, model and threshold": (measured(), replace(of(BATCH, value=0.1), model="new", threshold=0.5)),
    "another order of batches": (of(BATCH, OTHER), of(OTHER, BATCH)),
    "no questions": (of(), of()),
    "replicates of no design": (of(BATCH, design=None), of(BATCH, design=None, replicates=(1.0,))),
    "no value then": (of(BATCH, value=math.nan, design=None), measured()),
    "no value now": (measured(), of(BATCH, value=math.nan, design=None, replicates=None)),
}


@pytest.mark.parametrize(("then", "now"), COMPARABLE.values(), ids=COMPARABLE.keys())
def test_comparable(then, now):
    assert stale(then, now) == ""


STIMULI = r"compare by prompt 'more_contrast' was asked about other stimuli or allowed other answers "
STALE = {
    "stimuli": (
        of(replace(BATCH, stimuli_sha256="f" * 64)),
        STIMULI + r"\('b2b2b2b2' -> 'ffffffff'\); restore them, or " + ANEW,
    ),
    "number of stimuli": (
        of(replace(BATCH, stimuli_sha256="f" * 64, items=38)),
        STIMULI + r"\(40 items then, 38 now, 'b2b2b2b2' -> 'ffffffff'\)",
    ),
    "prompt": (
        of(replace(BATCH, prompt_sha256="f" * 64)),
        r"compare by prompt 'more_contrast' had another text \('a1a1a1a1' -> 'ffffffff'\); "
        rf"to compare prompts: --vlm-prompt NAME=FILE --vlm-against prompt:default; else {ANEW}",
    ),
    "repeats": (
        of(replace(BATCH, repeats=1)),
        rf"prompt 'more_contrast' asked each item 3 times then, 1 now; give the test repeats=3 again, or {ANEW}",
    ),
    "another prompt": (
        of(OTHER),
        "made of compare by prompt 'more_contrast' in the baseline, and is of compare by prompt 'more_colour' now; "
        + ANEW,
    ),
    "more questions": (
        of(BATCH, OTHER),
        "and is of compare by prompt 'more_colour' and compare by prompt 'more_contrast' now",
    ),
    "the same twice": (
        of(BATCH, BATCH),
        "and is of compare by prompt 'more_contrast' and compare by prompt 'more_contrast' now",
    ),
    "no questions": (of(), "in the baseline, and is of no questions now"),
    "design": (
        of(BATCH, design="9" * 64),
        rf"another design \('c3c3c3c3' -> '99999999'\): other groups, replicates or seed; {ANEW}",
    ),
    "no design": (of(BATCH, design=None), r"another design \('c3c3c3c3' -> 'none'\)"),
    "replicates": (of(BATCH, replicates=(0.1,)), "another design"),
    "scale": (of(BATCH, scale="log"), "linear scale, by 'scene' then; log scale, by 'scene' now"),
    "unit": (of(BATCH, unit="pair"), "linear scale, by 'scene' then; linear scale, by 'pair' now"),
}


@pytest.mark.parametrize(("now", "reason"), STALE.values(), ids=STALE.keys())
def test_stale(now, reason):
    found = stale(measured(), now)
    assert re.search(reason, found)
    assert found.isprintable()


def test_the_second_of_two_batches_of_one_name_counts():
    other = replace(BATCH, stimuli_sha256="f" * 64)
    assert stale(of(BATCH, other), of(BATCH, other)) == ""
    assert re.search(STIMULI, stale(of(BATCH, BATCH), of(BATCH, other)))


def test_a_forged_name_does_not_reach_the_terminal():
    forged = replace(BATCH, verb="\x1b[2J", prompt="\x1b[31m" * 99, prompt_sha256="\n")
    for now in (BATCH, replace(forged, prompt_sha256="0"), replace(forged, repeats=7)):
        found = stale(of(forged), of(now))
        assert found
        assert found.isprintable()
        assert len(found) < 500


def test_another_scoring():
    assert outdated(baseline()) == ""
    found = outdated(baseline(scoring=SCORING + 1))
    assert re.fullmatch(
        r"baseline 'main' was computed by scoring version 2, .* 1 now; upgrade pytest-vlmperception", found
    )


def test_an_older_scoring(monkeypatch):
    monkeypatch.setattr("pytest_vlmperception.gate.baselines.staleness.SCORING", 3)
    assert re.search(f"by scoring version 1, which gives other numbers than 3 now; {ANEW}", outdated(baseline()))


@pytest.mark.parametrize(
    ("then", "now"), [(["m-1"], ["m-1"]), (["m-1", "m-2"], ["m-2", "m-1", "m-1"]), ([], ["m-1"]), (["m-1"], ["", ""])]
)
def test_same_or_unknown_models(then, now):
    assert changed_models(baseline(returned=then), now) == ""


def test_a_silent_change_of_the_model_is_told():
    found = changed_models(baseline(returned=["m-2025"]), ["m-2026", "m-\x1b"])
    assert found == (
        r"baseline 'main' was answered by 'm-2025', this run by 'm-\x1b', 'm-2026': a difference may be the model's"
    )
