from .checklists import checklist
from .classify import as_labels, classify_trials, find_label, read_label
from .compare import Orders, Pair, as_pairs, compare_trials, read_choice
from .describe import as_stimuli, describe_trials, read_text
from .extent import Extent
from .generate import as_instructions, as_masks, as_prompts, as_sources, edit_trials, generate_trials, read_picture
from .grade import Graded, GradeTrial, as_graded, grade_trials, read_grade, rubric_of
from .judge import percept_trial, read_percept
from .prompts import PromptFolder, read_prompt
from .rate import rate_trials, read_rating
from .rubric import Rubric
from .rubric_questions import RubricQuestion
from .scales import RatingScale, as_scale
from .trials import Trial, failed_draw

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
