"""Which stimulus of a pair was chosen, and how often each was chosen over each other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Answer, Stimulus
from pytest_vlmperception.results.groups import Group
from pytest_vlmperception.tasks import Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Choice", "Wins"]


@dataclass(frozen=True, repr=False, slots=True)
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
