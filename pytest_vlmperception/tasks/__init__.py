"""One module a verb: prompt and stimuli to questions, replies to draws."""

from pytest_vlmperception.tasks.checklists import checklist
from pytest_vlmperception.tasks.classify import as_labels, classify_trials, find_label, read_label
from pytest_vlmperception.tasks.compare import Orders, Pair, as_pairs, compare_trials, read_choice
from pytest_vlmperception.tasks.describe import as_stimuli, describe_trials, read_text
from pytest_vlmperception.tasks.extent import Extent
from pytest_vlmperception.tasks.generate import (
    as_instructions,
    as_masks,
    as_prompts,
    as_sources,
    edit_trials,
    generate_trials,
    read_picture,
)
from pytest_vlmperception.tasks.grade import Graded, GradeTrial, as_graded, grade_trials, read_grade, rubric_of
from pytest_vlmperception.tasks.judge import percept_trial, read_percept
from pytest_vlmperception.tasks.prompts import PromptFolder, read_prompt
from pytest_vlmperception.tasks.rate import rate_trials, read_rating
from pytest_vlmperception.tasks.rubric import Rubric
from pytest_vlmperception.tasks.rubric_questions import RubricQuestion
from pytest_vlmperception.tasks.scales import RatingScale, as_scale
from pytest_vlmperception.tasks.trials import Trial, failed_draw

__all__ = [
    "Extent",
    "GradeTrial",
    "Graded",
    "Orders",
    "Pair",
    "PromptFolder",
    "RatingScale",
    "Rubric",
    "RubricQuestion",
    "Trial",
    "as_graded",
    "as_instructions",
    "as_labels",
    "as_masks",
    "as_pairs",
    "as_prompts",
    "as_scale",
    "as_sources",
    "as_stimuli",
    "checklist",
    "classify_trials",
    "compare_trials",
    "describe_trials",
    "edit_trials",
    "failed_draw",
    "find_label",
    "generate_trials",
    "grade_trials",
    "percept_trial",
    "rate_trials",
    "read_choice",
    "read_grade",
    "read_label",
    "read_percept",
    "read_picture",
    "read_prompt",
    "read_rating",
    "read_text",
    "rubric_of",
]
