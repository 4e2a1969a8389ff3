"""One module a verb: prompt and stimuli to questions, replies to draws."""

from pytest_vlmperception.tasks.compare import Orders, Pair, as_pairs, compare_trials, read_choice
from pytest_vlmperception.tasks.describe import as_stimuli, describe_trials, read_text
from pytest_vlmperception.tasks.prompts import PromptFolder, read_prompt
from pytest_vlmperception.tasks.trials import Trial, failed_draw

__all__ = [
    "Orders",
    "Pair",
    "PromptFolder",
    "Trial",
    "as_pairs",
    "as_stimuli",
    "compare_trials",
    "describe_trials",
    "failed_draw",
    "read_choice",
    "read_prompt",
    "read_text",
]
