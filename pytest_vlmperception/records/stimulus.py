"""What is shown and what is asked: pictures, stimuli and prompts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from pytest_vlmperception.errors import PictureError, PromptError

__all__ = ["PLACEHOLDER", "NoPicture", "Picture", "Prompt", "Stimulus"]


class Picture:
    """Encoded picture bytes, read or made when they are first needed, once.

    Parameters
    ----------
    name : str
        What error messages call the picture: a path or a recipe. Never sent to a model.
    read : callable
        Returns the media type and the encoded bytes exactly as they are sent.
    check : callable, optional
        Decodes the bytes to their end; raises `PictureError` if they are damaged.
    of : Picture, optional
        The picture that `read` makes it from.

    Raises
    ------
    PictureError
        On reading, where `read` does.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], tuple[str, bytes]],
        check: Callable[[bytes], None] | None = None,
        of: Picture | None = None,
    ) -> None:
        self.name = name
        self._read = read
        self._check = check
        self._of = of
        self._lock = Lock()
        self._content: tuple[str, bytes, str] | None = None

    def __repr__(self) -> str:
        return f"Picture({self.name!r})"

    def _loaded(self) -> tuple[str, bytes, str]:
        with self._lock:
            if self._content is None:
                media_type, data = self._read()
                self._content = media_type, data, hashlib.sha256(data).hexdigest()
            return self._content

    def check(self) -> None:
        """Raise `PictureError` if the picture is damaged. It takes a millisecond, so it is done before sending only."""
        if self._check is not None:
            self._check(self.bytes)
            self._check = None

    @property
    def is_there(self) -> bool:
        """Whether nobody has to make it first, or it was made, or it is known that it will not be."""
        return self._of is None or self._of.is_there

    @property
    def lost(self) -> BaseException | None:
        """Why a picture that somebody should have made was not; None for any other."""
        return None if self._of is None else self._of.lost

    def when_there(self, call: Callable[[], None]) -> None:
        """Have it made unless that has begun, and call once `is_there`: now, or from the thread that made it."""
        call() if self._of is None else self._of.when_there(call)

    @property
    def bytes(self) -> bytes:
        """The encoded bytes: what is hashed is what is sent."""
        return self._loaded()[1]

    @property
    def media_type(self) -> str:
        """The media type of `bytes`, e.g. ``image/png``."""
        return self._loaded()[0]

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of `bytes`."""
        return self._loaded()[2]


class NoPicture(Picture):
    """Stands in a stimulus for which the prompt is asked alone: the text-only control."""

    def __init__(self) -> None:
        super().__init__("no picture", refuse)


def refuse() -> tuple[str, bytes]:
    """Say that there are no bytes to read."""
    raise PictureError("the text-only control has no picture; ask for it with describe, classify or rate")


@dataclass(frozen=True, eq=False)
class Stimulus:
    """One picture with what is known about it.

    Attributes
    ----------
    id : str
        Unique in its set; also the test id.
    picture : Picture
        The encoded picture, read when needed.
    groups : mapping of str to str
        What it belongs to, e.g. ``{"scene": "coffee"}``.
    reference : mapping of str to float or str
        Reference values by attribute, e.g. ``{"contrast": 0.7}``.
    source, licence : str
        Where it comes from, and on which terms.
    """

    id: str
    picture: Picture
    groups: Mapping[str, str] = field(default_factory=dict)
    reference: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    licence: str = ""

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"Stimulus({self.id!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stimulus):
            return NotImplemented
        return (self.id, self.picture.name) == (other.id, other.picture.name)

    def __hash__(self) -> int:
        return hash((self.id, self.picture.name))

    @property
    def shown(self) -> tuple[Picture, ...]:
        """What is shown along with a prompt: the picture, or nothing in the text-only control."""
        return () if isinstance(self.picture, NoPicture) else (self.picture,)

    @property
    def bytes(self) -> bytes:
        """The encoded bytes of the picture, as they are sent."""
        return self.picture.bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of `bytes`."""
        return self.picture.sha256

    @property
    def media_type(self) -> str:
        """The media type of `bytes`."""
        return self.picture.media_type


# Only a lower-case name in single braces is a placeholder: JSON examples in a prompt keep their braces.
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Prompt:
    """An instruction to the observer, with what it asks for.

    Attributes
    ----------
    name : str
        The name in the suite; the file's stem.
    text : str
        What is sent, with ``{placeholders}``.
    attribute : str
        The perceptual attribute asked for, e.g. ``contrast``.
    direction : str
        ``more`` or ``less`` of the attribute wins.
    labels : tuple of str
        The answers allowed, where the verb takes labels.
    groups : mapping of str to str
        What the prompt belongs to, e.g. ``{"task": "counting"}``; a picture made from it belongs to it, too.
    reference : mapping of str to object
        What is known of a picture made from it, e.g. the objects that it has to show.
    replaces : Prompt or None
        The suite's own prompt, where the user gave this one for it.
    """

    name: str
    text: str
    attribute: str = ""
    direction: str = ""
    labels: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict, compare=False)
    reference: Mapping[str, Any] = field(default_factory=dict, compare=False)
    replaces: Prompt | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name or self.text

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names of the placeholders in text and attribute that still have no value, in order."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(self.text + self.attribute)))

    def format(self, **values: object) -> Prompt:
        """Return the prompt with its placeholders filled.

        Raises
        ------
        PromptError
            If a placeholder has no value, or a value has no placeholder.
        """
        unknown = sorted(set(values) - set(self.placeholders))
        if unknown:
            have = ", ".join(self.placeholders) or "none"
            raise PromptError(f"prompt {self.name!r} has no placeholder {unknown[0]!r}; it has: {have}")
        missing = [name for name in self.placeholders if name not in values]
        if missing:
            raise missing_value(self.name, missing[0])

        def filled(text: str) -> str:
            return PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)

        replaced = self.replaces and self.replaces.format(**values)
        return replace(self, text=filled(self.text), attribute=filled(self.attribute), replaces=replaced)

    def filled(self) -> Prompt:
        """Return the prompt itself; raise `PromptError` while a placeholder has no value."""
        if self.placeholders:
            raise missing_value(self.name, self.placeholders[0])
        return self


def missing_value(prompt: str, placeholder: str) -> PromptError:
    """Say which placeholder has no value, and how to give one."""
    call = f"prompts[{prompt!r}].format({placeholder}=...)"
    return PromptError(f"prompt {prompt!r} has no value for its placeholder {{{placeholder}}}; give one: {call}")
