"""Rating scales: a bounded row of numbers, or categories in order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Prompt
from pytest_vlmperception.tasks.classify import as_labels, find_label, labelled
from pytest_vlmperception.tasks.wording import bare, one_of

__all__ = ["RatingScale", "as_scale"]

# More steps than anybody tells apart, and each question carries them all.
MAX_POINTS = 1001

# Bounds beyond this are no scale, and would be written in exponents.
MAX_BOUND = 1_000_000

# Decimals of an end or a step; what a sum of floats has beyond them is rounding.
DECIMALS = 9

# A number, alone or over the scale's upper end; U+2212 is the typographic minus.
NUMBER = re.compile(r"([+\u2212-]?(?:[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}))(?: ?/ ?([0-9]{1,9}(?:\.[0-9]{1,9})?))?")


@dataclass(frozen=True)
class RatingScale:
    """The ratings that can be given, lowest first.

    Attributes
    ----------
    points : tuple of str
        How each is written.
    values : tuple of int, float or str
        What each is read as: a number, or the category.
    step : str
        The distance of neighbours on a numeric scale, as it is written; empty for categories.
    """

    points: tuple[str, ...]
    values: tuple[int | float | str, ...]
    step: str = ""

    @property
    def numeric(self) -> bool:
        """Whether ratings are numbers, not categories."""
        return bool(self.step)

    @property
    def instruction(self) -> str:
        """How to answer, for a plain string."""
        if self.numeric:
            return f"Answer with {self.expected}, and nothing else."
        return labelled("Answer with one of these categories only, in ascending order:", self.points)

    @property
    def expected(self) -> str:
        """What an answer is, for an instruction or a message."""
        if not self.numeric:
            return one_of(self.points)
        between = f"from {self.points[0]} to {self.points[-1]}"
        if all(isinstance(value, int) for value in self.values) and self.step == "1":
            return f"one whole number {between}"
        return f"one number {between} in steps of {self.step}"

    def number(self, value: Any) -> float:
        """Return what a rating counts in means: itself, or 1 to k for k categories, as in a mean opinion score."""
        return float(value) if self.numeric else float(self.values.index(value) + 1)

    def read(self, text: str) -> int | float | str | None:
        """Return the rating that the text is and nothing else; None where it is none, or more than one."""
        point = self._number_in(text) if self.numeric else find_label(text, self.points)
        return self.values[self.points.index(point)] if point in self.points else None

    def _number_in(self, text: str) -> str | None:
        """Return the number that the text is, written as points are."""
        # NFKC would make 42 of four squared.
        if any(unicodedata.decomposition(character).startswith(("<super>", "<sub>")) for character in text):
            return None
        found = NUMBER.fullmatch(bare(text))
        if found is None or (found[2] and written(Decimal(found[2])) != self.points[-1]):
            return None
        return written(Decimal(found[1].replace("\u2212", "-")))


def as_scale(scale: Any, step: Any, categories: Any, prompt: Prompt | str) -> RatingScale:
    """Return the scale given by bounds or by categories, else by the labels of the prompt's front matter.

    Raises
    ------
    UsageError
        If both are given, or neither, or what is given makes no scale.
    """
    if scale is not None and categories is not None:
        raise UsageError("rate() got scale= and categories=; give one of them")
    if scale is not None:
        return numeric_scale(scale, step)
    if categories is None and not (isinstance(prompt, Prompt) and prompt.labels):
        raise UsageError(
            "rate() got no scale; give scale=(1, 5), categories=[...], or labels: [...] in the prompt's front matter"
        )
    points = as_labels(categories, prompt, name="categories")
    return RatingScale(points, points)


def numeric_scale(scale: Any, step: Any) -> RatingScale:
    """Return the numbers from the lower to the upper bound, ends included."""
    match scale:
        case (low, high) if is_bound(low) and is_bound(high) and low < high:
            first, last = exact(low), exact(high)
        case _:
            raise UsageError(f"scale={scale!r}; expected two numbers (low, high), low < high, such as (1, 5)")
    if not is_bound(step) or exact(step) <= 0:
        raise UsageError(f"step={step!r}; expected a positive number such as 1 or 0.5")
    steps = (last - first) / exact(step)
    if steps != int(steps) or steps >= MAX_POINTS:
        raise UsageError(f"step={step!r} over scale={scale!r}; expected 1 to {MAX_POINTS - 1} equal steps")
    numbers = [first + exact(step) * index for index in range(int(steps) + 1)]
    whole = all(number == int(number) for number in numbers)
    values = tuple(int(number) if whole else float(number) for number in numbers)
    return RatingScale(tuple(map(written, numbers)), values, written(exact(step)))


def is_bound(value: Any) -> bool:
    """Tell whether a value is a number that a scale can end at."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and bool(-MAX_BOUND <= value <= MAX_BOUND)


def exact(value: Any) -> Decimal:
    """Return a number as it is meant: 0.1 is a tenth, and 0.1 + 0.2 three of them."""
    return Decimal(repr(round(float(value), DECIMALS)))


def written(number: Decimal) -> str:
    """Return a number without exponent, sign of zero or trailing zeros."""
    return format(number.normalize() + 0, "f")
