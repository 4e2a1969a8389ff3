"""Where one object is, seen from another."""

from __future__ import annotations

import math

from pytest_vlmperception.records.scene import Detection

__all__ = ["RELATIONS", "relative_position"]

RELATIONS = ("left of", "right of", "above", "below")

# Share of the widths of both objects that their offset is shrunk by, and least component of its direction.
SHRINKING, LEAST_COMPONENT = 0.1, 0.5
NOTHING_PX = 1e-3


def relative_position(a: Detection, b: Detection) -> frozenset[str]:
    r"""Return where an object is, seen from another one: GenEval's rule [1]_.

    With d the offset of the centre of a from that of b, and w and h the widths and heights of both added up, each
    component of d is shrunk towards zero by 0.1 w and 0.1 h to d'. The relation to a side holds if the component of
    :math:`d' / |d|` towards it is above 0.5. On a diagonal two may hold; where d' is zero, or the objects lie on no
    clear side, none does.

    Returns
    -------
    frozenset of str
        Of `RELATIONS`.

    References
    ----------
    .. [1] Ghosh, D., Hajishirzi, H. and Schmidt, L. (2023). GenEval: an object-focused framework for evaluating
       text-to-image alignment. NeurIPS 36. :DOI:`10.48550/arXiv.2310.11513`; as in its ``evaluate_images.py``.

    Examples
    --------
    >>> a, b = Detection("dog", (0, 0, 10, 10)), Detection("cat", (40, 0, 50, 10))
    >>> relative_position(a, b)
    frozenset({'left of'})
    """
    offset, shrunk = [], []
    for low, high in ((0, 2), (1, 3)):
        difference = (a.box[low] + a.box[high] - b.box[low] - b.box[high]) / 2
        extent = abs(a.box[high] - a.box[low]) + abs(b.box[high] - b.box[low])
        offset.append(difference)
        shrunk.append(math.copysign(max(abs(difference) - SHRINKING * extent, 0.0), difference))
    if max(map(abs, shrunk)) < NOTHING_PX:
        return frozenset()
    across, down = (each / math.hypot(*offset) for each in shrunk)
    sides = {"left of": -across, "right of": across, "above": -down, "below": down}
    return frozenset(side for side, component in sides.items() if component > LEAST_COMPONENT)
