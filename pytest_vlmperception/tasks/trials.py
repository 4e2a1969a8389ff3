"""What every verb shares: the trials of an item, and reading a reply as a draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from pytest_vlmperception.errors import CallError, NotMadeError, UsageError
from pytest_vlmperception.records import Draw, Prompt, Question, Reply, Status
from pytest_vlmperception.tasks.wording import one_of

__all__ = ["Trial", "as_prompt", "check_repeats", "draw_of", "failed_draw"]

# More draws of one item tell nothing that these do not.
MAX_REPEATS = 10_000

STATUS: dict[str, Status] = {"refused": "refused", "filtered": "refused", "truncated": "truncated"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One question asked once, and how its pictures were ordered."""

    question: Question
    order: str = "given"


def check_repeats(repeats: object) -> int:
    """Return `repeats` as an integer from one to `MAX_REPEATS`."""
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 1:
        raise UsageError(f"repeats={repeats!r}; expected a whole number of at least 1")
    if repeats > MAX_REPEATS:
        raise UsageError(f"repeats={repeats}; expected at most {MAX_REPEATS}")
    return repeats


def as_prompt(prompt: object, instruction: str = "") -> Prompt:
    """Return a prompt with all placeholders filled; a plain string gets `instruction` added.

    A `Prompt` is sent word by word. A plain string is a convenience: it says what is asked, and the
    verb adds how to answer.
    """
    if isinstance(prompt, Prompt):
        return prompt.filled()
    if not isinstance(prompt, str) or not prompt.strip():
        raise UsageError(f"prompt={prompt!r}; expected a Prompt, such as prompts['name'], or a text")
    return Prompt(name="", text=f"{prompt.strip()}\n\n{instruction}".strip())


def draw_of(trial: Trial, reply: Reply, parse: Callable[[str], Any], expected: str = "") -> Draw:
    """Read one reply; `parse` returns None for what is none of the allowed answers.

    What is `expected` is named where the reply is none; by default the question's choices.
    """
    repeat, order = trial.question.repeat, trial.order
    if reply.kind != "answered":
        reason = f"{reply.kind}: {shown(reply.text) or reply.finish_reason or 'no reason given'}"
        return Draw(STATUS[reply.kind], None, reply.kind, reason, repeat, order, reply)
    value = parse(reply.text)
    if value is None:
        allowed = expected or one_of(trial.question.choices) or "text"
        reason = f"unparsed: {shown(reply.text)!r} is not {allowed}"
        return Draw("unparsed", None, "unparsed", reason, repeat, order, reply)
    return Draw("answered", value, "answered", "", repeat, order, reply)


def failed_draw(trial: Trial, error: CallError) -> Draw:
    """Return the draw of a question that got no reply; where that is for want of a picture, as the picture's draw."""
    if isinstance(error, NotMadeError):
        status = cast(Status, error.status)
        return Draw(status, None, error.kind, error.message, trial.question.repeat, trial.order)
    reason = f"{error.kind}: {error.message}"
    return Draw("unavailable", None, error.kind, reason, trial.question.repeat, trial.order)


def shown(text: str, limit: int = 120) -> str:
    """Return model text fit for one line of a terminal: no control characters, not too long."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
