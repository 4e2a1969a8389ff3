"""The work to measure: pictures, questions about pairs of them with the right answers, and suites that ask them.

    python data.py FOLDER --questions 600 --repeats 1 --pictures 400 --side 512 --size 40000

Nothing in it is random from run to run.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from serve import letter

PROMPT = (
    "You see two pictures. The first picture is A, the second picture is B. "
    "Which picture has more contrast? Answer with one letter only: A or B."
)

COMMON = """
import json
from pathlib import Path

import pytest

from pytest_vlmperception import StimulusSet

FOLDER = Path(__file__).parent.parent
WORK = json.loads((FOLDER / "work.json").read_text())
PICTURES = StimulusSet.from_folder(FOLDER / "pictures")
RIGHT = {(PICTURES[first], PICTURES[second]): letter for first, second, letter in WORK["questions"]}


def is_right(comparisons, pair):
    wrong = [draw for draw in comparisons[pair].draws if draw.value != RIGHT[pair]]
    if wrong:
        with (FOLDER / "wrong.txt").open("a") as file:
            file.writelines(f"{draw}\\n" for draw in wrong)
    return not wrong
"""

SUITES = {
    "one": COMMON
    + """

def test_all(vlm):
    comparisons = vlm.compare(RIGHT, WORK["prompt"], repeats=WORK["repeats"], orders="given")
    assert all([is_right(comparisons, pair) for pair in RIGHT])
    assert comparisons.valid_share() >= 0.9
""",
    "many": COMMON
    + """

@pytest.fixture(scope="module")
def comparisons(vlm):
    return vlm.compare(RIGHT, WORK["prompt"], repeats=WORK["repeats"], orders="given")


@pytest.mark.parametrize("pair", RIGHT, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_one(comparisons, pair):
    assert is_right(comparisons, pair)
""",
    "empty": """
def test_nothing():
    pass
""",
}


def scene(number: int, side: int, noise: float) -> bytes:
    """Return a JPEG of smooth random colours under noise of a standard deviation in grey levels."""
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    grain: NDArray[np.float32] = rng.standard_normal((side, side, 1), dtype=np.float32)
    pixels = np.clip(smooth + noise * grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def noise_for(size: int, side: int) -> float:
    """Return the noise with which a picture has about so many bytes."""
    low, high = 0.0, 100.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if len(scene(0, side, middle)) < size else (low, middle)
    return middle


def pairs_of(pictures: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of numbers below `pictures`, each pair once in any order: neighbours first."""
    for distance in count(1):
        if 2 * distance >= pictures:
            return
        for number in range(pictures):
            yield number, (number + distance) % pictures


def make(folder: Path, questions: int, repeats: int, pictures: int, side: int, size: int) -> None:
    """Write everything into a folder."""
    noise = noise_for(size, side)
    content = [scene(number, side, noise) for number in range(pictures)]
    (folder / "pictures").mkdir(parents=True)
    for number, picture in enumerate(content):
        (folder / "pictures" / f"{number:04}.jpg").write_bytes(picture)
    encoded = [base64.b64encode(picture) for picture in content]
    asked = [
        (f"{first:04}", f"{second:04}", letter([encoded[first], encoded[second]]))
        for first, second in islice(pairs_of(pictures), questions)
    ]
    if len(asked) < questions:
        raise SystemExit(f"{pictures} pictures have only {len(asked)} such pairs; give more pictures")
    work = {"prompt": PROMPT, "repeats": repeats, "questions": asked}
    (folder / "work.json").write_text(json.dumps(work), encoding="utf-8")
    for name, text in SUITES.items():
        (folder / name).mkdir()
        # An ini file makes the folder its own rootdir.
        (folder / name / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / name / f"test_{name}.py").write_text(text.lstrip(), encoding="utf-8")


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="must not exist, or be empty")
    parser.add_argument("--questions", type=int, default=600, help="different pairs")
    parser.add_argument("--repeats", type=int, default=1, help="how often each is asked")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--side", type=int, default=512, help="of a picture, in pixels")
    parser.add_argument("--size", type=int, default=40_000, help="of a picture's file, in bytes, about")
    make(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
