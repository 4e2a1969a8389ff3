from .edits import edited
from .faults import cropped, sharpened, swung, warmed
from .instructions import ACTIONS, Instruction, parse_instruction
from .layout import SIDE_PX, laid_out
from .mistakes import SKILLS, misspelt, mistaken, skill_of
from .prompts import parse_scene_prompt
from .retouching import blurred, drawn_over, mask_box, retouched, scene_in
from .rooms import Box, box_of, lies
from .slips import NOTHING, misspelling, misunderstood
from .wanted import MIRRORED, Item, SceneSpec, Words

__all__ = [
    "ACTIONS",
    "MIRRORED",
    "NOTHING",
    "SIDE_PX",
    "SKILLS",
    "Box",
    "Instruction",
    "Item",
    "SceneSpec",
    "Words",
    "blurred",
    "box_of",
    "cropped",
    "drawn_over",
    "edited",
    "laid_out",
    "lies",
    "mask_box",
    "misspelling",
    "misspelt",
    "mistaken",
    "misunderstood",
    "parse_instruction",
    "parse_scene_prompt",
    "retouched",
    "scene_in",
    "sharpened",
    "skill_of",
    "swung",
    "warmed",
]
