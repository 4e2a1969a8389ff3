"""AffectNet: photographs from the web, with an emotion, valence and arousal.

Mollahosseini, Hasani & Mahoor (2019), AffectNet: a database for facial expression, valence, and
arousal computing in the wild. IEEE Trans. Affective Computing 10, 18-31.
:DOI:`10.1109/TAFFC.2017.2740923`
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.arrays import text_in
from pytest_vlmperception.stimuli.datasets.faces import KEYS, Face, chosen_faces, chosen_split
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.ids import safe_id
from pytest_vlmperception.stimuli.rows import Row, csv_rows, number_in

__all__ = ["AFFECTNET"]

# Codes 0 to 7; 8 none, 9 uncertain and 10 no face are no emotions, and never chosen.
EMOTIONS = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
LAST_CODE = 10

SPLITS = ("train", "validation")
TABLES = {"train": "training.csv", "validation": "validation.csv"}
FOLDERS = {"train": "train_set", "validation": "val_set"}
COLUMNS = ("subDirectory_filePath", "expression", "valence", "arousal")

IMAGES = "Manually_Annotated_Images"
LISTS = "Manually_Annotated_file_lists"
INNER = ("AffectNet", "Manually_Annotated")

# 400,000 rows, each with the landmarks of a face.
MAX_TABLE_BYTES = 2 * 2**30

# Where there is no annotation.
NO_VALUE = -2.0


def read(given: Given) -> Placed:
    """Yield the chosen stimuli of the manually annotated part, or of AffectNet-8, whichever it is."""
    entry = given.entry
    split = chosen_split(entry, SPLITS)
    folder = given.folder()
    if folder.has(FOLDERS[split]):
        part = folder.folder(FOLDERS[split], entry.where)
        images = part.folder("images", entry.where)
        faces = annotated_apart(part.folder("annotations", entry.where), images)
        return chosen_faces(entry, faces, lambda face: images.file(face.file, face.where), EMOTIONS)
    home = folder.home_of(IMAGES, INNER, entry.where)
    images = home.folder(IMAGES, entry.where)
    faces = annotated_in(table_of(folder, home, TABLES[split], entry.where))
    return chosen_faces(entry, faces, lambda face: images.nested_file(face.file, face.where), EMOTIONS)


def table_of(folder: Folder, home: Folder, name: str, where: str) -> Path:
    """Return the path of the table, which lies beside the photographs, above them or in a folder of lists."""
    homes = [folder, home, *(each.folder(LISTS, where) for each in (folder, home) if each.has(LISTS))]
    found = next((each for each in homes if each.has(name)), home)
    return found.file(name, where)


def annotated_in(table: Path) -> Iterator[Face]:
    """Yield the photographs that one table has."""
    for row in csv_rows(table, max_bytes=MAX_TABLE_BYTES, needed=COLUMNS):
        emotion = emotion_coded(row.cells["expression"], row.where)
        if emotion is not None:
            yield face_of(row, emotion)


def face_of(row: Row, emotion: str) -> Face:
    """Return the photograph of one row."""
    file = row.cells["subDirectory_filePath"]
    return Face(
        where=row.where,
        id=safe_id(str(PurePosixPath(file).with_suffix(""))) if file else "",
        emotion=emotion,
        file=file,
        reference=feelings(row.cells["valence"], row.cells["arousal"], row.where),
    )


def annotated_apart(annotations: Folder, images: Folder) -> Iterator[Face]:
    """Yield the photographs that have a file for each annotation: ``0_exp.npy``, ``0_val.npy``, ``0_aro.npy``."""
    for name in images.pictures:
        stem = PurePosixPath(name).stem
        where = repr(f"{images.path.parent.name}/images/{name}")
        expression, valence, arousal = (
            text_in(annotations.file(f"{stem}_{kind}.npy", where)) for kind in ("exp", "val", "aro")
        )
        emotion = emotion_coded(expression, where)
        if emotion is not None:
            yield Face(where, stem, emotion, name, reference=feelings(valence, arousal, where))


def emotion_coded(code: str, where: str) -> str | None:
    """Return the emotion that a code stands for, None for a code that stands for none."""
    if not (code.isascii() and code.isdigit() and int(code) <= LAST_CODE):
        raise StimulusError(f"{where}: expression is {code[:40]!r}; expected a code from 0 to {LAST_CODE}")
    return EMOTIONS[int(code)] if int(code) < len(EMOTIONS) else None


def feelings(valence: str, arousal: str, where: str) -> dict[str, float]:
    """Return valence and arousal, -1 to 1; what is not annotated is not there."""
    texts = {"valence": valence, "arousal": arousal}
    values = {name: number_in(text, NO_VALUE, 1, name, where) for name, text in texts.items()}
    return {name: value for name, value in values.items() if value >= -1}


AFFECTNET = Layout(
    name="affectnet",
    title="AffectNet",
    source="http://mohammadmahoor.com/affectnet/",
    licence="research only, on request with a signed licence; not to be passed on",
    keys=KEYS,
    read=read,
)
