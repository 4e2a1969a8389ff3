"""Pictures: made from a prompt, or by editing another picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Draw, Hint, Picture, Prompt, Question, Reply, Stimulus
from pytest_vlmperception.tasks.extent import Extent
from pytest_vlmperception.tasks.trials import Trial, as_prompt, check_repeats, draw_of

__all__ = ["as_instructions", "as_masks", "as_prompts", "as_sources", "edit_trials", "generate_trials", "read_picture"]

T = TypeVar("T")

Prompts = Prompt | str | Iterable[Prompt | str]


def as_prompts(prompts: Prompts) -> tuple[Prompt, ...]:
    """Return prompts with all placeholders filled, each once.

    Raises
    ------
    UsageError
        If there are none, one is none, or two have one name.
    """
    given = prompts.values() if isinstance(prompts, Mapping) else prompts
    listed = [given] if isinstance(given, Prompt | str) or not isinstance(given, Iterable) else given
    checked = tuple(map(as_prompt, listed))
    if not checked:
        raise UsageError("got no prompts; give a Prompt, a text, or a list of them")
    seen: set[str] = set()
    for prompt in checked:
        if str(prompt) in seen:
            raise UsageError(f"got the prompt {str(prompt)!r} twice; use repeats= to ask again, and names that differ")
        seen.add(str(prompt))
    return checked


def as_sources(stimuli: Sequence[Stimulus]) -> Sequence[Stimulus]:
    """Return stimuli to edit; raise `UsageError` for the text-only control, which has no picture."""
    for stimulus in stimuli:
        if not stimulus.shown:
            raise UsageError(f"got {stimulus} to edit, which has no picture; leave it out")
    return stimuli


def as_instructions(
    instructions: Prompt | str | Mapping[Any, Prompt | str], stimuli: Sequence[Stimulus]
) -> Mapping[Stimulus, Prompt]:
    """Return the instruction of each stimulus: one for all, or those of a mapping from stimulus or id.

    Raises
    ------
    UsageError
        If a stimulus has none, or a key is no stimulus.
    """
    if not isinstance(instructions, Mapping):
        prompt = as_prompt(instructions)
        return dict.fromkeys(stimuli, prompt)
    found = {stimulus: as_prompt(text) for stimulus, text in matched("instructions", instructions, stimuli).items()}
    lacking = [stimulus.id for stimulus in stimuli if stimulus not in found]
    if lacking:
        raise UsageError(f"instructions has none for {lacking[0]!r} ({len(lacking)} of {len(stimuli)}); add it")
    return found


def as_masks(masks: Mapping[Any, Stimulus | Picture] | None, stimuli: Sequence[Stimulus]) -> Mapping[Stimulus, Picture]:
    """Return the masks of a mapping from stimulus or id; a stimulus may have none.

    Raises
    ------
    UsageError
        If it is no mapping, a key is no stimulus, or a value no picture.
    """
    if masks is None:
        return {}
    if not isinstance(masks, Mapping):
        raise UsageError(f"masks={masks!r}; expected a mapping from stimulus or id to the picture of a mask")
    return {stimulus: as_mask(stimulus, mask) for stimulus, mask in matched("masks", masks, stimuli).items()}


def as_mask(stimulus: Stimulus, mask: object) -> Picture:
    """Return one mask."""
    if isinstance(mask, Stimulus) and mask.shown:
        return mask.picture
    if isinstance(mask, Picture):
        return mask
    raise UsageError(f"masks[{stimulus.id!r}] is {mask!r}; expected a Picture, or a Stimulus with one")


def matched(name: str, given: Mapping[Any, T], stimuli: Sequence[Stimulus]) -> Mapping[Stimulus, T]:
    """Return the values of a mapping by stimulus."""
    by_id = {stimulus.id: stimulus for stimulus in stimuli}
    unknown = [str(key) for key in given if str(key) not in by_id]
    if unknown:
        raise UsageError(f"{name} has {unknown[0]!r}, which is none of the pictures; {choices_hint(unknown[0], by_id)}")
    return {by_id[str(key)]: value for key, value in given.items()}


def generate_trials(prompts: Iterable[Prompt], repeats: int) -> dict[Prompt, tuple[Trial, ...]]:
    """Return the trials of each prompt.

    Prompts that say the same are asked with repeats of their own: else they would have the same pictures, and count as
    so many independent ones.
    """
    asked: Counter[str] = Counter()
    trials: dict[Prompt, tuple[Trial, ...]] = {}
    for prompt in prompts:
        hint = Hint("generate", prompt.attribute, prompt.direction, prompt.labels, prompt.name)
        first = asked[prompt.text]
        asked[prompt.text] += check_repeats(repeats)
        numbers = range(first, asked[prompt.text])
        trials[prompt] = tuple(Trial(Question(prompt.text, (), (), repeat, hint, "picture")) for repeat in numbers)
    return trials


def edit_trials(stimulus: Stimulus, instruction: Prompt, mask: Picture | None, repeats: int) -> tuple[Trial, ...]:
    """Return the trials of one stimulus."""
    hint = Hint("edit", instruction.attribute, instruction.direction, instruction.labels, instruction.name)
    return tuple(
        Trial(Question(instruction.text, stimulus.shown, (), repeat, hint, "picture", mask))
        for repeat in range(check_repeats(repeats))
    )


def read_picture(trial: Trial, reply: Reply, extent: Extent) -> Draw:
    """Read a reply as a picture; one of another size than the model was asked for is unparsed."""
    if reply.kind != "answered" or not reply.pictures:
        return draw_of(trial, reply, lambda text: None, "a picture")
    made, repeat = reply.pictures[0], trial.question.repeat
    problem = extent.problem(made)
    if problem:
        return Draw("unparsed", None, "wrong size", f"wrong size: {problem}", repeat, trial.order, reply)
    return Draw("answered", made, "answered", "", repeat, trial.order, reply)
