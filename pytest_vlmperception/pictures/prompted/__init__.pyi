from .layout import laid_out
from .mistakes import SKILLS, misspelt, mistaken, skill_of
from .prompts import parse_scene_prompt
from .wanted import MIRRORED, RELATIONS, Item, SceneSpec, Words

__all__ = [
    "MIRRORED",
    "RELATIONS",
    "SKILLS",
    "Item",
    "SceneSpec",
    "Words",
    "laid_out",
    "misspelt",
    "mistaken",
    "parse_scene_prompt",
    "skill_of",
]
