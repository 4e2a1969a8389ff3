"""Photographs of faces with the name of an emotion: what the sets of expressions have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.datasets.selection import chosen_texts, per_class, sampled, seed_of
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id

__all__ = ["KEYS", "Face", "chosen_faces", "chosen_split", "emotion_of"]

KEYS = frozenset({"split", "classes", "per_class", "seed"})

# By emotion: how people name its class, in lower case.
CLASS_NAMES = {
    "anger": ("anger", "angry"),
    "contempt": ("contempt",),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "happiness": ("happiness", "happy"),
    "neutral": ("neutral",),
    "sadness": ("sadness", "sad"),
    "surprise": ("surprise", "surprised"),
}
EMOTIONS = {name: emotion for emotion, names in CLASS_NAMES.items() for name in names}

# Surprise is read either way: neither is expected of it.
POLARITIES = {
    "anger": "negative",
    "contempt": "negative",
    "disgust": "negative",
    "fear": "negative",
    "happiness": "positive",
    "neutral": "neutral",
    "sadness": "negative",
    "surprise": "neutral",
}


@dataclass(frozen=True, slots=True)
class Face:
    """One photograph that a data set lists.

    Attributes
    ----------
    where : str
        Its place, for messages.
    id : str
        The same in every copy of the data set.
    emotion : str
        Its class, one of `EMOTIONS`.
    file : str
        What the data set calls it.
    clip : str
        The clip that it is a frame of; empty where that is not known.
    reference : mapping
        What else is known of it.
    """

    where: str
    id: str
    emotion: str
    file: str
    clip: str = ""
    reference: Mapping[str, float] = field(default_factory=dict)


def emotion_of(name: str) -> str | None:
    """Return the emotion that a class of this name stands for, None where it stands for none."""
    return EMOTIONS.get(name.lower())


def chosen_split(entry: Entry, splits: Sequence[str]) -> str:
    """Return the part of the data that is wanted: the last of `splits`, unless the manifest says another."""
    split = entry.text("split", splits[-1])
    if split not in splits:
        raise entry.wrong("split", f"one of {', '.join(splits)}")
    return split


def chosen_faces(
    entry: Entry, faces: Iterable[Face], path_of: Callable[[Face], Path], emotions: Sequence[str]
) -> Iterator[tuple[str, Stimulus]]:
    """Yield the stimuli that a manifest chooses, class by class, each with its place.

    Parameters
    ----------
    entry : Entry
        The table ``[dataset]``.
    faces : iterable of Face
        All that the part of the data set lists.
    path_of : callable
        Returns the path of a photograph that was chosen.
    emotions : sequence of str
        The classes of the data set.
    """
    classes: dict[str, list[Face]] = {emotion: [] for emotion in chosen_texts(entry, "classes", emotions)}
    for face in faces:
        if face.emotion in classes:
            classes[face.emotion].append(face)
    count, seed = per_class(entry), seed_of(entry)
    for emotion, members in classes.items():
        if len(members) < (count or 1):
            found = f"class {emotion!r} has {len(members)} pictures"
            raise StimulusError(f"{entry.where}: {found}; expected at least {count or 1}: complete it, or choose less")
        if count is not None:
            members = sampled(members, count, seed, lambda each: each.id, lambda each: each.clip or each.id)
        for face in members:
            yield face.where, stimulus_of(face, path_of(face))


def stimulus_of(face: Face, path: Path) -> Stimulus:
    """Return the stimulus of one photograph."""
    groups = {"class": face.emotion} | ({"clip": face.clip} if face.clip else {})
    return Stimulus(
        id=check_id(face.id, face.where),
        picture=file_picture(path),
        groups=groups,
        reference={"emotion": face.emotion, "polarity": POLARITIES[face.emotion], **face.reference},
    )
