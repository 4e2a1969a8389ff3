"""Pictures made from prompts, or by editing other pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

from pytest_vlmperception import stimuli
from pytest_vlmperception.calling import Caller, Planner, fingerprint
from pytest_vlmperception.records import Answer, Draw, Made, Prompt, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.generated import GeneratedPicture
from pytest_vlmperception.results.origins import Origin
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.results.validity import MIN_VALID
from pytest_vlmperception.tasks import Extent, Trial, read_picture

__all__ = ["Generation", "Generations"]

K = TypeVar("K", bound=Prompt | Stimulus)


@dataclass(frozen=True, repr=False)
class Generation(Answer):
    """What a model made of one prompt, or of one picture and an instruction.

    Attributes
    ----------
    stimuli : tuple of Stimulus
        One a draw, in order. Reading the picture of a draw that is none raises why.
    """

    stimuli: tuple[Stimulus, ...] = ()

    @property
    def value(self) -> Made:
        """The first picture, where most draws are pictures.

        Two draws never agree to the pixel, so pictures have no majority; `draws` has all of them.

        Raises
        ------
        Outcome
            Where most draws are none.
        """
        self.check_answered()
        made: Made = next(draw.value for draw in self.draws if draw.status == "answered")
        return made


class Generations(Answers[K, Generation]):
    """Pictures by prompt, or by the stimulus that was edited.

    Parameters
    ----------
    trials, caller, look_ahead, min_valid
        As of `Answers`.
    origins : mapping
        What is known of the pictures of each item.
    """

    def __init__(
        self,
        trials: Mapping[K, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        origins: Mapping[K, Origin],
        min_valid: float = MIN_VALID,
    ) -> None:
        self._kind = "prompt" if all(isinstance(item, Prompt) for item in trials) else "stimulus"
        self._extent = Extent.of(caller.provider.identity.parameters)
        self._made = {
            item: tuple(self._stimulus(item, origins[item], trial, caller.name) for trial in of_item)
            for item, of_item in trials.items()
        }
        super().__init__(trials, caller, look_ahead, min_valid)

    def _stimulus(self, item: K, origin: Origin, trial: Trial, model: str) -> Stimulus:
        """Return the stimulus of one draw, whose picture nobody has asked for yet."""
        id_ = origin.stimulus_id(trial.question.repeat)
        name = f"{id_} by {model} ({fingerprint(model, trial.question)[:8]})"
        picture = GeneratedPicture(id_, name, lambda: self._submit((item,)), partial(self._draw, trial))
        return Stimulus(id_, picture, origin.groups, origin.reference, f"made by {model}")

    @cached_property
    def stimuli(self) -> stimuli.StimulusSet:
        """The pictures, one a draw, for any other verb; also while they are being made.

        Their ids are ``<prompt>-<repeat>``, or ``<stimulus>-<repeat>`` for those that were edited. They have the
        groups and reference values of what they were made from, and its name as group ``prompt``, or ``source``. What
        was sent is the reference value ``prompt``, unless the prompt has one of its own, or ``instruction``.
        What is asked of a picture waits for it; where it was not made, that answer is missing for the same reason.
        """
        shown = (stimulus for made in self._made.values() for stimulus in made)
        return stimuli.StimulusSet(shown, f"pictures by {self.model}")

    def _submit(self, items: Collection[K]) -> None:
        new = [item for item in items if item not in self._promises and item not in self._answers]
        super()._submit(new)
        for item in new:
            for stimulus, promise in zip(self._made[item], self._promises[item], strict=True):
                picture_of(stimulus).follow(promise)

    def _draws(self, item: K) -> Iterator[Draw]:
        return (picture_of(stimulus).draw() for stimulus in self._made[item])

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_picture(trial, reply, self._extent)

    def _answer(self, item: K, draws: tuple[Draw, ...]) -> Generation:
        return Generation(draws, self._made[item])

    def _independent(self) -> tuple[list[str], str]:
        sources = [item for item in self if isinstance(item, Stimulus)]
        return independent(sources) if sources else super()._independent()

    def _cells(self, item: K) -> dict[str, str]:
        return {self._kind: str(item)}


def picture_of(stimulus: Stimulus) -> GeneratedPicture:
    """Return the picture of a stimulus that a model makes."""
    assert isinstance(stimulus.picture, GeneratedPicture)  # noqa: S101 - for the type checker
    return stimulus.picture
