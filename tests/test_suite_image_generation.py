"""The suite of image generation: with a painter that is right, errs as often as it is told to, or has one fault."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parent.parent / "suites" / "image_generation"
TASKS = {"single_object": 24, "two_object": 20, "counting": 20, "colors": 20, "position": 20, "color_attr": 20}
NUMBER = r"[\d.]+"

# The tests of one edit, or one word, that each fault is to fail; those of everything else are to pass.
FAULTS = {
    "colour_cast": {"test_casts_no_colour_over_the_picture"},
    "crop": {"test_keeps_the_frame"},
    "redraw": {"test_does_nothing_else", "test_leaves_a_picture_alone_when_told_to"},
    "sharpen": {"test_blurs_when_told_to"},
    "misspell": {"test_does_what_it_is_told[write]", "test_spells_words_right"},
}


def run(folder, *options):
    """Run the suite in a folder; return the exit code, tests and their verdicts by generator and result, the output."""
    command = [sys.executable, "-m", "pytest", "image_generation", "-q", "-p", "no:cacheprovider"]
    where = f"--vlm-cache-dir={folder / 'answers'}"
    result = subprocess.run([*command, where, *options], cwd=folder, capture_output=True, text=True, timeout=600)
    found = re.findall(r"^(passed|failed|inconclusive) +(.*)  (painter\S*)  \S+::(\S+)$", result.stdout, re.MULTILINE)
    told = {}
    for verdict, line, model, test in found:
        # Of several generators, the id says which.
        name = re.sub(rf"\[{re.escape(model)}\]$|-{re.escape(model)}(?=\]$)", "", test)
        told.setdefault(model, {}).setdefault(verdict, {})[name] = line
    return result.returncode, told, result.stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A copy of the suite with two scenes to be edited, and two to be edited again and again."""
    return copied(tmp_path_factory.mktemp("small"), 2)


def copied(folder, scenes=None):
    """Return a folder with a copy of the suite, of so many scenes."""
    shutil.copytree(SUITE, folder / "image_generation", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("edits", "edit_chains") if scenes else ():
        path = folder / "image_generation" / "stimuli" / f"{name}.toml"
        path.write_text(re.sub(r"(?m)^scenes = \d+$", f"scenes = {scenes}", path.read_text("utf-8")), "utf-8")
    return folder


def scores(told):
    """Return value, low, high and number of prompts of each task and of the whole."""
    pattern = rf"([\w ]+) ({NUMBER}) \[({NUMBER}), ({NUMBER})\] .*n = (\d+) prompts"
    lines = [line for of_result in told.values() for line in of_result.values()]
    rows = [found.groups() for line in lines if (found := re.fullmatch(pattern, line))]
    return {name: tuple(map(float, numbers)) for name, *numbers in rows if name in {*TASKS, "GenEval score"}}


def test_a_painter_that_is_right_scores_one_and_paints_each_picture_once(small):
    code, told, output = run(small, "-k", "test_geneval or test_everyday or test_judge")
    assert code == 0, output
    found = scores(told["painter"])
    assert {name: row[0] for name, row in found.items()} == dict.fromkeys([*TASKS, "GenEval score"], 1.0)
    assert {name: row[3] for name, row in found.items()} == {**TASKS, "GenEval score": 124}
    # The observer, as judge, grades these pictures, and a right and a wrong drawing of each prompt.
    assert re.search(r"^painter: 148 calls, 0 hits, failures: 24 cannot judge", output, re.MULTILINE), output
    assert re.search(r"^observer: 372 calls, 0 hits, ", output, re.MULTILINE), output
    assert "calibration of observer\n  pictures: sensitivity 1 [0.97, 1], specificity 1 [0.97, 1]" in output
    # One's own scores stand above those that were published, with where these are from.
    assert re.search(r"^painter +(1\.00 *){7}$", output, re.MULTILINE)
    assert re.search(r"^GPT-4o +0\.84 +0\.99 +0\.92 +0\.85 +0\.92 +0\.75 +0\.61$", output, re.MULTILINE)
    # Prompts of knowledge are beyond the painter, and GenEval's own are not on this machine.
    assert re.search(r"^skipped .*the flower that people in japan .*  1 test$", output, re.MULTILINE)
    assert re.search(r"^skipped .*give --vlm-data geneval=PATH  8 tests$", output, re.MULTILINE)
    code, told, output = run(small, "-k", "test_geneval or test_everyday or test_judge")
    assert code == 0, output
    assert re.search(r"^painter: 0 calls, 148 hits, ", output, re.MULTILINE), output
    assert re.search(r"^observer: 0 calls, 372 hits, ", output, re.MULTILINE), output


def test_the_share_of_mistakes_is_within_every_interval(small):
    # So it is with the default seed. An interval of 95 % misses once in 20: of the 70 of seeds 0 to 9, two miss, that
    # of single_object with seed 2 and of counting with seed 5.
    code, told, output = run(small, "--vlm-image-model=painter?mistakes=0.3", "-k", "test_geneval")
    assert code == 1, output
    found = scores(told["painter?mistakes=0.3"])
    assert found.keys() == {*TASKS, "GenEval score"}
    assert {name: row for name, row in found.items() if not row[1] <= 0.7 <= row[2]} == {}
    assert found["GenEval score"][2] < 0.8


@pytest.fixture(scope="module")
def of_faults(small):
    """What is told of each generator with a fault, and of one without: of its single edits, and of its words."""
    models = [f"--vlm-image-model={name}" for name in ("painter", *map(faulty, FAULTS))]
    _, told, output = run(small, *models, "-k", "test_editing or test_weaknesses")
    assert "Traceback" not in output
    return told


def faulty(fault):
    return f"painter?fault={fault}"


def test_a_painter_without_a_fault_fails_nothing(of_faults):
    assert of_faults["painter"].keys() == {"passed"}
    assert set.union(*FAULTS.values()) <= of_faults["painter"]["passed"].keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_fails_the_tests_made_for_it_alone(of_faults, fault):
    told = of_faults[faulty(fault)]
    assert (told.keys(), told["failed"].keys()) == ({"passed", "failed"}, FAULTS[fault])


def rounds(test, *numbers):
    return {f"{test}[{number}]" for number in numbers}


# What comes of it when edits follow on one another: crops add up and cut off what was edited; a cast that is saved as
# 8 bits three times is no mere shift any more; the words are written in a later round.
LATER = {
    "colour_cast": rounds("test_nothing_else_drifts", 2, 3),
    "crop": rounds("test_nothing_else_drifts", 3) | rounds("test_earlier_edits_are_still_there", 1, 2),
    "redraw": rounds("test_nothing_else_drifts", 1, 2, 3),
    "sharpen": set(),
    "misspell": rounds("test_each_round_is_done", 1, 2),
}


@pytest.mark.slow
def test_all_scenes_and_three_rounds(tmp_path):
    folder = copied(tmp_path)
    models = [f"--vlm-image-model={name}" for name in ("painter", *map(faulty, FAULTS))]
    _, told, output = run(folder, *models, "-k", "test_editing or test_weaknesses or test_multi_round")
    assert not any("inconclusive" in of_model for of_model in told.values()), output
    failed = {name: set(of_model.get("failed", ())) for name, of_model in told.items()}
    assert failed == {"painter": set(), **{faulty(fault): FAULTS[fault] | LATER[fault] for fault in FAULTS}}
