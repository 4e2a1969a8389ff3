"""TID2013: 25 pictures x 24 distortions x 5 levels, with mean opinion scores.

Ponomarenko et al. (2015), Image database TID2013: peculiarities, results and perspectives. Signal
Processing: Image Communication 30, 57-77. :DOI:`10.1016/j.image.2014.10.009`
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.scored import KEYS, Scored, chosen
from pytest_vlmperception.stimuli.rows import number_in, text_lines

__all__ = ["TID2013"]

DISTORTIONS = (
    "additive_gaussian_noise",
    "color_noise",
    "spatially_correlated_noise",
    "masked_noise",
    "high_frequency_noise",
    "impulse_noise",
    "quantization_noise",
    "gaussian_blur",
    "denoising",
    "jpeg",
    "jpeg2000",
    "jpeg_transmission_errors",
    "jpeg2000_transmission_errors",
    "non_eccentricity_pattern_noise",
    "local_block_wise",
    "mean_shift",
    "contrast",
    "saturation",
    "multiplicative_gaussian_noise",
    "comfort_noise",
    "lossy_compression_of_noisy_images",
    "color_quantization_with_dither",
    "chromatic_aberrations",
    "sparse_sampling",
)

# Their levels go to and fro between more and less of it: mean scores of contrast, I01: 5.35 6.62 4.08 6.24 2.97.
UNORDERED = frozenset({"mean_shift", "contrast", "saturation"})

SCORES = "mos_with_names.txt"
DEVIATIONS = "mos_std.txt"
NAME = re.compile(r"(i[0-9]{2})_([0-9]{2})_([1-5])\.bmp", re.IGNORECASE)


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of ``mos_with_names.txt`` and ``distorted_images/``."""
    where = given.entry.where
    home = given.folder().home_of(SCORES, ["tid2013"], where)
    pictures = home.folder("distorted_images", where)
    return chosen(
        given.entry,
        scored(home, where),
        lambda each: pictures.file(each.file, each.where),
        "mean opinion score, 0 to 9, higher is better",
        DISTORTIONS,
        UNORDERED,
    )


def scored(home: Folder, where: str) -> Iterator[Scored]:
    """Yield what the list of scores has: lines such as ``5.51429 I01_01_1.bmp``."""
    lines = cells_of(home, SCORES, where)
    deviations = cells_of(home, DEVIATIONS, where) if home.has(DEVIATIONS) else [(place, []) for place, _ in lines]
    if len(deviations) != len(lines):
        found = f"{SCORES} has {len(lines)} lines and {DEVIATIONS} {len(deviations)}"
        raise StimulusError(f"{where}: {found}; expected as many of one as of the other")
    for (place, cells), (deviation_place, deviation) in zip(lines, deviations, strict=True):
        yield line_of(place, cells, deviation_place, deviation)


def cells_of(home: Folder, file: str, where: str) -> list[tuple[str, list[str]]]:
    """Return the place and the cells of every line that is not blank."""
    lines = enumerate(text_lines(home.file(file, where), "list"), 1)
    return [(f"{file}, line {number}", line.split()) for number, line in lines if line.strip()]


def line_of(where: str, cells: list[str], deviation_where: str, deviation: list[str]) -> Scored:
    """Return what one line says."""
    match = NAME.fullmatch(cells[-1])
    if len(cells) != 2 or match is None or not 1 <= int(match[2]) <= len(DISTORTIONS):
        raise StimulusError(f"{where}: {' '.join(cells)[:80]!r}; expected a score and a name such as I01_17_1.bmp")
    return Scored(
        where=where,
        file=cells[-1],
        scene=match[1].upper(),
        distortion=DISTORTIONS[int(match[2]) - 1],
        level=int(match[3]),
        quality=number_in(cells[0], 0, 9, "the score", where),
        quality_sd=number_in(" ".join(deviation), 0, 9, "the deviation", deviation_where) if deviation else None,
    )


TID2013 = Layout(
    name="tid2013",
    title="TID2013",
    source="https://www.ponomarenko.info/tid2013.htm",
    licence="research and education, see its readme",
    keys=KEYS,
    read=read,
)
