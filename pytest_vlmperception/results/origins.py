"""What is known of a generated picture from what it is made from: its id, groups and reference values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Prompt, Stimulus
from pytest_vlmperception.stimuli.ids import check_id

__all__ = ["Origin", "origins_of_edits", "origins_of_prompts"]

# Longest id made of a prompt's text.
LONGEST = 48

NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Origin:
    """What the pictures made from one item have in common.

    Attributes
    ----------
    id : str
        What their ids begin with.
    groups, reference : mapping
        As of the stimuli.
    """

    id: str
    groups: Mapping[str, str] = field(default_factory=dict)
    reference: Mapping[str, Any] = field(default_factory=dict)

    def stimulus_id(self, repeat: int) -> str:
        """Return the id of the picture of one draw."""
        return f"{self.id}-{repeat}"


def origins_of_prompts(prompts: Iterable[Prompt]) -> Mapping[Prompt, Origin]:
    """Return the origin of each prompt: its name, or what is left of its text in an id.

    What it says is the reference value ``prompt``, unless it has one of its own.
    """
    listed = tuple(prompts)
    short = {prompt: named(prompt) for prompt in listed}
    counts = Counter(short.values())
    names = {prompt: text if text and counts[text] == 1 else distinct(prompt, text) for prompt, text in short.items()}
    return {
        prompt: Origin(
            names[prompt], {**prompt.groups, "prompt": names[prompt]}, {"prompt": prompt.text, **prompt.reference}
        )
        for prompt in listed
    }


def origins_of_edits(instructions: Mapping[Stimulus, Prompt]) -> Mapping[Stimulus, Origin]:
    """Return the origin of what is made by editing each stimulus; what was sent is its ``instruction``.

    That of the stimulus is another's where this is a later round, so that it does not stay.
    """
    return {
        stimulus: Origin(
            stimulus.id,
            {**stimulus.groups, "source": stimulus.id},
            {**stimulus.reference, "instruction": prompt.text},
        )
        for stimulus, prompt in instructions.items()
    }


def named(prompt: Prompt) -> str:
    """Return the name of a prompt where it can be part of an id, else what is left of it, or of the text, in one."""
    try:
        return check_id(prompt.name, "a prompt")
    except StimulusError:
        return slug(str(prompt))


def slug(text: str) -> str:
    """Return a text as part of an id: at most 48 lower-case letters, digits and hyphens.

    >>> slug("A photo of two clocks!")
    'a-photo-of-two-clocks'
    """
    return NOT_IN_IDS.sub("-", text.lower())[:LONGEST].strip("-")


def distinct(prompt: Prompt, text: str) -> str:
    """Return an id that no other prompt's text has."""
    return f"{text or 'prompt'}-{sha256(str(prompt).encode('utf-8', 'replace')).hexdigest()[:6]}"
