"""What one test came to."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["UNDECIDED", "Ending"]

# Outcomes of a test that did not pass, and by which nothing is known to be wrong with the model.
UNDECIDED = ("inconclusive", "unavailable")


@dataclass(frozen=True, slots=True)
class Ending:
    """What one test came to, all its phases together.

    Attributes
    ----------
    nodeid : str
        The test's node id.
    model : str
        Name of the model under test; empty where the test has none, or several.
    outcome : {"passed", "failed", "inconclusive", "unavailable", "skipped"}
        An expected failure is ``skipped``, as pytest has it in JUnit XML.
    reason : str
        Why, in one line; empty where it passed.
    """

    nodeid: str
    model: str
    outcome: str
    reason: str = ""
