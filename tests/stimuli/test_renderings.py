"""Renderings of the photographs that scikit-image brings, and the suite made of them."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from scipy.stats import spearmanr

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures import colorfulness, decode, mean_chroma, rms_contrast
from pytest_vlmperception.stimuli import PHOTOGRAPHS, Factors, photographs, rendered

MANIFEST = Path(__file__).parents[2] / "suites/image_quality/stimuli/renderings.toml"
SMOOTH = np.stack(np.broadcast_arrays(*np.ogrid[40:200:30j, 60:180:50j], 90.0), axis=-1).astype(np.uint8)


@pytest.fixture(scope="module")
def renderings() -> StimulusSet:
    return StimulusSet.load(MANIFEST)


def pixels_of(renderings: StimulusSet, scene: str) -> list[np.ndarray]:
    return [decode(each.bytes, each.id) for each in renderings if each.groups["scene"] == scene]


def test_suite_of_seven_by_seven(renderings: StimulusSet) -> None:
    assert len(renderings) == 49
    # 7 scenes with C(7, 2) = 21 pairs each.
    assert len(renderings.pairs(within="scene")) == 147
    assert all(each.source and each.licence for each in renderings)
    assert all(each.id.isascii() for each in renderings)


def test_references_of_the_suite_are_unrelated(renderings: StimulusSet) -> None:
    contrast = [each.reference["contrast"] for each in renderings[:7]]
    chroma = [each.reference["colorfulness"] for each in renderings[:7]]
    # For n = 7, rho = 1 - sum of squared rank differences / 56.
    ranks = np.argsort(np.argsort(contrast)), np.argsort(np.argsort(chroma))
    assert ((ranks[0] - ranks[1]) ** 2).sum() == 56
    assert max(contrast) == max(chroma) == 1


@pytest.mark.parametrize("scene", ["astronaut", "chelsea", "coffee", "hubble", "tissue", "retina", "rocket"])
def test_pixels_show_what_the_references_say(renderings: StimulusSet, scene: str) -> None:
    pictures = pixels_of(renderings, scene)
    assert all(max(picture.shape) == 320 for picture in pictures)
    contrast = [each.reference["contrast"] for each in renderings if each.groups["scene"] == scene]
    chroma = [each.reference["colorfulness"] for each in renderings if each.groups["scene"] == scene]
    # Each measure over its factor is the same number in all renderings, up to rounding to 8 bits.
    for measure, factors, tolerance in ((rms_contrast, contrast, 0.01), (mean_chroma, chroma, 0.02)):
        unit = np.array([measure(picture) for picture in pictures]) / factors
        assert unit == pytest.approx(unit.mean(), rel=tolerance)
    assert spearmanr([rms_contrast(picture) for picture in pictures], contrast).statistic >= 0.95
    # Hasler and Suesstrunk's measure is another one than chroma, and depends on contrast a little.
    assert spearmanr([colorfulness(picture) for picture in pictures], chroma).statistic >= 0.9


def test_suite_is_rendered_in_seconds(renderings: StimulusSet) -> None:
    started = time.process_time()
    assert all(each.bytes for each in StimulusSet.load(MANIFEST).select(lambda s: s.groups["scene"] == "coffee"))
    # 0.2 s on one core of 2023; the limit is far off so that a busy machine does not fail.
    assert time.process_time() - started < 3


def series(calls: list[int]) -> list:
    def photograph() -> np.ndarray:
        calls.append(1)
        return SMOOTH

    factors = [Factors(1.0, 0.5), Factors(0.5, 1.0), Factors(0.8, 0.8)]
    return rendered("ramp", "ramp.png", photograph, factors, 64)


def test_photograph_is_prepared_once_for_all_threads() -> None:
    calls: list[int] = []
    stimuli = series(calls)
    assert not calls
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda each: each.bytes, stimuli))
    assert len(calls) == 1
    assert together == [each.bytes for each in series([])]
    assert len(set(together)) == 3


def test_a_failure_to_read_is_not_kept() -> None:
    attempts = iter([PictureError("gone"), None])

    def photograph() -> np.ndarray:
        failure = next(attempts)
        if failure:
            raise failure
        return SMOOTH

    (stimulus,) = rendered("ramp", "ramp.png", photograph, [Factors(0.5, 0.5)], 64)
    with pytest.raises(PictureError, match="gone"):
        _ = stimulus.bytes
    assert stimulus.bytes


SKIMAGE = sorted(name for name, each in PHOTOGRAPHS.items() if each.package.module == "skimage")


@pytest.mark.parametrize("name", SKIMAGE)
def test_photographs_are_those_of_skimage(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("nothing is downloaded"))
    photograph = PHOTOGRAPHS[name]
    ours, theirs = photograph.pixels(), getattr(skimage.data, name)()
    # skimage ignores ICC profiles, and the rocket is in Adobe RGB: more colourful than its numbers as sRGB.
    if name == "rocket":
        assert colorfulness(ours) > 1.1 * colorfulness(theirs)
    else:
        assert (ours == theirs).all()
    assert photograph.source
    assert photograph.licence


def test_missing_photograph_is_not_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(photographs, "find_spec", lambda name: Spec)
    with pytest.raises(
        PictureError, match=r"'skimage:coffee': the installed scikit-image has no '.*coffee\.png'; install"
    ):
        PHOTOGRAPHS["coffee"].pixels()
    monkeypatch.setattr(photographs, "find_spec", lambda name: None)
    with pytest.raises(PictureError, match="'skimage:coffee' needs scikit-image; install it: pip install scikit-image"):
        PHOTOGRAPHS["coffee"].pixels()
