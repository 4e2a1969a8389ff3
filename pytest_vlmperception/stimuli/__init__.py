"""Sets of stimuli: from manifests, folders and tables; renderings of photographs; data sets of one's own machine."""

from pytest_vlmperception.stimuli.datasets import read_votes
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.named import load_named, load_named_votes
from pytest_vlmperception.stimuli.photographs import PHOTOGRAPHS, Photograph
from pytest_vlmperception.stimuli.renderings import Factors, rendered
from pytest_vlmperception.stimuli.sets import StimulusSet

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
