"""Free text: what is seen in a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Draw, Hint, Prompt, Question, Reply, Stimulus
from pytest_vlmperception.tasks.trials import Trial, as_prompt, check_repeats, draw_of

__all__ = ["as_stimuli", "describe_trials", "read_text"]


def as_stimuli(stimuli: Stimulus | Iterable[Stimulus]) -> tuple[Stimulus, ...]:
    """Return stimuli, each once.

    Raises
    ------
    UsageError
        If there are none, one is no stimulus, or one is given twice.
    """
    if isinstance(stimuli, Mapping) and hasattr(stimuli, "stimuli"):
        raise UsageError(f"got {stimuli!r}, which are answers; give its .stimuli, which are the pictures")
    if not isinstance(stimuli, Iterable):
        stimuli = (stimuli,)
    checked = tuple(stimuli)
    if not checked:
        raise UsageError("got no stimuli; give a StimulusSet or a list of stimuli")
    seen: set[str] = set()
    for stimulus in checked:
        if not isinstance(stimulus, Stimulus):
            raise UsageError(f"got {stimulus!r} as a stimulus; expected a Stimulus of a StimulusSet")
        if stimulus.id in seen:
            raise UsageError(f"got the stimulus {stimulus} twice; use repeats= to ask again, and ids that differ")
        seen.add(stimulus.id)
    return checked


def describe_trials(stimulus: Stimulus, prompt: Prompt | str, repeats: int) -> tuple[Trial, ...]:
    """Return the trials of one stimulus."""
    asked = as_prompt(prompt)
    hint = Hint("describe", asked.attribute, asked.direction, asked.labels)
    return tuple(
        Trial(Question(asked.text, stimulus.shown, (), repeat, hint)) for repeat in range(check_repeats(repeats))
    )


def read_text(trial: Trial, reply: Reply) -> Draw:
    """Read a reply as a text; a blank one is unparsed."""
    return draw_of(trial, reply, lambda text: text.strip() or None)
