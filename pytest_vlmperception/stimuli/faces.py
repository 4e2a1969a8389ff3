"""Schematic faces: identities times expressions, with what they express known by construction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.faces import (
    ACTION_UNITS,
    IDENTITIES,
    INTENSITIES,
    PROTOTYPES,
    Expression,
    Look,
    parse_units,
    polarity,
    valence,
)
from pytest_vlmperception.records import Picture, Stimulus
from pytest_vlmperception.stimuli.entries import Entry

__all__ = ["FACES_KEYS", "faces"]

FACES_KEYS = {"identities", "emotions", "action_units", "intensities", "mirrored", "line_weight", "side_px"}

DEFAULT_INTENSITIES = ["C", "E"]
DEFAULT_SIDE_PX = 384
MIN_SIDE_PX, MAX_SIDE_PX = 192, 1024
MIN_LINE_WEIGHT, MAX_LINE_WEIGHT = 0.7, 1.4


@dataclass(frozen=True)
class Shown:
    """An expression with its name in ids, and the groups that it belongs to."""

    name: str
    expression: Expression
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Style:
    """How every face of a table is drawn."""

    mirrored: bool
    line_weight: float
    side_px: int

    def __str__(self) -> str:
        weight = "" if self.line_weight == 1 else f"-w{self.line_weight:g}"
        return f"{weight}{'-mirrored' if self.mirrored else ''}"


def faces(entry: Entry) -> list[Stimulus]:
    """Return the stimuli of one ``[[faces]]`` table: every identity with every expression.

    Each belongs to the groups ``identity`` and, where it has them, ``emotion`` and ``intensity``. Its reference values
    are ``polarity``, ``valence``, the strength ``au1`` ... of each action unit that can be drawn, on its stronger side,
    and ``emotion`` and ``intensity`` (0.2 for A to 1 for E) where it has them.

    Raises
    ------
    StimulusError
        If the table cannot be used.
    """
    entry.check_keys(FACES_KEYS | {"source", "licence"})
    style = Style(
        entry.flag("mirrored"),
        entry.number("line_weight", MIN_LINE_WEIGHT, MAX_LINE_WEIGHT, 1.0),
        entry.whole_number("side_px", MIN_SIDE_PX, MAX_SIDE_PX, DEFAULT_SIDE_PX),
    )
    identities = known(entry, "identities", IDENTITIES, list(IDENTITIES))
    return [face(identity, shown, style) for identity in identities for shown in expressions(entry)]


def known(entry: Entry, key: str, names: Mapping[str, object], default: list[str]) -> list[str]:
    """Return a list of known names."""
    chosen = entry.texts(key, default)
    for name in chosen:
        if name not in names:
            raise StimulusError(f"{entry.where}: {key}: {name!r} is not known; {choices_hint(name, names)}")
    return chosen


def expressions(entry: Entry) -> Iterator[Shown]:
    """Yield the expressions of a table: each emotion in each intensity, then those given by their action units."""
    letters = known(entry, "intensities", INTENSITIES, DEFAULT_INTENSITIES)
    units = entry.texts("action_units", [])
    for emotion in known(entry, "emotions", PROTOTYPES, [] if units else list(PROTOTYPES)):
        # A neutral face has no intensity: it is there once.
        for letter in letters if PROTOTYPES[emotion] else [""]:
            groups = {"emotion": emotion, **({"intensity": letter} if letter else {})}
            expression = parse_units(PROTOTYPES[emotion], entry.where, letter)
            yield Shown("-".join(groups.values()), expression, groups)
    for code in units:
        yield Shown(code, parse_units(code, entry.where), {})


def face(identity: str, shown: Shown, style: Style) -> Stimulus:
    """Return one stimulus, whose picture is drawn when its bytes are needed."""
    look = IDENTITIES[identity]
    look = replace(look, line=look.line * style.line_weight)
    id_ = f"{identity}-{shown.name}{style}"
    draw = partial(drawn, shown.expression, look, style)
    return Stimulus(
        id=id_,
        picture=Picture(f"schematic face {id_} {style.side_px}px", draw),
        groups=MappingProxyType({"identity": identity, **shown.groups}),
        reference=MappingProxyType(reference(shown)),
    )


def drawn(expression: Expression, look: Look, style: Style) -> tuple[str, bytes]:
    """Return the media type and the bytes of a face."""
    # Loads numpy, which a set that is only listed does not need.
    from pytest_vlmperception.pictures.faces import draw_face

    return "image/png", encode_png(draw_face(expression, look, style.side_px, mirrored=style.mirrored))


def reference(shown: Shown) -> dict[str, float | str]:
    """Return what is known of an expression."""
    values: dict[str, float | str] = {
        "polarity": polarity(shown.expression),
        "valence": valence(shown.expression),
        **{f"au{unit}": shown.expression[unit] for unit in ACTION_UNITS},
    }
    if "emotion" in shown.groups:
        values["emotion"] = shown.groups["emotion"]
        values["intensity"] = INTENSITIES.get(shown.groups.get("intensity", ""), 0.0)
    return values
