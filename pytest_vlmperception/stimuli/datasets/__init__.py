"""Data sets of one's own machine: public layouts, raw votes and plain tables."""

from pytest_vlmperception.stimuli.datasets.given import data_name
from pytest_vlmperception.stimuli.datasets.reading import LAYOUTS, read_dataset, read_dataset_votes
from pytest_vlmperception.stimuli.datasets.voted import read_votes

__all__ = ["LAYOUTS", "data_name", "read_dataset", "read_dataset_votes", "read_votes"]
