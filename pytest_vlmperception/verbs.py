"""The objects behind the fixtures: a model with its verbs."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.records import Prompt, Stimulus
from pytest_vlmperception.results import Comparisons, Descriptions, LookAhead
from pytest_vlmperception.tasks import Orders, Pair, as_pairs, as_stimuli, compare_trials, describe_trials

__all__ = ["VisionModel"]


class VisionModel:
    """A vision-language model under test. Every verb returns at once; answers are awaited when read.

    Parameters
    ----------
    caller : Caller or Planner
        Asks the model.
    look_ahead : LookAhead
        Decides what is asked before it is read.
    """

    def __init__(self, caller: Caller | Planner, look_ahead: LookAhead) -> None:
        self._caller = caller
        self._look_ahead = look_ahead

    @property
    def name(self) -> str:
        """The model's name as the user gave it."""
        return self._caller.name

    def __repr__(self) -> str:
        return f"VisionModel({self.name!r})"

    def describe(
        self, stimuli: Stimulus | Iterable[Stimulus], prompt: Prompt | str, *, repeats: int = 1
    ) -> Descriptions:
        """Ask for a free-text description of each stimulus.

        Parameters
        ----------
        stimuli : Stimulus or iterable of Stimulus
            What to describe, e.g. a `StimulusSet`.
        prompt : Prompt or str
            The instruction, sent word by word.
        repeats : int
            How often each stimulus is asked; every repeat is a draw of its own.

        Returns
        -------
        Descriptions
            Answers by stimulus.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        trials = {stimulus: describe_trials(stimulus, prompt, repeats) for stimulus in as_stimuli(stimuli)}
        return Descriptions(trials, self._caller, self._look_ahead)

    def compare(
        self, pairs: Iterable[Pair], prompt: Prompt | str, *, repeats: int = 1, orders: Orders = "both"
    ) -> Comparisons:
        """Ask which picture of each pair has more of an attribute: two-alternative forced choice.

        Parameters
        ----------
        pairs : iterable of (Stimulus, Stimulus)
            E.g. ``stimuli.pairs(within="scene")``.
        prompt : Prompt or str
            A `Prompt` is sent word by word and must ask for A (first picture) or B (second picture).
            To a plain string that instruction is added.
        repeats : int
            How often each pair is asked in each order.
        orders : {"both", "given"}
            Whether each repeat shows a pair in both presentation orders, so that a preference for a
            position cancels out, or as given only.

        Returns
        -------
        Comparisons
            Answers by pair.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        trials = {pair: compare_trials(pair, prompt, repeats, orders) for pair in as_pairs(pairs)}
        return Comparisons(trials, self._caller, self._look_ahead)
