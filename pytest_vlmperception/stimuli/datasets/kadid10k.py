"""KADID-10k: 81 pictures x 25 distortions x 5 levels, with degradation category ratings.

Lin, Hosu & Saupe (2019), KADID-10k: a large-scale artificially distorted IQA database. QoMEX 2019.
:DOI:`10.1109/QoMEX.2019.8743252`
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.scored import KEYS, Scored, chosen
from pytest_vlmperception.stimuli.rows import Row, csv_rows, number_in

__all__ = ["KADID10K"]

DISTORTIONS = (
    "gaussian_blur",
    "lens_blur",
    "motion_blur",
    "color_diffusion",
    "color_shift",
    "color_quantization",
    "saturation_hsv",
    "saturation_lab",
    "jpeg2000",
    "jpeg",
    "white_noise",
    "white_noise_color_component",
    "impulse_noise",
    "multiplicative_noise",
    "denoising",
    "brighten",
    "darken",
    "mean_shift",
    "jitter",
    "non_eccentricity_patch",
    "pixelate",
    "quantization",
    "color_block",
    "sharpen",
    "contrast",
)

# Their parameters change sign from level to level, and public ports of the generator differ in their order.
UNORDERED = frozenset({"mean_shift", "contrast"})

SCORES = "dmos.csv"
NAME = re.compile(r"(i[0-9]{2})_([0-9]{2})_0([1-5])\.png", re.IGNORECASE)


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of ``dmos.csv`` and ``images/``."""
    where = given.entry.where
    home = given.folder().home_of(SCORES, ["kadid10k"], where)
    pictures = home.folder("images", where)
    # The column is called dmos, and yet a higher value is a better picture.
    scale = "mean of degradation category ratings ('dmos'), 1 to 5, higher is better"
    return chosen(
        given.entry,
        scored(home, where),
        lambda each: pictures.file(each.file, each.where),
        scale,
        DISTORTIONS,
        UNORDERED,
    )


def scored(home: Folder, where: str) -> Iterator[Scored]:
    """Return what the table of scores has."""
    return map(row_of, csv_rows(home.file(SCORES, where), needed=["dist_img", "dmos"]))


def row_of(row: Row) -> Scored:
    """Return what one row says."""
    file = row.cells["dist_img"]
    match = NAME.fullmatch(file)
    if match is None or not 1 <= int(match[2]) <= len(DISTORTIONS):
        raise StimulusError(f"{row.where}: dist_img is {file[:80]!r}; expected a name such as I01_25_03.png")
    return Scored(
        where=row.where,
        file=file,
        scene=match[1].upper(),
        distortion=DISTORTIONS[int(match[2]) - 1],
        level=int(match[3]),
        quality=number_in(row.cells["dmos"], 1, 5, "dmos", row.where),
    )


KADID10K = Layout(
    name="kadid10k",
    title="KADID-10k",
    source="http://database.mmsp-kn.de/kadid-10k-database.html",
    licence="as that page states",
    keys=KEYS,
    read=read,
)
