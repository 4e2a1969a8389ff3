"""Scenes in manifests: ids, groups, right answers, rising difficulty, pictures drawn late."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import decode
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import COLOURS
from pytest_vlmperception.stimuli.scene_families import FAMILIES, LEVELS, Posed


def load(folder: Path, text: str) -> StimulusSet:
    (folder / "scenes.toml").write_text(text, encoding="utf-8")
    return StimulusSet.load("scenes.toml", beside=folder / "test_x.py")


def posed(family: str, level: int, n: int = 8) -> list[Posed]:
    return [FAMILIES[family](level, Lottery("test", family, level, number)) for number in range(n)]


def test_a_family_on_levels(tmp_path: Path) -> None:
    scenes = load(tmp_path, '[[scenes]]\nfamily = "colour"\nlevels = [1, 3]\nper_level = 2\nseed = 7')
    assert scenes.ids == ("colour-1-01-s7", "colour-1-02-s7", "colour-3-01-s7", "colour-3-02-s7")
    star = scenes[2]
    assert star.groups == {"skill": "colour", "level": "3", "scene": "colour-3-01-s7"}
    assert star.reference["level"] == 3
    assert star.reference["answer"] in COLOURS
    assert decode(star.bytes, "x").shape == (384, 384, 3)


def test_defaults_and_size(tmp_path: Path) -> None:
    scenes = load(tmp_path, '[[scenes]]\nfamily = "overlap"\nside_px = 256')
    assert len(scenes) == 36
    assert decode(scenes[0].bytes, "x").shape == (256, 256, 3)


def test_pictures_are_stable_and_all_different(tmp_path: Path) -> None:
    text = "".join(f'[[scenes]]\nfamily = "{family}"\nper_level = 2\nside_px = 256\n' for family in FAMILIES)
    first, again = load(tmp_path, text), load(tmp_path, text)
    assert [scene.sha256 for scene in first] == [scene.sha256 for scene in again]
    assert len({scene.sha256 for scene in first}) == len(first)
    other = load(tmp_path, text.replace("per_level", "seed = 1\nper_level"))
    assert not {scene.sha256 for scene in first} & {scene.sha256 for scene in other}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('family = "counting"', "scenes.toml, scenes 1: family: 'counting' is not known; did you mean 'count'"),
        ("levels = [1]", "key 'family' is missing; expected a text"),
        ('family = "count"\nlevels = [7]', r"levels = \[7\]; expected a list of whole numbers from 1 to 6, each once"),
        ('family = "count"\nlevels = [1, 1]', "each once"),
        ('family = "count"\nlevels = []', "expected a list of whole numbers"),
        ('family = "count"\nlevels = [true]', "expected a list of whole numbers"),
        ('family = "count"\nper_level = 0', "expected a whole number from 1 to 1000"),
        ('family = "count"\nseed = -1', "seed = -1; expected a whole number from 0"),
        ('family = "count"\nside_px = 100', "expected a whole number from 256 to 1024"),
        ('family = "count"\nshape = "star"', "key 'shape' is not known"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StimulusError, match=message):
        load(tmp_path, f"[[scenes]]\n{text}")


def test_two_tables_of_one_family_need_two_seeds(tmp_path: Path) -> None:
    with pytest.raises(StimulusError, match="count-1-01"):
        load(tmp_path, '[[scenes]]\nfamily = "count"\n[[scenes]]\nfamily = "count"')


def test_listing_a_set_loads_no_numpy(tmp_path: Path) -> None:
    load(tmp_path, '[[scenes]]\nfamily = "binding"')
    code = (
        "import sys; from pytest_vlmperception import StimulusSet;"
        "print(len(StimulusSet.load('scenes.toml')), 'numpy' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["36", "False"]


# Truth


@pytest.mark.parametrize("level", range(1, LEVELS + 1))
def test_answers_are_those_of_the_scene(level: int) -> None:
    for each in posed("count", level):
        assert each.answer == sum(shape.kind == "circle" for shape in each.scene.shapes)
    for family, kind in (("colour", "star"), ("binding", "square")):
        for each in posed(family, level):
            (target,) = (shape for shape in each.scene.shapes if shape.kind == kind)
            assert each.answer == target.colour
            # No other shape has this colour: whoever answers it has seen the right one.
            assert sum(shape.colour == target.colour for shape in each.scene.shapes) == 1
    for each in posed("overlap", level):
        behind, before = each.scene.shapes
        assert {behind.kind, before.kind} == {"circle", "square"}
        assert each.answer == before.kind
        assert max(abs(behind.x - before.x), abs(behind.y - before.y)) == pytest.approx(
            before.size * (1 - each.reference["depth"]), abs=0.3
        )


@pytest.mark.parametrize("level", range(1, LEVELS + 1))
def test_positions_are_off_the_diagonal_by_their_margin(level: int) -> None:
    for each in posed("position", level):
        (star,) = (shape for shape in each.scene.shapes if shape.kind == "star")
        (ring,) = (shape for shape in each.scene.shapes if shape.kind == "ring")
        across, down = star.x - ring.x, star.y - ring.y
        main = {"left": -across, "right": across, "above": -down, "below": down}
        assert each.answer == max(main, key=main.__getitem__)
        off = abs(math.degrees(math.atan2(abs(across), abs(down))) - 45)
        assert off == pytest.approx(each.reference["margin_deg"], abs=0.1)


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_lie_within_and_only_overlap_where_they_should(family: str) -> None:
    for level in range(1, LEVELS + 1):
        for each in posed(family, level, 4):
            shapes = each.scene.shapes
            for shape in shapes:
                assert shape.size / 2 <= shape.x <= 512 - shape.size / 2
                assert shape.size / 2 <= shape.y <= 512 - shape.size / 2
            apart = [
                max(abs(a.x - b.x), abs(a.y - b.y)) - (a.size + b.size) / 2
                for place, a in enumerate(shapes)
                for b in shapes[:place]
            ]
            assert all(gap >= 3.5 for gap in apart) or family == "overlap"


# What makes each family difficult, and whether it rises with the level.
RISING = {
    "count": (("shapes", True), ("gap_px", False)),
    "colour": (("shapes", True), ("size_px", False)),
    "position": (("margin_deg", False), ("shapes", True)),
    "binding": (("shapes", True), ("gap_px", False)),
    "overlap": (("depth", False),),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_difficulty_rises_with_the_level(family: str) -> None:
    for name, rises in RISING[family]:
        means = [sum(each.reference[name] for each in posed(family, level, 30)) for level in range(1, LEVELS + 1)]
        steps = [after - before for before, after in pairwise(means)]
        assert all(step >= 0 if rises else step <= 0 for step in steps), (name, means)
        assert means[0] != means[-1]


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_balanced(family: str) -> None:
    answers = [each.answer for level in range(1, LEVELS + 1) for each in posed(family, level, 40)]
    expected = {"count": 10, "colour": 10, "binding": 10, "position": 4, "overlap": 2}[family]
    counts = [answers.count(answer) for answer in set(answers)]
    assert len(counts) == expected
    # No guess is right more often than twice what is fair.
    assert max(counts) <= 2 * len(answers) / expected
