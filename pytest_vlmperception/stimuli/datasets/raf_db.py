"""RAF-DB, the basic emotions: one list of labels, photographs whole or aligned to the face.

Li, Deng & Du (2017), Reliable crowdsourcing and deep locality-preserving learning for expression
recognition in the wild. CVPR 2017. :DOI:`10.1109/CVPR.2017.277`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.faces import KEYS, Face, chosen_faces, chosen_split
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.rows import text_lines

__all__ = ["RAF_DB"]

# Codes 1 to 7; mirrors count otherwise.
EMOTIONS = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
SPLITS = ("train", "test")

# Spelt so in the release.
LABELS = "list_patition_label.txt"
LINE = re.compile(r"((train|test)_[0-9]+)\.jpg\s+(?:(?:train|test)\s+)?([1-7])\s*", re.IGNORECASE)

# By value of the key ``pictures``: folder, and what is put to a name.
PICTURES = {"aligned": "_aligned", "original": ""}


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of ``EmoLabel/list_patition_label.txt`` and ``Image/aligned`` or ``Image/original``."""
    entry = given.entry
    split = chosen_split(entry, SPLITS)
    kind = entry.text("pictures", "aligned")
    if kind not in PICTURES:
        raise entry.wrong("pictures", f"one of {', '.join(PICTURES)}")
    home = given.folder().home_of("EmoLabel", ["basic", "RAF-DB", "raf-basic"], entry.where)
    labels = home.folder("EmoLabel", entry.where).file(LABELS, entry.where)
    folder = home.folder(f"Image/{kind}", entry.where)

    def path_of(face: Face) -> Path:
        return folder.file(f"{face.file}{PICTURES[kind]}.jpg", face.where)

    return chosen_faces(entry, faces_of(labels, split), path_of, EMOTIONS)


def faces_of(labels: Path, split: str) -> Iterator[Face]:
    """Yield the photographs of one part: lines such as ``train_00001.jpg 5``."""
    for number, line in enumerate(text_lines(labels, "list"), 1):
        where = f"{labels.name}, line {number}"
        match = LINE.fullmatch(line)
        if match is None and line.strip():
            raise StimulusError(f"{where}: {line.strip()[:80]!r}; expected a name and a code, as test_0001.jpg 5")
        if match and match[2].lower() == split:
            yield Face(where, match[1].lower(), EMOTIONS[int(match[3]) - 1], match[1])


RAF_DB = Layout(
    name="raf_db",
    title="RAF-DB",
    source="http://www.whdeng.cn/RAF/model1.html",
    licence="non-commercial research, on request; not to be passed on",
    keys=KEYS | {"pictures"},
    read=read,
)
