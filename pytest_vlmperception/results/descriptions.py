"""Free-text descriptions of stimuli."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.records import Answer, Draw, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.tasks import Trial, read_description

__all__ = ["Description", "Descriptions"]


@dataclass(frozen=True, repr=False, slots=True)
class Description(Answer):
    """What a model said of one stimulus."""

    @property
    def text(self) -> str:
        """The first text, where most draws are texts.

        Two draws never agree to the letter, so texts have no majority; `draws` has all of them.

        Raises
        ------
        Outcome
            Where most draws have no text.
        """
        self.check_answered()
        return next(str(draw.value) for draw in self.draws if draw.status == "answered")

    @property
    def value(self) -> str:
        """The same as `text`."""
        return self.text


class Descriptions(Answers[Stimulus, Description]):
    """Descriptions by stimulus."""

    _incomparable = "two free texts are never alike to the letter"

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_description(trial, reply)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Description:
        return Description(draws)
