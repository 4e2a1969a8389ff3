"""Which estimates of a run are compared with which, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pytest_vlmperception.gate.changes import Change, change
from pytest_vlmperception.gate.families import judge_changes
from pytest_vlmperception.records import Measurement

__all__ = ["Compared", "Table", "compared"]


@dataclass(frozen=True, eq=False)
class Compared:
    """One measurement beside the one that it is held against.

    Attributes
    ----------
    new : Measurement
        Of the model under test.
    old : Measurement or None
        What it is held against; None where there is none.
    change : Change or None
        What came of it; None where they cannot be compared at all.
    reason : str
        Why they cannot, and what to do.
    """

    new: Measurement
    old: Measurement | None
    change: Change | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """What became of all measurements of a run.

    Attributes
    ----------
    compared : tuple of Compared
        Those that were compared, or that should have been.
    left_out : tuple of (Measurement, str)
        Those that were not, and why.
    """

    compared: tuple[Compared, ...] = ()
    left_out: tuple[tuple[Measurement, str], ...] = field(default=())


def compared(
    pairs: Sequence[tuple[Measurement, Measurement | None, str]], margin: float | None, *, referring: str
) -> Table:
    """Hold measurements against others of the same tests: one family of comparisons.

    Parameters
    ----------
    pairs : sequence of (Measurement, Measurement or None, str)
        A measurement, what it is held against if that is there, and why the two are not comparable, if they are not.
    margin : float or None
        The run's margin; a test's own comes first.
    referring : str
        What they are held against, in words.
    """
    both_sides = bounded_twice([new for new, _, _ in pairs])
    left_out: list[tuple[Measurement, str]] = []
    rows: list[Compared] = []
    for new, old, reason in pairs:
        if (new.model, *new.key) in both_sides:
            left_out.append((new, "it is bounded from both sides, so that neither direction is the better one"))
        elif reason:
            rows.append(Compared(new, old, reason=reason))
        elif old is None:
            left_out.append((new, f"with {referring} the same test did not come to it"))
        else:
            allowed = margin_for(new, margin)
            found = change(new.estimate, old.estimate, comparator=new.comparator, margin=allowed)
            rows.append(Compared(new, old, found))
    judged = iter(judge_changes([row.change for row in rows if row.change is not None]))
    return Table(
        tuple(replace(row, change=next(judged)) if row.change is not None else row for row in rows), tuple(left_out)
    )


def margin_for(measurement: Measurement, margin: float | None) -> float | None:
    """Return the test's own margin, or the run's, which is that of a share of 1: of percent it is a hundredfold."""
    if measurement.margin is not None or margin is None:
        return measurement.margin
    return 100.0 * margin if measurement.estimate.scale == "percent" else margin


def bounded_twice(measured: Sequence[Measurement]) -> set[tuple[str, str, str, int, str]]:
    """Return model and key of estimates that one test wants to be neither too low nor too high."""
    directions: dict[tuple[str, str, str, float], set[str]] = {}
    for each in measured:
        directions.setdefault(what(each), set()).add(each.comparator[0])
    return {(each.model, *each.key) for each in measured if len(directions[what(each)]) > 1}


def what(measurement: Measurement) -> tuple[str, str, str, float]:
    """Return what is the same of two comparisons of one estimate."""
    return measurement.test, measurement.model, measurement.estimate.name, measurement.estimate.value
