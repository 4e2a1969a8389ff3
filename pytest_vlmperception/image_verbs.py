"""The object behind the fixture of image generators: a model with its verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_vlmperception import results, tasks
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.records import Picture, Prompt, Stimulus
from pytest_vlmperception.results import MIN_VALID, LookAhead

__all__ = ["ImageModel"]


class ImageModel:
    """An image generator under test. Every verb returns at once; pictures are awaited when read.

    Parameters
    ----------
    caller : Caller or Planner
        Asks the model.
    look_ahead : LookAhead
        Decides what is asked before it is read.
    min_valid : float
        The run's share of valid trials.
    """

    def __init__(self, caller: Caller | Planner, look_ahead: LookAhead, min_valid: float = MIN_VALID) -> None:
        self._caller = caller
        self._look_ahead = look_ahead
        self._min_valid = min_valid

    @property
    def name(self) -> str:
        """The model's name as the user gave it."""
        return self._caller.name

    def __repr__(self) -> str:
        return f"ImageModel({self.name!r})"

    def generate(
        self, prompts: Prompt | str | Iterable[Prompt | str], *, repeats: int = 1, min_valid: float | None = None
    ) -> results.Generations[Prompt]:
        """Ask for a picture of each prompt.

        Parameters
        ----------
        prompts : Prompt, str or iterable of them
            Each is sent word by word. Their names, or texts where they have none, must differ.
        repeats : int
            How many pictures are asked for by each prompt; each is a draw of its own.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive; by default that of the run.

        Returns
        -------
        Generations
            Answers by prompt; its ``.stimuli`` are the pictures.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        valid, asked = results.as_min_valid(min_valid, self._min_valid), tasks.as_prompts(prompts)
        return results.Generations(
            tasks.generate_trials(asked, repeats),
            self._caller,
            self._look_ahead,
            results.origins_of_prompts(asked),
            valid,
        )

    def edit(
        self,
        pictures: Stimulus | Iterable[Stimulus],
        instructions: Prompt | str | Mapping[Stimulus | str, Prompt | str],
        *,
        masks: Mapping[Stimulus | str, Stimulus | Picture] | None = None,
        repeats: int = 1,
        min_valid: float | None = None,
    ) -> results.Generations[Stimulus]:
        """Ask for a changed version of each picture.

        Parameters
        ----------
        pictures : Stimulus or iterable of Stimulus
            What to edit: a `StimulusSet`, or the ``.stimuli`` of pictures that may still be in the making.
        instructions : Prompt, str, or mapping from Stimulus or id to one
            What to change, sent word by word: one instruction for all pictures, or one for each.
        masks : mapping from Stimulus or id to Stimulus or Picture, optional
            Where to change it: white and opaque there, black or transparent elsewhere, of the picture's proportions.
            A picture may have none. How a model is told depends on its provider.
        repeats : int
            How many versions are asked for; each is a draw of its own.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive; by default that of the run.

        Returns
        -------
        Generations
            Answers by the stimulus that was edited; its ``.stimuli`` are the new pictures.

        Raises
        ------
        UsageError
            If there is nothing to edit, or an argument cannot be used.
        """
        valid, sources = results.as_min_valid(min_valid, self._min_valid), tasks.as_sources(tasks.as_stimuli(pictures))
        prompts, marked = tasks.as_instructions(instructions, sources), tasks.as_masks(masks, sources)
        trials = {each: tasks.edit_trials(each, prompts[each], marked.get(each), repeats) for each in sources}
        return results.Generations(trials, self._caller, self._look_ahead, results.origins_of_edits(prompts), valid)
