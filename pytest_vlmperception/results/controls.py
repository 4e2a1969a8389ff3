"""Identical pictures compared with themselves: what is chosen there is chosen for its position."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Answer, Draw, Estimate, Reply
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.results.groups import groups_of
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.tasks import Pair, Trial, read_choice

__all__ = ["ControlOf", "Controls", "control_pairs"]

ControlOf = Literal["stimulus", "group"]


def control_pairs(pairs: Iterable[Pair], of: ControlOf | None) -> tuple[Pair, ...]:
    """Return each stimulus of the pairs beside itself, or the first of each group of linked ones.

    Raises
    ------
    UsageError
        If `of` is no known choice.
    """
    if of is None:
        return ()
    if of not in ("stimulus", "group"):
        raise UsageError(f"controls={of!r}; {choices_hint(str(of), ('stimulus', 'group'))}")
    groups = groups_of(pairs)
    shown = [stimulus for group in groups for stimulus in (group.stimuli if of == "stimulus" else group.stimuli[:1])]
    return tuple((stimulus, stimulus) for stimulus in shown)


class Controls(Answers[Pair, Answer]):
    """Answers to pairs of identical pictures, by pair: A where the first position was chosen.

    The presentation orders of such a pair are one question: each repeat asks it once.
    """

    _kind = "identical pair"

    @staticmethod
    def _name(item: Any) -> str:
        return item if isinstance(item, str) else " / ".join(map(str, item))

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_choice(trial, reply)

    def _answer(self, item: Pair, draws: tuple[Draw, ...]) -> Answer:
        return Answer(draws)

    def _cells(self, item: Pair) -> dict[str, str]:
        return {"first": item[0].id, "second": item[1].id}

    def _independent(self) -> tuple[list[str], str]:
        return independent((stimulus for stimulus, _ in self), self._kind)

    def bias(self) -> Estimate:
        """How much more often A was chosen than B; see `Comparisons.control_bias`."""
        shortfall = self.shortfall()
        labels, unit = self._independent()
        draws = [(label, draw) for label, pair in zip(labels, self, strict=True) for draw in self[pair].draws]
        estimate = analysis.order_bias(
            [{"A": 1.0, "B": 0.0}.get(draw.value, math.nan) for _, draw in draws],
            groups=[label for label, _ in draws],
            unit=unit,
            min_valid=self.min_valid,
        )
        return shortfall.mark(replace(estimate, name="control bias"))
