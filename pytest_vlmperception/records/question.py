"""What goes to a model and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_vlmperception.records.made import Made
from pytest_vlmperception.records.stimulus import Picture

__all__ = ["Hint", "Question", "Reply", "ReplyKind", "Usage"]

ReplyKind = Literal["answered", "refused", "filtered", "truncated"]


@dataclass(frozen=True, slots=True)
class Hint:
    """What a question is about, for the built-in observer and painter only: never sent to a provider.

    Attributes
    ----------
    verb : str
        ``compare``, ``describe``, ``generate``, ``edit`` ...
    attribute, direction : str
        From the prompt's front matter; empty where the prompt does not say.
    labels : tuple of str
        Answers allowed.
    prompt : str
        Name of the prompt, by which two models' answers are told to be answers to the same.
    """

    verb: str
    attribute: str = ""
    direction: str = ""
    labels: tuple[str, ...] = ()
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a model: the prompt, then the pictures, in this order.

    Attributes
    ----------
    prompt : str
        The text exactly as sent.
    pictures : tuple of Picture
        Shown after the text, in order; where a picture is made, what it is made from.
    choices : tuple of str
        The answers allowed; empty for free text. No provider is told: the prompt says how to answer, and whether
        a model keeps to that is part of what is measured.
    repeat : int
        Index of the repeat: repeats are separate draws, stored apart.
    task : Hint or None
        For the built-in observer and painter.
    makes : {"", "picture"}
        What the answer is, where it is no text.
    mask : Picture or None
        Where the picture is to be edited: white and opaque there, anything darker or transparent elsewhere.
    """

    prompt: str
    pictures: tuple[Picture, ...]
    choices: tuple[str, ...] = ()
    repeat: int = 0
    task: Hint | None = None
    makes: Literal["", "picture"] = ""
    mask: Picture | None = None

    @property
    def shown(self) -> tuple[Picture, ...]:
        """All pictures that it takes to ask, the mask included."""
        return self.pictures if self.mask is None else (*self.pictures, self.mask)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where it did not say.

    Of the input tokens, `cached_tokens` were read from the provider's cache and `image_tokens` are of pictures; of
    the output tokens, `reasoning_tokens` are of no answer and `output_image_tokens` of pictures.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    image_tokens: int | None = None
    reasoning_tokens: int | None = None
    output_image_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One completed reply, before anything is read out of it.

    Attributes
    ----------
    kind : {"answered", "refused", "filtered", "truncated"}
        ``refused`` by the model itself, ``filtered`` by a safety block before or after it.
    text : str
        The reply's text, the refusal's words, or the reason of the block.
    model : str
        The model id that the provider returned.
    finish_reason : str
        The provider's own word.
    usage : Usage
        Tokens of the call.
    latency_s : float
        Seconds from sending the request to the whole reply, retries not counted.
    request_id : str
        The provider's id of the request.
    probabilities : mapping of str to float or None
        Probability of each option, where a provider returns them.
    pictures : tuple of Made
        What was made, where that was asked for.
    """

    kind: ReplyKind
    text: str
    model: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    latency_s: float = 0.0
    request_id: str = ""
    probabilities: Mapping[str, float] | None = None
    pictures: tuple[Made, ...] = ()
