"""CSIQ: 30 pictures x 6 distortions x 4 or 5 levels, with differential mean opinion scores.

Larson & Chandler (2010), Most apparent distortion: full-reference image quality assessment and the
role of strategy. Journal of Electronic Imaging 19, 011006. :DOI:`10.1117/1.3267105`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.scored import KEYS, Scored, chosen
from pytest_vlmperception.stimuli.datasets.workbooks import sheet_rows
from pytest_vlmperception.stimuli.rows import Row, number_in, text_lines

__all__ = ["CSIQ"]

# By folder: the name of the distortion, and what the authors' workbook calls it.
DISTORTIONS = {
    "awgn": ("white_noise", "noise"),
    "blur": ("gaussian_blur", "blur"),
    "contrast": ("contrast", "contrast"),
    "fnoise": ("pink_noise", "fnoise"),
    "jpeg": ("jpeg", "jpeg"),
    "jpeg2000": ("jpeg2000", "jpeg 2000"),
}
FOLDERS = {in_workbook: folder for folder, (_, in_workbook) in DISTORTIONS.items()}

WORKBOOK, SHEET = "csiq.DMOS.xlsx", "all_by_image"
COLUMNS = ("image", "dst_type", "dst_lev", "dmos_std", "dmos")
LABELS = "csiq_label.txt"
NAME = re.compile(r"([^./\\]+)\.([A-Za-z0-9]+)\.([1-5])\.png", re.IGNORECASE)


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of ``csiq.DMOS.xlsx``, or ``csiq_label.txt``, and ``dst_imgs/``."""
    where = given.entry.where
    home = given.folder().home_of("dst_imgs", ["csiq"], where)
    pictures = home.folder("dst_imgs", where)
    folders: dict[str, Folder] = {}

    def file_of(each: Scored) -> Path:
        kind = parts_of(each.file, each.where)[1]
        if kind not in folders:
            folders[kind] = pictures.folder(kind, each.where)
        return folders[kind].file(each.file, each.where)

    scale = "1 - DMOS, 0 to 1, higher is better"
    return chosen(given.entry, scored(home, where), file_of, scale, [name for name, _ in DISTORTIONS.values()])


def scored(home: Folder, where: str) -> Iterator[Scored]:
    """Return what the authors' workbook has, or the list of two columns that goes with copies."""
    if home.has(LABELS):
        lines = enumerate(text_lines(home.file(LABELS, where), "list"), 1)
        return (line_of(f"{LABELS}, line {number}", line.split()) for number, line in lines if line.strip())
    if home.has(WORKBOOK):
        return map(row_of, sheet_rows(home.file(WORKBOOK, where), SHEET, COLUMNS))
    raise StimulusError(f"{where}: there is neither {WORKBOOK!r} nor {LABELS!r} in {str(home.path)!r}; add one")


def line_of(where: str, cells: list[str]) -> Scored:
    """Return what a line such as ``1600.AWGN.1.png 0.062`` says."""
    if len(cells) != 2:
        raise StimulusError(f"{where}: {' '.join(cells)[:80]!r}; expected a name and a DMOS")
    return scored_of(where, cells[0], cells[1], "")


def row_of(row: Row) -> Scored:
    """Return what a row of the workbook says."""
    kind = row.cells["dst_type"]
    if kind not in FOLDERS:
        raise StimulusError(f"{row.where}: dst_type is {kind[:40]!r}; expected one of {', '.join(FOLDERS)}")
    file = f"{row.cells['image']}.{FOLDERS[kind]}.{row.cells['dst_lev']}.png"
    return scored_of(row.where, file, row.cells["dmos"], row.cells["dmos_std"])


def scored_of(where: str, file: str, dmos: str, deviation: str) -> Scored:
    """Return one picture's score, turned so that higher is better."""
    scene, kind, level = parts_of(file, where)
    return Scored(
        where=where,
        file=file,
        scene=scene,
        distortion=DISTORTIONS[kind][0],
        level=level,
        quality=1 - number_in(dmos, 0, 1, "DMOS", where),
        quality_sd=number_in(deviation, 0, 1, "the deviation", where) if deviation else None,
    )


def parts_of(file: str, where: str) -> tuple[str, str, int]:
    """Return scene, folder and level of a name such as ``1600.AWGN.1.png``."""
    match = NAME.fullmatch(file)
    if match is None or match[2].lower() not in DISTORTIONS:
        raise StimulusError(f"{where}: {file[:80]!r}; expected a name such as 1600.contrast.1.png")
    return match[1].lower(), match[2].lower(), int(match[3])


CSIQ = Layout(
    name="csiq",
    title="CSIQ",
    source="http://vision.eng.shizuoka.ac.jp/mod/page/view.php?id=23",
    licence="as that page states",
    keys=KEYS,
    read=read,
)
