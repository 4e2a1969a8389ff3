"""What a snapshot holds of a description, as readable JSON that is checked when it is read back."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate.percepts import Tolerance, differing_facts
from pytest_vlmperception.records import Percept
from pytest_vlmperception.records.percept import object_of
from pytest_vlmperception.records.strict_json import loads_strictly

__all__ = ["Held"]


@dataclass(frozen=True)
class Held:
    """One description as a snapshot holds it.

    Attributes
    ----------
    model, returned : str
        The model asked for, and the id that its provider returned.
    picture : str
        Hexadecimal SHA-256 of the picture's bytes.
    text : str
        What was said; of several draws the first.
    percept : Percept
        What is read from all draws together.
    tolerance : Tolerance
        What differs between the draws.
    """

    model: str
    returned: str
    picture: str
    text: str
    percept: Percept
    tolerance: Tolerance

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.picture):
            raise UsageError(f"picture={self.picture!r:.80}; expected a SHA-256 in hexadecimal")
        if self.percept.polarity is None:
            raise UsageError("percept has no polarity; expected one that states an emotion")

    def to_json(self) -> str:
        """Return indented JSON: a text has one line an item, and what no reader would see is escaped."""
        content = {
            "model": self.model,
            "returned": self.returned,
            "picture": self.picture,
            "text": self.text.split("\n"),
            "percept": self.percept.to_json(),
            "tolerance": self.tolerance.to_json(),
        }
        return "".join(map(spelt, json.dumps(content, ensure_ascii=False, indent=2)))

    @classmethod
    def from_json(cls, text: str) -> Held:
        """Read back what `to_json` gave.

        Raises
        ------
        UsageError
            If it is anything else.
        """
        try:
            content = object_of("it", loads_strictly(text), TYPES)
            lines = content["text"]
            if not lines or not all(type(line) is str for line in lines):
                raise UsageError(f"text is {lines!r:.80}; expected a list of lines")
            content["text"] = "\n".join(lines)
            content["percept"] = Percept.from_json(content["percept"])
            content["tolerance"] = Tolerance.from_json(content["tolerance"])
            return cls(**content)
        except (ValueError, TypeError, OverflowError) as error:
            raise UsageError(f"{' '.join(str(error).split()):.300}") from None

    def changes(self, new: Held) -> list[str]:
        """Return the facts that are another in a new description, one line each."""
        return differing_facts(self.percept, new.percept, self.tolerance)

    def circumstances(self, new: Held) -> list[str]:
        """Say what else is another: no difference in itself, but perhaps the reason of one."""
        if self.picture == new.picture:
            return []
        was, now = self.picture[:12], new.picture[:12]
        return [f"picture: other bytes than those described then (SHA-256 {was}... -> {now}...)"]

    @property
    def told_by(self) -> str:
        """The model, with the id that its provider returned where that says more."""
        return f"{self.model} ({self.returned})" if self.returned and self.returned not in self.model else self.model


TYPES: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "returned": (str,),
    "picture": (str,),
    "text": (list,),
    "percept": (dict,),
    "tolerance": (dict,),
}


def spelt(char: str) -> str:
    """Return a character of JSON, one that controls a terminal or that no reader would see as its escape."""
    category = unicodedata.category(char)
    if char == "\n" or not (category.startswith("C") or category in ("Zl", "Zp")):
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
