"""Paired comparisons: win counts, scale values, order bias."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Answer, Draw, Estimate, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.controls import Controls
from pytest_vlmperception.results.groups import Group, groups_of
from pytest_vlmperception.results.scales import Scale
from pytest_vlmperception.results.validity import MIN_VALID
from pytest_vlmperception.tasks import Pair, Trial, read_choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Choice", "Comparisons", "Wins"]


@dataclass(frozen=True, repr=False)
class Choice(Answer):
    """Which stimulus of a pair was chosen.

    Attributes
    ----------
    pair : tuple of Stimulus
        The pair as given; a value of A stands for its first stimulus.
    """

    pair: Pair

    @property
    def chosen(self) -> Stimulus:
        """The stimulus that a strict majority of draws chose; raises as `value` does."""
        return self.pair[0] if self.value == "A" else self.pair[1]

    def proportion(self, stimulus: Stimulus) -> float:
        """Share of the answered draws that chose `stimulus`; 0.5 where the draws are a tie.

        Raises
        ------
        Outcome
            Where most draws have no answer.
        UsageError
            If `stimulus` is not of the pair.
        """
        if stimulus not in self.pair:
            raise UsageError(f"{stimulus} is not of the pair {self.pair[0]} / {self.pair[1]}")
        self.check_answered()
        letter = "A" if stimulus == self.pair[0] else "B"
        answered = [draw.value for draw in self.draws if draw.status == "answered"]
        return answered.count(letter) / len(answered)


@dataclass(frozen=True)
class Wins:
    """Win counts of all stimuli.

    Attributes
    ----------
    stimuli : tuple of Stimulus
        Rows and columns.
    counts : ndarray, shape (n, n)
        ``counts[i, j]`` = trials in which i was chosen over j.
    """

    stimuli: tuple[Stimulus, ...]
    counts: NDArray[np.float64]

    def of(self, group: Group) -> NDArray[np.float64]:
        """Return the counts among the stimuli of one group, shape (m, m)."""
        import numpy as np

        rows = [self.stimuli.index(stimulus) for stimulus in group.stimuli]
        return self.counts[np.ix_(rows, rows)]


class Comparisons(Answers[Pair, Choice]):
    """Choices by pair.

    Attributes
    ----------
    controls : Controls or None
        Answers to identical pictures, where they were asked for. No analysis but `control_bias` counts them.
    """

    _kind = "pair"

    def __init__(
        self,
        trials: Mapping[Pair, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
        controls: Controls | None = None,
    ) -> None:
        super().__init__(trials, caller, look_ahead, min_valid)
        self.controls = controls

    @staticmethod
    def _name(item: Any) -> str:
        return item if isinstance(item, str) else " / ".join(map(str, item))

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_choice(trial, reply)

    def _answer(self, item: Pair, draws: tuple[Draw, ...]) -> Choice:
        return Choice(draws, item)

    def _cells(self, item: Pair) -> dict[str, str]:
        return {"first": item[0].id, "second": item[1].id}

    def rows(self) -> list[dict[str, Any]]:
        """Return the cells of `to_csv`, one mapping a trial; the controls come last."""
        return super().rows() + (self.controls.rows() if self.controls else [])

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Stimuli that are linked by pairs, e.g. the renderings of one scene."""
        return groups_of(self)

    def _independent(self) -> tuple[list[str], str]:
        """Pairs of one scene share its stimuli: the scenes are independent, or the pairs of a single one."""
        if len(self.groups) == 1:
            return list(self._names), self._kind
        return [self._group_of[first].name for first, _ in self], self.groups[0].unit

    @cached_property
    def _group_of(self) -> Mapping[Stimulus, Group]:
        return {stimulus: group for group in self.groups for stimulus in group.stimuli}

    def _choices(self) -> Iterator[tuple[Pair, Draw, float]]:
        """Yield each trial with 1 where the pair's first stimulus was chosen, 0 where the second, else NaN."""
        self.wait()
        for pair in self:
            for draw in self[pair].draws:
                yield pair, draw, {"A": 1.0, "B": 0.0}.get(draw.value, math.nan)

    def wins(self) -> Wins:
        """Count how often each stimulus was chosen over each other one, over orders and repeats."""
        # Loaded when every question was asked: a seventh of a second that costs no time then.
        import numpy as np

        stimuli = tuple(dict.fromkeys(stimulus for pair in self for stimulus in pair))
        index = {stimulus: number for number, stimulus in enumerate(stimuli)}
        trials = [(index[pair[0]], index[pair[1]], choice) for pair, _, choice in self._choices()]
        first, second, chosen = (np.array(column) for column in zip(*trials, strict=True))
        return Wins(stimuli, analysis.win_matrix(first, second, chosen, len(stimuli)))

    def scale(self, *, unanimous: Literal["logistic", "half", "clip"] = "logistic") -> Scale:
        """Scale values by Thurstone's Case V, each group of linked stimuli on its own scale.

        Parameters
        ----------
        unanimous : {"logistic", "half", "clip"}
            Rule for pairs in which one stimulus always won; see `analysis.scale_case_v`.

        Returns
        -------
        Scale
            Values in units in which P(i chosen over j) = Phi(s_i - s_j), centred in each group.
            A group that lost so many answers that it falls apart has NaN.
        """
        shortfall = self.shortfall()
        wins = self.wins()
        values: dict[Stimulus, float] = {}
        for group in self.groups:
            counts = wins.of(group)
            whole = len(analysis.compared_sets(counts)) == 1
            scaled = analysis.scale_case_v(counts, unanimous=unanimous) if whole else [math.nan] * len(counts)
            values.update(zip(group.stimuli, map(float, scaled), strict=True))
        return Scale(values, self.groups, shortfall)

    def order_bias(self) -> Estimate:
        """How much more often the first picture was chosen than the second, whatever it showed.

        Returns
        -------
        Estimate
            In [-1, 1]: 1 where always the first was chosen, -1 always the second, 0 no bias. Mean over
            groups, with a bootstrap interval over groups. ``abs(...)`` gives the magnitude.

        Raises
        ------
        UsageError
            If the pairs were asked in one order only: preference and position cannot be told apart then.
        """
        trials = list(self._choices())
        if not any(draw.order == "reversed" for _, draw, _ in trials):
            raise UsageError("order_bias() needs pairs that were shown in both orders; compare with orders='both'")
        shortfall = self.shortfall()
        labels, unit = self._independent()
        label = dict(zip(self, labels, strict=True))
        first = [choice if draw.order == "given" else 1.0 - choice for _, draw, choice in trials]
        groups = [label[pair] for pair, *_ in trials]
        return shortfall.mark(analysis.order_bias(first, groups=groups, unit=unit, min_valid=self.min_valid))

    def control_bias(self) -> Estimate:
        """How much more often A was chosen than B where both pictures are the same: bias of position and nothing else.

        Returns
        -------
        Estimate
            freq(A) - freq(B), in [-1, 1] as `order_bias`: the share of A is (1 + bias) / 2. Mean over scenes, clips
            or identities, else over identical pairs, with a bootstrap interval over them.

        Raises
        ------
        UsageError
            If no identical pictures were asked.
        """
        if self.controls is None:
            raise UsageError("control_bias() needs identical pictures; compare with controls='stimulus' or 'group'")
        return self.controls.bias()
