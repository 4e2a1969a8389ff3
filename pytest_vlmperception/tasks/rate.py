"""Category rating: how much of an attribute a picture has, on a scale with ends."""

from __future__ import annotations

from pytest_vlmperception.records import Draw, Prompt, Question, Reply, Stimulus
from pytest_vlmperception.tasks.scales import RatingScale
from pytest_vlmperception.tasks.trials import Trial, as_prompt, check_repeats, draw_of, hint_of

__all__ = ["rate_trials", "read_rating"]


def rate_trials(stimulus: Stimulus, prompt: Prompt | str, scale: RatingScale, repeats: int) -> tuple[Trial, ...]:
    """Return the trials of one stimulus."""
    asked = as_prompt(prompt, scale.instruction)
    hint = hint_of("rate", asked, scale.points)
    return tuple(
        Trial(Question(asked.text, stimulus.shown, scale.points, repeat, hint))
        for repeat in range(check_repeats(repeats))
    )


def read_rating(trial: Trial, reply: Reply, scale: RatingScale) -> Draw:
    """Read a reply as one rating of the scale."""
    return draw_of(trial, reply, scale.read, scale.expected)
