from .answers import Answers, LookAhead
from .calibration import Calibration
from .choices import Choice, Wins
from .classifications import Classification, Classifications
from .comparisons import Comparisons
from .confusion import Confusion
from .controls import ControlOf, Controls, control_pairs
from .descriptions import Description, Descriptions
from .difficulty import difficulty_threshold
from .generations import Generation, Generations
from .grade import Grade
from .grades import Grades
from .groups import Group, groups_of
from .human import human_ceiling, human_scale
from .measures import measured
from .origins import origins_of_edits, origins_of_prompts
from .published_numbers import PublishedTable, beside, published
from .ratings import Rating, Ratings
from .references import Reference
from .scales import Scale
from .screening import Validity
from .validity import MIN_VALID, as_min_valid

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
