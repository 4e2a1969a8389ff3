"""Lazy results: asked in the background, awaited where they are read."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner, Promise
from pytest_vlmperception.errors import CallError, NotMadeError, Outcome, UsageError
from pytest_vlmperception.records import CANNOT_JUDGE, Answer, Batch, Draw, Estimate, Observation, Reply, counted
from pytest_vlmperception.results.batches import batch_of
from pytest_vlmperception.results.screening import Trials, Validity, share_of, validity_of
from pytest_vlmperception.results.validity import MIN_VALID, Shortfall, shortfall, with_losses
from pytest_vlmperception.tasks import Trial, failed_draw

__all__ = ["Answers", "LookAhead"]

K = TypeVar("K")
A = TypeVar("A", bound=Answer)


class LookAhead(Protocol):
    """Knows what the running tests are about to read."""

    def ahead(self, items: Sequence[Any]) -> Collection[Any]:
        """Return the items to ask now, before any is read."""

    def reader(self) -> str:
        """Name the test that is running."""

    def saw(self, answers: Answers[Any, Any], item: Any) -> None:
        """Take note that an answer was read."""


class Answers(Mapping[K, A], Generic[K, A]):
    """Answers by item. Reading one waits for it; an analysis waits for the whole set.

    Parameters
    ----------
    trials : mapping
        The trials of each item, in order.
    caller : Caller or Planner
        Asks the model, or notes what would be asked.
    look_ahead : LookAhead
        Decides what is asked before it is read.
    min_valid : float
        Share of valid trials below which statistics are inconclusive.
    """

    # What one item is called.
    _kind = "stimulus"

    # Why two answers cannot be said to agree; empty where they can.
    _incomparable = ""

    def __init__(
        self,
        trials: Mapping[K, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
    ) -> None:
        self.min_valid = min_valid
        self._trials = trials
        self._names = {self._name(item): item for item in trials}
        self._caller = caller
        self._look_ahead = look_ahead
        self._promises: dict[K, list[Promise]] = {}
        self._answers: dict[K, A] = {}
        self._first_reader: str | None = None
        self._submit(look_ahead.ahead(tuple(trials)))

    @property
    def model(self) -> str:
        """Name of the model that is asked."""
        return self._caller.name

    def __iter__(self) -> Iterator[K]:
        return iter(self._trials)

    def __len__(self) -> int:
        return len(self._trials)

    def __contains__(self, item: object) -> bool:
        return item in self._trials or self._find(item) is not None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {counted(len(self), self._kind)} by {self.model}>"

    def __getitem__(self, item: K | Any) -> A:
        found = item if item in self._trials else self._find(item)
        if found is None:
            raise KeyError(f"{item!r} was not asked; asked: {', '.join(list(self._names)[:5])} ...")
        if found not in self._answers:
            self._ask_for(found)
            self._answers[found] = self._answer(found, tuple(self._draws(found)))
            del self._promises[found]
        self._look_ahead.saw(self, found)
        return self._answers[found]

    def _find(self, item: Any) -> K | None:
        """Return the item of that name."""
        try:
            return self._names.get(self._name(item))
        except (TypeError, ValueError):
            return None

    @staticmethod
    def _name(item: Any) -> str:
        return str(item)

    def _ask_for(self, item: K) -> None:
        """Ask one item; ask all where one test reads a second that nobody foresaw, as a loop does."""
        if item in self._promises:
            return
        reader = self._look_ahead.reader()
        self._submit(tuple(self._trials) if reader == self._first_reader else (item,))
        self._first_reader = reader

    def _submit(self, items: Collection[K]) -> None:
        new = [item for item in items if item not in self._promises and item not in self._answers]
        promises = iter(self._caller.submit_all([trial.question for item in new for trial in self._trials[item]]))
        self._promises.update((item, [next(promises) for _ in self._trials[item]]) for item in new)

    def _draws(self, item: K) -> Iterator[Draw]:
        for trial, promise in zip(self._trials[item], self._promises[item], strict=True):
            yield self._draw(trial, promise)

    def _draw(self, trial: Trial, promise: Promise) -> Draw:
        if not promise.done():
            self._caller.wait_for_calls(promise)
            # Most statistics take it, a tenth of a second, most of which is numpy. In this thread: others that import
            # meanwhile would meet modules that are half there.
            _ = analysis.mean_share
        try:
            reply = promise.result()
        except CallError as error:
            if isinstance(error, NotMadeError):
                self._caller.note_not_made(trial.question, error.kind)
            return failed_draw(trial, error)
        draw = self._read(trial, reply)
        if draw.kind == "refused" and self._caller.is_built_in:
            draw = replace(draw, kind=CANNOT_JUDGE, reason=draw.text)
        if draw.status == "unparsed" or draw.kind == CANNOT_JUDGE:
            self._caller.note_unusable(trial.question, draw.kind)
        return draw

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        """Read a reply as a draw of this verb."""
        raise TypeError(f"{type(self).__name__} does not say how a reply is read")

    def _answer(self, item: K, draws: tuple[Draw, ...]) -> A:
        """Gather the draws of an item."""
        raise TypeError(f"{type(self).__name__} does not say what its answers are")

    @cached_property
    def batch(self) -> Batch:
        """What was asked, whoever was asked."""
        return batch_of(list(self._trials.values()))

    def observation(self, item: K) -> Observation:
        """Return what was said of one item whose answer was read."""
        answer, batch = self._answers[item], self.batch
        try:
            said = self._said(answer)
        except Outcome:
            said = ""
        latency = latency_of(answer)
        return Observation(
            model=self.model,
            verb=batch.verb,
            prompt=batch.prompt,
            item=self._name(item),
            status=answer.status,
            value=said,
            latency_s=None if math.isnan(latency) else latency,
        )

    def _said(self, answer: A) -> str:
        """Return an answer in a form in which it can be compared with another model's."""
        return str(answer.value)

    def wait(self) -> None:
        """Ask whatever was not asked yet, and wait for all of it."""
        self._submit(tuple(self._trials))
        for item in self._trials:
            _ = self[item]

    def draws(self) -> list[Draw]:
        """Return all draws of the whole set, in order."""
        self.wait()
        return [draw for item in self._trials for draw in self[item].draws]

    def share(self, predicate: Callable[[K, A], bool]) -> Estimate:
        """Share of items for which ``predicate(item, answer)`` holds, with Wilson's interval.

        An item whose answer cannot be read inside `predicate`, also for a tie of its draws, is left out and counted.

        Parameters
        ----------
        predicate : callable
            Of the item and its answer.

        Returns
        -------
        Estimate
            n is the number of independent units with an answer; below the valid share (0.9 unless `min_valid`
            was given) it is inconclusive.
        """
        self.check_judged()
        outcomes, lost = [], []
        for item in self._trials:
            try:
                outcomes.append(float(bool(predicate(item, self[item]))))
            except Outcome as outcome:
                outcomes.append(math.nan)
                lost.append(outcome)
        labels, unit = self._independent()
        estimate = analysis.share(outcomes, groups=labels, unit=unit, min_valid=self.min_valid)
        return with_losses(estimate, lost, len(outcomes), self.min_valid)

    def difference(
        self, other: Answers[K, A], measure: Callable[[A], float], *, replicates: int = 2000, seed: int = 0
    ) -> Estimate:
        """By how much a measure of our answers exceeds that of another model's to the same questions.

        Parameters
        ----------
        other : Answers
            Of the same items.
        measure : callable
            Of one answer, e.g. ``lambda description: len(description.features)``. Where it raises because an answer
            is missing, the item is left out and counted.
        replicates, seed : int
            Of the bootstrap over independent units; see `analysis.mean_difference`.

        Raises
        ------
        UsageError
            If the other has other items.
        """
        return self._compared(other, measure, analysis.mean_difference, replicates, seed)

    def latency_ratio(self, other: Answers[K, A], *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """How many times as long our answers took as another model's to the same questions.

        The latency of an item is the mean over its draws; see `analysis.mean_ratio`. Stored replies keep the latency
        that was measured when they were asked for.

        Parameters
        ----------
        other : Answers
            Of the same items.
        replicates, seed : int
            Of the bootstrap over independent units.

        Raises
        ------
        UsageError
            If the other has other items.
        """
        return replace(self._compared(other, latency_of, analysis.mean_ratio, replicates, seed), name="latency ratio")

    def _compared(
        self,
        other: Answers[K, A],
        measure: Callable[[A], float],
        statistic: Callable[..., Estimate],
        replicates: int,
        seed: int,
    ) -> Estimate:
        if set(self) != set(other):
            odd = next(iter(set(self) ^ set(other)))
            raise UsageError(f"{self.model} and {other.model} were not both asked {self._name(odd)}; ask both the same")
        self.check_judged()
        other.check_judged()
        ours, theirs = ([measured(answers[item], measure) for item in self] for answers in (self, other))
        labels, unit = self._independent()
        return statistic(
            ours, theirs, groups=labels, unit=unit, min_valid=self.min_valid, replicates=replicates, seed=seed
        )

    def _independent(self) -> tuple[list[str], str]:
        """Return the independent unit that each item belongs to, and what such a unit is called."""
        return list(self._names), self._kind

    def check_judged(self) -> None:
        """Wait for the whole set.

        Raises
        ------
        CannotJudge
            If the built-in observer has no measure for what was asked.
        """
        for draw in self.draws():
            if draw.kind == CANNOT_JUDGE:
                draw.raise_outcome()

    def valid_share(self) -> Estimate:
        """Share of replies that are a usable answer, with Wilson's interval over independent units.

        Trials of one item, and items of one scene, are not independent. Trials without a reply say
        nothing of the model: they are left out, and more of them than may be invalid make it unavailable.
        """
        return share_of(self._screened(), "answered")

    def validity(self) -> Validity:
        """Screen the answers: shares of valid, unparsed, refused and truncated replies, and their consistency.

        Returns
        -------
        Validity
            E.g. ``assert comparisons.validity().order_consistency >= 0.8``.
        """
        return validity_of(self._screened())

    def _screened(self) -> Trials:
        shortfall = self.shortfall()
        labels, unit = self._independent()
        return Trials([self[item].draws for item in self._trials], labels, unit, shortfall, self._incomparable)

    def shortfall(self) -> Shortfall:
        """Wait for the whole set, and say whether it has too few valid trials for a statistic."""
        self.check_judged()
        return shortfall(self.draws(), self.min_valid)

    def to_csv(self, path: str | Path) -> None:
        """Write one row a trial: item, order, repeat, raw text, parsed value, status, latency.

        Parameters
        ----------
        path : str or Path
            Overwritten where it exists.
        """
        rows = self.rows()
        try:
            # A model may say what is no text, such as half of a surrogate pair.
            with Path(path).open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
                writer = csv.DictWriter(file, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        except OSError as error:
            raise UsageError(f"to_csv({str(path)!r}) cannot write ({error.strerror}); give a writable path") from None

    def rows(self) -> list[dict[str, Any]]:
        """Return the cells of `to_csv`, one mapping a trial."""
        self.wait()
        return [
            self._cells(item) | cells(trial, draw)
            for item in self._trials
            for trial, draw in zip(self._trials[item], self[item].draws, strict=True)
        ]

    def _cells(self, item: K) -> dict[str, str]:
        """Return the cells that name an item."""
        return {"stimulus": str(item)}


def cells(trial: Trial, draw: Draw) -> dict[str, Any]:
    """Return the cells of one trial."""
    reply = draw.reply
    return {
        "order": draw.order,
        "repeat": draw.repeat,
        "text": draw.text,
        "value": draw.value,
        "status": draw.status,
        "kind": draw.kind,
        "reason": draw.reason,
        "latency_s": draw.latency_s,
        "model": reply.model if reply else None,
        "input_tokens": reply.usage.input_tokens if reply else None,
        "output_tokens": reply.usage.output_tokens if reply else None,
        "pictures": " ".join("-" if picture.lost else picture.sha256 for picture in trial.question.pictures),
    }


def measured(answer: A, measure: Callable[[A], float]) -> float:
    """Return the measure of an answer; NaN where it is missing."""
    try:
        return float(measure(answer))
    except Outcome:
        return math.nan


def latency_of(answer: Answer) -> float:
    """Return the mean latency of an answer's draws in seconds; NaN where none is known."""
    known = [draw.latency_s for draw in answer.draws if draw.latency_s]
    return sum(known) / len(known) if known else math.nan
