"""Numbers measured in pictures, some of which may not be there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pytest_vlmperception.errors import NotMadeError, Outcome, PictureError

__all__ = ["measured"]


def measured(measure: Callable[..., Any], *arguments: Any) -> float:
    """Return ``measure(*arguments)`` as a number; NaN where a picture that it looks at was not made, or is damaged.

    What is missing is left out of a statistic and counted, and never zero.

    Examples
    --------
    >>> measured(max, 1, 2)
    2.0
    """
    try:
        return float(measure(*arguments))
    except (NotMadeError, Outcome, PictureError):
        return math.nan
