"""A picture that is being made: a stimulus has it before it is there."""

from __future__ import annotations

from collections.abc import Callable

from pytest_vlmperception.calling import Promise
from pytest_vlmperception.errors import NotMadeError
from pytest_vlmperception.records import Draw, Made, Picture

__all__ = ["GeneratedPicture"]


class GeneratedPicture(Picture):
    """The picture of one draw. Reading it waits for it; nothing of it is kept here.

    Parameters
    ----------
    id_ : str
        Of its stimulus; what messages call it.
    name : str
        What tells it from others.
    begin : callable
        Asks for it, which gives `follow` the promise of the reply.
    read : callable
        Reads the reply of a promise that is settled, or settled soon, as a draw.
    """

    def __init__(self, id_: str, name: str, begin: Callable[[], None], read: Callable[[Promise], Draw]) -> None:
        super().__init__(name, lambda: (self.media_type, self.bytes))
        self._id = id_
        self._begin = begin
        self._draw_of = read
        self._promise: Promise | None = None
        self._draw: Draw | None = None

    def follow(self, promise: Promise) -> None:
        """Take the promise of the reply."""
        self._promise = promise

    def draw(self) -> Draw:
        """Wait for the reply, and return it as it was read."""
        if self._draw is None:
            self._draw = self._draw_of(self._begun())
        return self._draw

    def _begun(self) -> Promise:
        if self._promise is None:
            self._begin()
        assert self._promise is not None  # noqa: S101 - for the type checker
        return self._promise

    @property
    def is_there(self) -> bool:
        """Whether it was made, or it is known that it will not be."""
        return self._promise is not None and self._promise.done()

    @property
    def lost(self) -> BaseException | None:
        """Why it was not made; None if it was, or may yet be."""
        if not self.is_there:
            return None
        try:
            draw = self.draw()
        except BaseException as error:
            # Of any kind, as a plan's is: it was settled before, and is raised where the answer is read.
            return error
        if draw.status == "answered":
            return None
        return NotMadeError(f"picture {self._id} was not made: {draw.reason}", draw.kind, draw.status)

    def when_there(self, call: Callable[[], None]) -> None:
        """Have it made unless that has begun, and call once `is_there`."""
        self._begun().when_done(call)

    def check(self) -> None:
        """Do nothing: it was decoded to its end when it was made, and who keeps it checks its hash."""

    def _made(self) -> Made:
        draw = self.draw()
        if draw.status != "answered":
            draw.raise_outcome()
        made: Made = draw.value
        return made

    @property
    def bytes(self) -> bytes:
        """The encoded bytes, read where they are kept.

        Raises
        ------
        Outcome
            If it was not made.
        """
        return self._made().data

    @property
    def media_type(self) -> str:
        """The media type of `bytes`."""
        return self._made().media_type

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of `bytes`."""
        return self._made().sha256
