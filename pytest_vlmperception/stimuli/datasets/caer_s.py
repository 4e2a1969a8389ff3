"""CAER-S: frames of TV shows in seven folders, one a class.

Lee et al. (2019), Context-aware emotion recognition networks. ICCV 2019.
:DOI:`10.1109/ICCV.2019.01024`

The label is that of the clip, and frames of one clip are in the training and in the test part: whoever
knows the clips gives a table of them, so that they are the independent units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.faces import KEYS, Face, chosen_faces, chosen_split, emotion_of
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.ids import safe_id
from pytest_vlmperception.stimuli.rows import csv_rows

__all__ = ["CAER_S"]

EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SPLITS = ("train", "test")


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of ``train/CLASS/0001.png`` or ``test/CLASS/0001.png``."""
    entry = given.entry
    split = chosen_split(entry, SPLITS)
    part = given.folder().home_of(split, ["CAER-S"], entry.where).folder(split, entry.where)
    classes = classes_of(part, entry.where)
    clips = clips_of(given.within(entry.text("clips"), entry.where)) if "clips" in entry.table else None

    faces = (face for emotion, folder in classes.items() for face in faces_of(folder, split, emotion, clips))
    return chosen_faces(entry, faces, lambda face: path_of(classes[face.emotion], face), EMOTIONS)


def classes_of(part: Folder, where: str) -> dict[str, Folder]:
    """Return the folder of each class: some copies say ``Anger``, some ``Angry``."""
    names: dict[str, str] = {}
    for name in sorted(part.folders):
        emotion = emotion_of(name)
        if emotion in names:
            found = f"{names[emotion]!r} and {name!r} in {str(part.path)!r} are one class"
            raise StimulusError(f"{where}: {found}; put them into one folder")
        if emotion in EMOTIONS:
            names[emotion] = name
    return {emotion: part.folder(name, where) for emotion, name in names.items()}


def faces_of(folder: Folder, split: str, emotion: str, clips: Mapping[str, str] | None) -> Iterator[Face]:
    """Yield the photographs of one class. In a folder below that of the class, they are frames of one clip."""
    below = [(name, folder.folder(name, repr(folder.path.name))) for name in sorted(folder.folders)]
    for clip, frames in [("", folder), *below]:
        for name in frames.pictures:
            file = f"{clip}/{name}" if clip else name
            where = repr(f"{split}/{folder.path.name}/{file}")
            known = clip if clips is None else clip_named(clips, split, emotion, file, where)
            yield Face(
                where=where,
                id=f"{split}-{emotion}-{safe_id(str(PurePosixPath(file).with_suffix('')))}",
                emotion=emotion,
                file=file,
                clip=f"{emotion}-{known}" if clips is None and known else known,
            )


def path_of(folder: Folder, face: Face) -> Path:
    """Return the path of a photograph, given the folder of its class."""
    clip, _, name = face.file.rpartition("/")
    return (folder.folder(clip, face.where) if clip else folder).file(name, face.where)


def clips_of(table: Path) -> dict[str, str]:
    """Return the clips of a CSV table with the columns ``file``, such as ``test/Anger/0001.png``, and ``clip``."""
    clips: dict[str, str] = {}
    for row in csv_rows(table, needed=["file", "clip"]):
        file = row.cells["file"].replace("\\", "/").split("/", 2)
        emotion = emotion_of(file[1]) if len(file) == 3 else None
        if emotion is None or not row.cells["clip"]:
            raise StimulusError(f"{row.where}: expected a file such as test/Anger/0001.png and its clip")
        clips[key_of(file[0], emotion, file[2])] = row.cells["clip"]
    return clips


def clip_named(clips: Mapping[str, str], split: str, emotion: str, file: str, where: str) -> str:
    """Return the clip that a table has for a photograph."""
    key = key_of(split, emotion, file)
    if key not in clips:
        raise StimulusError(f"{where}: the table of clips does not have it; add it")
    return clips[key]


def key_of(split: str, emotion: str, file: str) -> str:
    """Return what a photograph is called in every copy."""
    return f"{split}/{emotion}/{file}".lower()


CAER_S = Layout(
    name="caer_s",
    title="CAER-S",
    source="https://caer-dataset.github.io",
    licence="research; frames of TV shows, which are not to be passed on",
    keys=KEYS | {"clips"},
    read=read,
)
