"""The lazy results of the verbs, with the analyses that fit."""

from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.comparisons import Choice, Comparisons, Wins
from pytest_vlmperception.results.descriptions import Description, Descriptions
from pytest_vlmperception.results.groups import Group, groups_of
from pytest_vlmperception.results.human import human_scale
from pytest_vlmperception.results.scales import Scale

__all__ = [
    "Answers",
    "Choice",
    "Comparisons",
    "Description",
    "Descriptions",
    "Group",
    "LookAhead",
    "Scale",
    "Wins",
    "groups_of",
    "human_scale",
]
