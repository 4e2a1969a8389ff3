"""What a description says of a face, as facts that can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import NoneType
from typing import Any, Literal, get_args

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records.emotions import FAMILIES, STATES

__all__ = ["REGIONS", "Feature", "Percept", "Polarity"]

Polarity = Literal["positive", "negative", "neutral", "mixed"]

# Of the face from top to bottom, then what carries it.
REGIONS = ("brows", "eyes", "gaze", "nose", "cheeks", "mouth", "jaw", "head", "body")

# Highest number that the Facial Action Coding System gives to a movement of face, head or eyes.
MAX_UNIT = 69


@dataclass(frozen=True)
class Feature:
    """What is said of one region of the face.

    Attributes
    ----------
    said : tuple of str
        Quotes, in order.
    action_units : tuple of int
        Action units of the Facial Action Coding System that the wording names, ascending.
    """

    said: tuple[str, ...] = ()
    action_units: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not is_tuple_of(self.said, str):
            raise UsageError(f"said={self.said!r}; expected a tuple of quotes")
        if not is_tuple_of(self.action_units, int) or not all(0 < unit <= MAX_UNIT for unit in self.action_units):
            raise UsageError(f"action_units={self.action_units!r}; expected numbers from 1 to {MAX_UNIT}")


@dataclass(frozen=True)
class Percept:
    """What a description says of the expression of a face.

    A text that says nothing of an expression has no polarity and no valence, which is another thing than a neutral
    one; `reason` says why there is none.

    Attributes
    ----------
    polarity : {"positive", "negative", "neutral", "mixed"} or None
        The text's verdict as a whole; None where it has none.
    valence : float or None
        From -1 (unpleasant) to 1 (pleasant); None where there is no polarity.
    emotions : mapping of str to float
        Families and states of `STATES` with the strength, above 0 and at most 1, that the text gives them, strongest
        first. A state counts for its family as well, so a family is never weaker than its states.
    features : mapping of str to Feature
        What is said of the `REGIONS` that the text speaks of, also where it denies something of them.
    hedges : int
        Count of expressions that soften the claim, such as "might".
    names_person : bool
        Whether somebody is identified by name.
    words : int
        Length of the text in words; in Japanese in phrases, see `read_description`.
    language : str
        The language read, ``en`` or ``ja``; empty where it is another or cannot be told.
    reason : str
        Why there is no polarity: ``empty``, ``language``, ``refusal`` or ``no emotion stated``.
    """

    polarity: Polarity | None
    valence: float | None
    emotions: Mapping[str, float] = field(default_factory=dict)
    features: Mapping[str, Feature] = field(default_factory=dict)
    hedges: int = 0
    names_person: bool = False
    words: int = 0
    language: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        check_reading(self)
        check_names("emotions", self.emotions, STATES)
        check_names("features", self.features, REGIONS)
        for name, strength in self.emotions.items():
            if not is_number(strength) or not 0.0 < strength <= 1.0:
                raise UsageError(f"emotions[{name!r}]={strength!r}; expected a strength above 0 and at most 1")

    @property
    def leading(self) -> str | None:
        """The strongest family, or the strongest state without a family; None where no emotion is stated."""
        heads = {name: value for name, value in self.emotions.items() if STATES[name].family in ("", name)}
        return max(heads, key=heads.__getitem__, default=None)

    @property
    def families(self) -> Mapping[str, float]:
        """Strengths of the families alone, strongest first."""
        return {name: value for name, value in self.emotions.items() if name in FAMILIES}

    @property
    def action_units(self) -> tuple[int, ...]:
        """Action units of all regions, ascending."""
        return tuple(sorted({unit for feature in self.features.values() for unit in feature.action_units}))

    def to_json(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        content = asdict(self)
        for feature in content["features"].values():
            feature["said"], feature["action_units"] = list(feature["said"]), list(feature["action_units"])
        return content

    @classmethod
    def from_json(cls, content: object) -> Percept:
        """Read back what `to_json` gave.

        Raises
        ------
        UsageError
            If a field is missing, unknown, of another type or out of its range.
        """
        values = dict(object_of("percept", content, TYPES))
        values["features"] = {str(region): feature_of(region, what) for region, what in values["features"].items()}
        return cls(**values)


TYPES: dict[str, tuple[type, ...]] = {
    "polarity": (str, NoneType),
    "valence": (float, int, NoneType),
    "emotions": (dict,),
    "features": (dict,),
    "hedges": (int,),
    "names_person": (bool,),
    "words": (int,),
    "language": (str,),
    "reason": (str,),
}


def check_reading(percept: Percept) -> None:
    """Raise unless polarity, valence and reason agree, and the counts are counts."""
    polarity, valence = percept.polarity, percept.valence
    if polarity is not None and polarity not in get_args(Polarity):
        raise UsageError(f"polarity={polarity!r}; {choices_hint(str(polarity), get_args(Polarity))}")
    if valence is not None and not (is_number(valence) and -1.0 <= valence <= 1.0):
        raise UsageError(f"valence={valence!r}; expected a number from -1 to 1, or None for no reading")
    if (polarity is None) != (valence is None) or (polarity is None) != bool(percept.reason):
        given = f"polarity={polarity!r}, valence={valence!r}, reason={percept.reason!r}"
        raise UsageError(f"{given}; expected a polarity and a valence, or a reason why there are none")
    for name in ("hedges", "words"):
        count = getattr(percept, name)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise UsageError(f"{name}={count!r}; expected a count")


def check_names(name: str, given: Mapping[str, object], known: Mapping[str, object] | tuple[str, ...]) -> None:
    """Raise unless all keys of `given` are `known`."""
    for word in given:
        if word not in known:
            raise UsageError(f"{name}[{word!r}]; {choices_hint(str(word), known)}")


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_tuple_of(values: object, kind: type) -> bool:
    """Tell whether a value is a tuple of one kind; True and False are no integers."""
    return isinstance(values, tuple) and all(isinstance(v, kind) and not isinstance(v, bool) for v in values)


def object_of(name: str, content: object, types: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Return parsed JSON as an object with exactly these fields of these types."""
    if not isinstance(content, dict) or set(content) != set(types):
        raise UsageError(f"{name} is {content!r:.80}; expected an object with the fields {', '.join(types)}")
    for key, kinds in types.items():
        if type(content[key]) not in kinds:
            raise UsageError(
                f"{name} has {key}={content[key]!r:.80}; expected {' or '.join(k.__name__ for k in kinds)}"
            )
    return content


def feature_of(region: str, content: object) -> Feature:
    """Read one feature back."""
    values = object_of(f"features[{region!r}]", content, {item.name: (list,) for item in fields(Feature)})
    return Feature(**{name: tuple(value) for name, value in values.items()})
