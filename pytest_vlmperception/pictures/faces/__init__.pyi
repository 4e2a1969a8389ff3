from .action_units import ACTION_UNITS, INTENSITIES, ONE_SIDED, Expression, parse_units
from .drawing import draw_face
from .looks import IDENTITIES, Look
from .prototypes import PROTOTYPES, polarity, valence

__all__ = [
    "ACTION_UNITS",
    "IDENTITIES",
    "INTENSITIES",
    "ONE_SIDED",
    "PROTOTYPES",
    "Expression",
    "Look",
    "draw_face",
    "parse_units",
    "polarity",
    "valence",
]
