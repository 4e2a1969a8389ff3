"""Psychometric functions: how success rises with the level of a stimulus."""

from pytest_vlmperception.analysis.psychometric.fitting import Psychometric, fit_psychometric

__all__ = ["Psychometric", "fit_psychometric"]
