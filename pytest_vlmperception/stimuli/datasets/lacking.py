"""What a data set lacks, and is used without."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from pytest_vlmperception.errors import StimulusWarning

__all__ = ["warn_of_lacking"]

# Names that a warning lists.
NAMED = 5


def warn_of_lacking(where: str, names: Sequence[str], why: str) -> None:
    """Warn that something was left out, if anything was."""
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        # The line to blame is in a manifest, which `where` names.
        warnings.warn(f"{where}: left out {', '.join(names[:NAMED])}{more}: {why}", StimulusWarning, stacklevel=2)
