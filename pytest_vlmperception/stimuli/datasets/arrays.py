"""Single values in NumPy files."""

from __future__ import annotations

import io
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.paths import check_readable, reason_of

__all__ = ["text_in"]

MAX_BYTES = 4096
"""Largest file that is read: a header and one number or short text."""


def text_in(path: Path) -> str:
    """Return the one value of a .npy file as text.

    Raises
    ------
    StimulusError
        If it is no such file, or holds anything but one number or text; objects are never unpickled.
    """
    # Only one layout of one data set needs it.
    import numpy as np

    try:
        check_readable(path, "array", MAX_BYTES)
        array = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        return str(array.item())
    except StimulusError:
        raise
    # Hostile bytes make NumPy raise nearly anything.
    except Exception as error:
        reason = reason_of(error) or type(error).__name__
        raise StimulusError(f"array {str(path)!r} cannot be read ({reason}); expected one value as .npy") from None
