"""The objects behind the fixtures: a model with its verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pytest_vlmperception import results, tasks
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Prompt, Stimulus
from pytest_vlmperception.results import MIN_VALID, LookAhead

__all__ = ["VisionModel"]


class VisionModel:
    """A vision-language model under test. Every verb returns at once; answers are awaited when read.

    Every verb takes `min_valid`, the share of valid trials below which its statistics are inconclusive; by default
    that of the run.

    Parameters
    ----------
    caller : Caller or Planner
        Asks the model.
    look_ahead : LookAhead
        Decides what is asked before it is read.
    min_valid : float
        The run's share of valid trials.
    judge : callable, optional
        Returns the run's judge.
    default_prompts : bool
        Whether it is asked by the suite's own prompts where the user gave others for them.
    """

    def __init__(
        self,
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
        judge: Callable[[], VisionModel] | None = None,
        *,
        default_prompts: bool = False,
    ) -> None:
        self._caller = caller
        self._judge = judge
        self._look_ahead = look_ahead
        self._min_valid = min_valid
        self._default_prompts = default_prompts

    @property
    def name(self) -> str:
        """The model's name as the user gave it."""
        return self._caller.name

    def __repr__(self) -> str:
        return f"VisionModel({self.name!r})"

    def describe(
        self,
        stimuli: Stimulus | Iterable[Stimulus],
        prompt: Prompt | str,
        *,
        repeats: int = 1,
        read_with: Literal["judge"] | VisionModel | None = None,
        min_valid: float | None = None,
    ) -> results.Descriptions:
        """Ask for a free-text description of each stimulus.

        Parameters
        ----------
        stimuli : Stimulus or iterable of Stimulus
            What to describe, e.g. a `StimulusSet`.
        prompt : Prompt or str
            The instruction, sent word by word.
        repeats : int
            How often each stimulus is asked; every repeat is a draw of its own.
        read_with : "judge" or VisionModel, optional
            The model that reads what the descriptions say of a face, given nothing but their texts: the one of
            ``--vlm-judge``, or another. By default word lists read them; see `analysis.read_description`.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive.

        Returns
        -------
        Descriptions
            Answers by stimulus.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        valid, prompt = results.as_min_valid(min_valid, self._min_valid), self._asked(prompt)
        trials = {stimulus: tasks.describe_trials(stimulus, prompt, repeats) for stimulus in tasks.as_stimuli(stimuli)}
        return results.Descriptions(trials, self._caller, self._look_ahead, valid, self._reader(read_with))

    def classify(
        self,
        stimuli: Stimulus | Iterable[Stimulus],
        prompt: Prompt | str,
        *,
        labels: Sequence[str] | None = None,
        repeats: int = 1,
        min_valid: float | None = None,
    ) -> results.Classifications:
        """Ask for one label of several for each stimulus.

        An answer is one of the labels and nothing else; case, markup and Unicode's compatible forms do not count.
        One that names two labels, or none, is unparsed.

        Parameters
        ----------
        stimuli : Stimulus or iterable of Stimulus
            What to classify.
        prompt : Prompt or str
            A `Prompt` is sent word by word and must name the labels. To a plain string they are added.
        labels : sequence of str, optional
            At least two; by default those of the prompt's front matter.
        repeats : int
            How often each stimulus is asked.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive.

        Returns
        -------
        Classifications
            Answers by stimulus.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        prompt = self._asked(prompt)
        valid, allowed = results.as_min_valid(min_valid, self._min_valid), tasks.as_labels(labels, prompt)
        trials = {
            stimulus: tasks.classify_trials(stimulus, prompt, allowed, repeats)
            for stimulus in tasks.as_stimuli(stimuli)
        }
        return results.Classifications(trials, self._caller, self._look_ahead, allowed, valid)

    def rate(
        self,
        stimuli: Stimulus | Iterable[Stimulus],
        prompt: Prompt | str,
        *,
        scale: tuple[float, float] | None = None,
        step: float = 1,
        categories: Sequence[str] | None = None,
        repeats: int = 1,
        min_valid: float | None = None,
    ) -> results.Ratings:
        """Ask for a rating of each stimulus, on a bounded scale of numbers or in ordered categories.

        A numeric answer is one number of the scale, alone (``4``, ``**4**``) or over its upper end (``4/5``); any
        other, such as ``4 or 5`` or one off the scale, is unparsed. A category is read as `classify` reads a label.

        Parameters
        ----------
        stimuli : Stimulus or iterable of Stimulus
            What to rate.
        prompt : Prompt or str
            A `Prompt` is sent word by word and must name the scale. To a plain string it is added.
        scale : tuple of (float, float), optional
            Lower and upper end, both of them ratings.
        step : float
            Distance of neighbouring ratings on the numeric scale.
        categories : sequence of str, optional
            Lowest first; instead of `scale`. Without either, the labels of the prompt's front matter.
        repeats : int
            How often each stimulus is asked.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive.

        Returns
        -------
        Ratings
            Answers by stimulus.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        prompt = self._asked(prompt)
        valid, used = results.as_min_valid(min_valid, self._min_valid), tasks.as_scale(scale, step, categories, prompt)
        trials = {
            stimulus: tasks.rate_trials(stimulus, prompt, used, repeats) for stimulus in tasks.as_stimuli(stimuli)
        }
        return results.Ratings(trials, self._caller, self._look_ahead, used, valid)

    def compare(
        self,
        pairs: Iterable[tasks.Pair],
        prompt: Prompt | str,
        *,
        repeats: int = 1,
        orders: tasks.Orders = "both",
        controls: results.ControlOf | None = None,
        min_valid: float | None = None,
    ) -> results.Comparisons:
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
        controls : {"stimulus", "group"}, optional
            Also ask identical pictures, for `Comparisons.control_bias`: each stimulus beside itself, or one of each
            group of linked stimuli. As both orders are one question, each repeat asks it once.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive.

        Returns
        -------
        Comparisons
            Answers by pair.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        """
        valid, checked, prompt = (
            results.as_min_valid(min_valid, self._min_valid),
            tasks.as_pairs(pairs),
            self._asked(prompt),
        )
        identical = results.control_pairs(checked, controls)
        trials = {pair: tasks.compare_trials(pair, prompt, repeats, orders) for pair in checked}
        asked = {pair: tasks.compare_trials(pair, prompt, repeats, "given") for pair in identical}
        beside = results.Controls(asked, self._caller, self._look_ahead, valid) if asked else None
        return results.Comparisons(trials, self._caller, self._look_ahead, valid, beside)

    def grade(
        self,
        pictures: tasks.Graded | Iterable[tasks.Graded],
        rubric: tasks.Rubric | Callable[[Stimulus], tasks.Rubric],
        *,
        repeats: int = 1,
        min_valid: float | None = None,
    ) -> results.Grades:
        """Ask for a grade of each picture by a rubric, all of whose questions are asked in one call.

        The answer is JSON of one form, to which providers that can hold a model to a schema do so. Any other is
        unparsed, and a grade that could not be had is missing, never zero.

        Parameters
        ----------
        pictures : Stimulus or iterable of Stimulus or of (Stimulus, Stimulus)
            What to grade, e.g. a `StimulusSet`; for a rubric of edits, pairs of the picture before and after.
        rubric : Rubric or callable
            Its placeholders are filled with the reference values of each picture. A function returns the rubric of
            one picture, e.g. `checklist`.
        repeats : int
            How often each picture is graded.
        min_valid : float, optional
            Share of valid trials below which statistics are inconclusive.

        Returns
        -------
        Grades
            Answers by picture; of pairs, by the picture after.

        Raises
        ------
        UsageError
            If there is nothing to ask, or an argument cannot be used.
        PromptError
            If a picture has no value for a placeholder.
        """
        valid, shown = results.as_min_valid(min_valid, self._min_valid), tasks.as_graded(pictures)
        trials = {
            graded: tasks.grade_trials(seen, tasks.rubric_of(rubric, seen), repeats) for graded, seen in shown.items()
        }
        return results.Grades(trials, self._caller, self._look_ahead, valid)

    def _asked(self, prompt: Prompt | str) -> Prompt | str:
        """Return the prompt that is sent: the user's, or the suite's own."""
        if self._default_prompts and isinstance(prompt, Prompt) and prompt.replaces is not None:
            return prompt.replaces
        return prompt

    def _reader(self, read_with: object) -> Caller | Planner | None:
        """Return what asks the model that reads descriptions; None where word lists do."""
        model = self._judge() if read_with == "judge" and self._judge is not None else read_with
        if model is None or isinstance(model, VisionModel):
            return None if model is None else model._caller
        raise UsageError(f"read_with={read_with!r}; expected 'judge', a model such as the fixture judge, or None")
