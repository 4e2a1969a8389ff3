"""Perception regression tests of vision-language models, as a pytest plugin."""

from __future__ import annotations

from importlib import import_module

# Resolved late: pytest imports this package at every start, used or not.
HOMES = {
    "Answer": "records",
    "Calibration": "results",
    "Estimate": "records",
    "Inconclusive": "errors",
    "PerceptionError": "errors",
    "Prompt": "records",
    "Question": "records",
    "Refused": "errors",
    "Reply": "records",
    "Rubric": "tasks",
    "RubricQuestion": "tasks",
    "Stimulus": "records",
    "StimulusSet": "stimuli",
    "Truncated": "errors",
    "Unavailable": "errors",
    "Unparsed": "errors",
    "Usage": "records",
    "UsageError": "errors",
    "Votes": "records",
    "checklist": "tasks",
    "difficulty_threshold": "results",
    "human_ceiling": "results",
    "human_scale": "results",
    "read_votes": "stimuli",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
