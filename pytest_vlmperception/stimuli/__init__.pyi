from .controls import blank, mirrored, reencoded, resized, text_only
from .datasets import WISE_WEIGHTS, read_votes
from .edits import edit_instructions, edit_masks
from .files import file_picture
from .known import known_pictures
from .named import load_named, load_named_prompts, load_named_votes
from .photographs import PHOTOGRAPHS, Photograph
from .prompt_sets import PromptSet
from .renderings import Factors, rendered
from .sets import StimulusSet
from .shown import pixels_of

__all__ = [
    "PHOTOGRAPHS",
    "WISE_WEIGHTS",
    "Factors",
    "Photograph",
    "PromptSet",
    "StimulusSet",
    "blank",
    "edit_instructions",
    "edit_masks",
    "file_picture",
    "known_pictures",
    "load_named",
    "load_named_prompts",
    "load_named_votes",
    "mirrored",
    "pixels_of",
    "read_votes",
    "reencoded",
    "rendered",
    "resized",
    "text_only",
]
