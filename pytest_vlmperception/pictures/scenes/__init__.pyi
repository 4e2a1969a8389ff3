from .drawing import draw_scene
from .lotteries import Lottery
from .palette import BACKGROUND_SRGB, SRGB
from .placing import place

__all__ = ["BACKGROUND_SRGB", "SRGB", "Lottery", "draw_scene", "place"]
