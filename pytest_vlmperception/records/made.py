"""A picture that a model has made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

__all__ = ["Made"]


@dataclass(frozen=True, repr=False)
class Made:
    """One picture of a reply: the encoded bytes exactly as the model gave them.

    Attributes
    ----------
    media_type : str
        E.g. ``image/png``.
    data : bytes
        The encoded bytes.
    sha256 : str
        Hexadecimal SHA-256 of `data`: the picture's name wherever it is kept.
    """

    media_type: str
    data: bytes = field(compare=False)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.data).hexdigest())

    def __repr__(self) -> str:
        return f"<Made {self.media_type} {self.sha256[:12]}, {len(self.data)} bytes>"
