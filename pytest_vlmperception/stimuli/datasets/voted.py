"""Raw votes of paired comparisons, in the columns of pwcmp, and the pictures that were voted on.

Perez-Ortiz & Mantiuk (2017), A practical guide and software for analysing pairwise comparison
experiments. arXiv:1712.03686, https://github.com/mantiuk/pwcmp
"""

from __future__ import annotations

import os
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Stimulus, Vote, Votes
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id, safe_id
from pytest_vlmperception.stimuli.paths import resolved
from pytest_vlmperception.stimuli.rows import Row, csv_rows

__all__ = ["VOTES", "read_votes", "votes_given"]

NEEDED = ("observer", "condition_A", "condition_B", "is_A_selected")
TABLE = "votes.csv"
MAX_TABLE_BYTES = 256 * 2**20


def read_votes(path: str | os.PathLike[str]) -> Votes:
    """Read votes from a CSV table: one row an answer.

    Parameters
    ----------
    path : path
        UTF-8, with the columns ``observer``, ``condition_A``, ``condition_B`` and ``is_A_selected`` (1 or 0);
        ``scene``, ``session_id`` and ``criterion`` (the attribute) are optional, others are not read.

    Returns
    -------
    Votes
        ``votes.of(scene=..., attribute=...).wins()`` are win counts for `analysis.scale_case_v`.

    Raises
    ------
    StimulusError
        If the table, or one of its rows, cannot be used.
    """
    table = resolved(Path(path), "votes")
    votes = [vote_of(row) for row in csv_rows(table, "votes", MAX_TABLE_BYTES, NEEDED)]
    if not votes:
        raise StimulusError(f"votes {str(table)!r} has no rows; expected a header and one row for each vote")
    return Votes(votes, table.stem)


def vote_of(row: Row) -> Vote:
    """Return the vote of one row."""
    cells = row.cells
    for name in ("observer", "condition_A", "condition_B"):
        if not cells[name]:
            raise StimulusError(f"{row.where}: column {name!r} is empty; give its name")
    if cells["condition_A"] == cells["condition_B"]:
        raise StimulusError(f"{row.where}: {cells['condition_A']!r} is compared with itself; expected two conditions")
    if cells["is_A_selected"] not in ("0", "1"):
        raise StimulusError(f"{row.where}: is_A_selected is {cells['is_A_selected'][:40]!r}; expected 1 or 0")
    return Vote(
        observer=cells["observer"],
        first=cells["condition_A"],
        second=cells["condition_B"],
        first_chosen=cells["is_A_selected"] == "1",
        scene=cells.get("scene", ""),
        attribute=cells.get("criterion", ""),
        session=cells.get("session_id", ""),
    )


def votes_given(given: Given) -> Votes:
    """Return the votes of the file that was given, or of the ``table`` in the folder."""
    return read_votes(table_of(given))


def table_of(given: Given) -> Path:
    """Return the path of the table."""
    if not given.path.is_dir():
        return given.path
    return given.folder().file(given.entry.text("table", TABLE), given.entry.where)


def read(given: Given) -> Placed:
    """Yield a stimulus for every scene and condition that was voted on, from files that ``pictures`` names."""
    table = table_of(given)
    votes = read_votes(table)
    pattern = given.entry.text("pictures")
    if "{condition}" not in pattern or ("{scene}" not in pattern and len(votes.scenes) > 1):
        raise given.entry.wrong("pictures", "a path such as '{scene}/{condition}.png'")
    folder = Folder.open(table.parent)
    for scene in votes.scenes:
        for condition in votes.of(scene=scene).conditions:
            yield table.name, stimulus_of(folder, pattern, scene, condition, table.name)


def stimulus_of(folder: Folder, pattern: str, scene: str, condition: str, where: str) -> Stimulus:
    """Return the stimulus of one condition."""
    name = f"{scene}-{condition}" if scene else condition
    path = folder.nested_file(pattern.replace("{scene}", scene).replace("{condition}", condition), where)
    groups = {"scene": scene, "condition": condition} if scene else {"condition": condition}
    return Stimulus(check_id(safe_id(name), where), file_picture(path), groups=groups)


VOTES = Layout(
    name="votes",
    title="the table of votes",
    source="",
    licence="",
    keys=frozenset({"table", "pictures"}),
    read=read,
)
