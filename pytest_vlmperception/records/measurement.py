"""What a run measured, so that another run, or another model, can be held against it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.records.answer import Status
from pytest_vlmperception.records.estimate import Comparator, Estimate

__all__ = ["Batch", "Measurement", "Observation"]


@dataclass(frozen=True)
class Batch:
    """What one call of a verb asked, whoever was asked.

    Attributes
    ----------
    verb : str
        ``compare``, ``describe`` ...
    prompt : str
        The prompt's name; for a plain string the first words of its text.
    prompt_sha256, stimuli_sha256 : str
        SHA-256 over the texts, and over the pictures' bytes with the answers allowed, in the order asked.
    items, repeats : int
        How many items, and how often each.
    """

    verb: str
    prompt: str
    prompt_sha256: str
    stimuli_sha256: str
    items: int
    repeats: int

    @property
    def name(self) -> str:
        """What messages call it, e.g. ``describe by prompt 'expression'``."""
        return f"{self.verb} by prompt {self.prompt!r}"

    @property
    def asked(self) -> str:
        """What tells it from others by the same prompt, also where that has another text."""
        return f"{self.stimuli_sha256} {self.repeats}"


@dataclass(frozen=True)
class Observation:
    """What one model said about one item.

    Attributes
    ----------
    model : str
        Who was asked, as named by the user.
    verb, prompt, item : str
        Which item of which batch: `prompt` is its name as in `Batch`.
    status : {"answered", "unparsed", "refused", "truncated", "unavailable"}
        As of `Answer`.
    value : str
        What was said, in a form in which two answers can be compared: the choice, the label, or the polarity and the
        leading emotion of a description; empty where no draw has a majority or there is none.
    latency_s : float or None
        Mean latency of the draws.
    """

    model: str
    verb: str
    prompt: str
    item: str
    status: Status
    value: str = ""
    latency_s: float | None = None


@dataclass(frozen=True, eq=False)
class Measurement:
    """One estimate that a test held against a threshold.

    Attributes
    ----------
    test : str
        Node id of the test without the model among its parameters: the same before and after an upgrade.
    model : str
        Who was measured, as named by the user; empty where the test is of none.
    ordinal : int
        Place among the comparisons of this name in this test, from 0.
    estimate : Estimate
        What was measured.
    comparator, threshold : str, float
        What it was held against.
    policy : str
        How it was judged.
    margin : float or None
        The margin that the test sets itself; None for the run's.
    batches : tuple of Batch
        What was asked for it.
    """

    test: str
    model: str
    ordinal: int
    estimate: Estimate
    comparator: Comparator
    threshold: float
    policy: str = "point"
    margin: float | None = None
    batches: tuple[Batch, ...] = ()

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What is the same of two measurements that can be compared."""
        return self.test, self.estimate.name, self.ordinal, self.comparator
