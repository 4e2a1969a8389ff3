from .controls import blank, mirrored, reencoded, resized, text_only
from .datasets import read_votes
from .edits import edit_instructions, edit_masks
from .files import file_picture
from .named import load_named, load_named_votes
from .photographs import PHOTOGRAPHS, Photograph
from .renderings import Factors, rendered
from .sets import StimulusSet

__all__ = [
    "PHOTOGRAPHS",
    "Factors",
    "Photograph",
    "StimulusSet",
    "blank",
    "edit_instructions",
    "edit_masks",
    "file_picture",
    "load_named",
    "load_named_votes",
    "mirrored",
    "read_votes",
    "reencoded",
    "rendered",
    "resized",
    "text_only",
]
