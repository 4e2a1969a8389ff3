"""Which action units express which emotion, and how pleasant an expression is.

The prototypes are those of EMFACS, the subset of FACS that bears on emotion [1]_, [2]_. Fear has the tightened lids
that most lists add. In happiness the lips part; disgust is 9+10+17 instead of the popular 9+15+16: both are what most
people did who were asked to show these emotions [3]_.

References
----------
.. [1] Friesen, W. V. and Ekman, P. (1983). EMFACS-7: Emotional Facial Action Coding System. Unpublished manual,
   University of California, San Francisco.
.. [2] Ekman, P. and Friesen, W. V. (1978). Facial Action Coding System. Consulting Psychologists Press, Palo Alto.
   :DOI:`10.1037/t27734-000`
.. [3] Du, S., Tao, Y. and Martinez, A. M. (2014). Compound facial expressions of emotion. Proc. Natl. Acad. Sci. 111,
   E1454-E1462. :DOI:`10.1073/pnas.1322355111`
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pytest_vlmperception.pictures.faces.action_units import Expression

__all__ = ["PROTOTYPES", "polarity", "valence"]

PROTOTYPES: Mapping[str, str] = MappingProxyType({
    "anger": "4+5+7+23",
    "contempt": "R12+R14",
    "disgust": "9+10+17",
    "fear": "1+2+4+5+7+20+26",
    "happiness": "6+12+25",
    "neutral": "",
    "sadness": "1+4+15",
    "surprise": "1+2+5+26",
})
"""FACS code of each emotion; the intensity is added."""

# How much each unit at its strongest says for pleasure or displeasure; conventions, see `valence`.
PLEASANT: Mapping[int, float] = MappingProxyType({12: 0.9, 6: 0.2})
UNPLEASANT: Mapping[int, float] = MappingProxyType({4: 0.5, 9: 0.5, 10: 0.4, 15: 0.5, 20: 0.5, 23: 0.3, 24: 0.3})
ONE_SIDED_CORNER = 0.4

# Below this, of the strongest, an expression is neither positive nor negative.
NEUTRAL_BELOW = 0.05


def valence(expression: Expression) -> float:
    """Return how pleasant an expression is, from -1 to 1, by its action units.

    The smile speaks for pleasure and the frown against it, as activity over zygomaticus major (AU 12) and corrugator
    supercilii (AU 4) does for pictures, sounds and words [1]_. Other units join them with weights w_i, a convention::

        valence = P - N,   P, N = 1 - prod(1 - w_i a_i)

    with a_i the strength of unit i, 0 to 1. P: AU 12 (0.9) and, only along with it, AU 6 (0.2). N: AU 4 (0.5),
    9 (0.5), 10 (0.4), 15 (0.5), 20 (0.5), 23 and 24 (0.3 each). A lip corner that is pulled or dimpled (AU 12, 14) on
    one side only speaks for contempt: it adds to N (0.4 each), not to P. Raised brows and lids, parted lips and a
    dropped jaw say nothing.

    References
    ----------
    .. [1] Larsen, J. T., Norris, C. J. and Cacioppo, J. T. (2003). Effects of positive and negative affect on
       electromyographic activity over zygomaticus major and corrugator supercilii. Psychophysiology 40, 776-785.
       :DOI:`10.1111/1469-8986.00078`
    """
    smile = expression.both(12)
    pleasant = [PLEASANT[12] * smile, PLEASANT[6] * min(smile, expression[6])]
    unpleasant = [weight * expression[unit] for unit, weight in UNPLEASANT.items()]
    unpleasant += [ONE_SIDED_CORNER * expression.one_sided(unit) for unit in (12, 14)]
    return joint(pleasant) - joint(unpleasant)


def joint(parts: Iterable[float]) -> float:
    """Return 1 - prod(1 - part): never above 1, and not less than any of the parts."""
    return 1.0 - math.prod(1.0 - part for part in parts)


def polarity(expression: Expression) -> str:
    """Return ``positive``, ``negative`` or ``neutral`` by the sign of the valence.

    Surprise is neutral: a surprised face is read either way, so neither is expected of it.
    """
    value = valence(expression)
    if abs(value) < NEUTRAL_BELOW:
        return "neutral"
    return "positive" if value > 0 else "negative"
