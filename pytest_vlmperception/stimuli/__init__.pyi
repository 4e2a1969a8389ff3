from .datasets import read_votes
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
    "file_picture",
    "load_named",
    "load_named_votes",
    "read_votes",
    "rendered",
]
