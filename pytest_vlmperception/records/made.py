"""A picture that a model has made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Made"]


@dataclass(frozen=True, init=False, repr=False)
class Made:
    """One picture of a reply: the encoded bytes exactly as the model gave them.

    Parameters
    ----------
    media_type : str
        E.g. ``image/png``.
    data : bytes
        The encoded bytes.

    Attributes
    ----------
    media_type : str
        As given.
    sha256 : str
        Hexadecimal SHA-256 of the bytes: the picture's name wherever it is kept.
    read : callable
        Returns the bytes.
    """

    media_type: str
    sha256: str
    read: Callable[[], bytes] = field(compare=False)

    def __init__(self, media_type: str, data: bytes) -> None:
        self._set(media_type, hashlib.sha256(data).hexdigest(), lambda: data)

    @classmethod
    def kept(cls, media_type: str, sha256: str, read: Callable[[], bytes]) -> Made:
        """Return a picture that is kept elsewhere and read when its bytes are needed.

        Parameters
        ----------
        media_type, sha256 : str
            Of the bytes.
        read : callable
            Returns the bytes, or raises `PerceptionError` where they are not what was kept.
        """
        made = object.__new__(cls)
        made._set(media_type, sha256, read)
        return made

    def _set(self, media_type: str, sha256: str, read: Callable[[], bytes]) -> None:
        object.__setattr__(self, "media_type", media_type)
        object.__setattr__(self, "sha256", sha256)
        object.__setattr__(self, "read", read)

    @property
    def data(self) -> bytes:
        """The encoded bytes; read anew each time where they are kept elsewhere."""
        return self.read()

    def __str__(self) -> str:
        return self.sha256

    def __repr__(self) -> str:
        return f"<Made {self.media_type} {self.sha256[:12]}>"
