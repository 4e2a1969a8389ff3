"""The lazy results of the verbs, with the analyses that fit."""

from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.calibration import Calibration
from pytest_vlmperception.results.choices import Choice, Wins
from pytest_vlmperception.results.classifications import Classification, Classifications
from pytest_vlmperception.results.comparisons import Comparisons
from pytest_vlmperception.results.confusion import Confusion
from pytest_vlmperception.results.controls import ControlOf, Controls, control_pairs
from pytest_vlmperception.results.descriptions import Description, Descriptions
from pytest_vlmperception.results.difficulty import difficulty_threshold
from pytest_vlmperception.results.generations import Generation, Generations
from pytest_vlmperception.results.grade import Grade
from pytest_vlmperception.results.grades import Grades
from pytest_vlmperception.results.groups import Group, groups_of
from pytest_vlmperception.results.human import human_ceiling, human_scale
from pytest_vlmperception.results.measures import measured
from pytest_vlmperception.results.origins import origins_of_edits, origins_of_prompts
from pytest_vlmperception.results.published_numbers import PublishedTable, beside, published
from pytest_vlmperception.results.ratings import Rating, Ratings
from pytest_vlmperception.results.references import Reference
from pytest_vlmperception.results.scales import Scale
from pytest_vlmperception.results.screening import Validity
from pytest_vlmperception.results.validity import MIN_VALID, as_min_valid

__all__ = [
    "MIN_VALID",
    "Answers",
    "Calibration",
    "Choice",
    "Classification",
    "Classifications",
    "Comparisons",
    "Confusion",
    "ControlOf",
    "Controls",
    "Description",
    "Descriptions",
    "Generation",
    "Generations",
    "Grade",
    "Grades",
    "Group",
    "LookAhead",
    "PublishedTable",
    "Rating",
    "Ratings",
    "Reference",
    "Scale",
    "Validity",
    "Wins",
    "as_min_valid",
    "beside",
    "control_pairs",
    "difficulty_threshold",
    "groups_of",
    "human_ceiling",
    "human_scale",
    "measured",
    "origins_of_edits",
    "origins_of_prompts",
    "published",
]
