"""Which estimates of a run are compared with which, and what comes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pytest_vlmperception.gate.changes import Change, change
from pytest_vlmperception.gate.families import judge_changes
from pytest_vlmperception.records import Estimate, Measurement

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


# What is held against what, and why the two are not comparable, if they are not.
Pair = tuple[Measurement, Measurement | None, str]


def compared(pairs: Sequence[Pair], margin: float | None, *, missing: Callable[[Measurement], str]) -> Table:
    """Hold measurements against others of the same tests: one family of comparisons.

    An estimate that a test holds against several thresholds in one direction is compared once.

    Parameters
    ----------
    pairs : sequence of (Measurement, Measurement or None, str)
        A measurement, what it is held against if that is there, and why the two are not comparable, if they are not.
    margin : float or None
        The run's margin; a test's own comes first.
    missing : callable
        Says why a measurement is held against nothing.
    """
    left_out: list[tuple[Measurement, str]] = []
    rows: list[Compared] = []
    for (new, old, reason), both_sides in once(pairs):
        if both_sides:
            left_out.append((new, "it is bounded from both sides, so that neither direction is the better one"))
        elif reason:
            rows.append(Compared(new, old, reason=reason))
        elif old is None:
            left_out.append((new, missing(new)))
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


def once(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, bool]]:
    """Yield each estimate of a test once for each direction, and whether the test bounds it from both sides."""
    groups: dict[tuple[str, str, str], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair[0].test, pair[0].model, digest(pair[0].estimate)), []).append(pair)
    for alike in groups.values():
        for index, pair in enumerate(alike):
            earlier, later = ([o for o in part if same_old(pair, o)] for part in (alike[:index], alike[index:]))
            if direction(pair) not in map(direction, earlier):
                yield pair, len(set(map(direction, earlier + later))) > 1


def direction(pair: Pair) -> str:
    """Return whether a test asks for at least or at most."""
    return pair[0].comparator[0]


def same_old(one: Pair, other: Pair) -> bool:
    """Tell whether two are held against the same, as far as that is known."""
    return (
        one[1] is other[1] or one[1] is None or other[1] is None or digest(one[1].estimate) == digest(other[1].estimate)
    )


def digest(estimate: Estimate) -> str:
    """Return what is the same of an estimate wherever it is held against a threshold, in whatever process."""
    content = (estimate.name, estimate.value, estimate.low, estimate.high, estimate.n, estimate.units)
    return hashlib.sha256(repr((content, estimate.replicates)).encode()).hexdigest()
