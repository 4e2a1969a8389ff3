from .files import file_picture
from .named import load_named
from .photographs import PHOTOGRAPHS, Photograph
from .renderings import Factors, rendered
from .sets import StimulusSet

__all__ = ["PHOTOGRAPHS", "Factors", "Photograph", "StimulusSet", "file_picture", "load_named", "rendered"]
