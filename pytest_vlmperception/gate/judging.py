"""The judge of the running test, and the record of what it decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pytest_vlmperception.errors import Outcome, Unavailable
from pytest_vlmperception.gate.messages import explain
from pytest_vlmperception.gate.policies import check_policy, decide
from pytest_vlmperception.records import Estimate, Measurement, Verdict
from pytest_vlmperception.records.estimate import Comparator, Result

__all__ = ["VerdictJudge"]


@dataclass
class VerdictJudge:
    """Judges by a policy and keeps a verdict of every comparison, whatever it came to.

    Parameters
    ----------
    test, model : str
        The running test's node id and the model's name, for the record. They change as tests run:
        one judge serves a whole session, so that tasks that outlive a test still meet it.
    policy : {"point", "confident", "tolerant"}
        See `decide`.

    Attributes
    ----------
    durable : str
        The running test's node id without the model.
    subject : str
        The model of `vlm` that the running test is of, whose measurements are kept; empty where it is of none.
    margin : float or None
        The margin that the running test sets for a comparison with another model or run.
    rehearsing : bool
        Whether every comparison holds and none is judged: what stands in for answers decides nothing.
    referring : bool
        Whether every comparison holds and none is judged, but measured: the test shows what another model is held
        against.
    measuring : bool
        Whether measurements are kept.
    explanations : list of list of str
        Of each comparison that did not hold, for where an ``assert`` cannot show it.
    """

    test: str
    model: str
    policy: str
    durable: str = field(default="", init=False)
    subject: str = field(default="", init=False)
    margin: float | None = field(default=None, init=False)
    rehearsing: bool = field(default=False, init=False)
    referring: bool = field(default=False, init=False)
    measuring: bool = field(default=False, init=False)
    explanations: list[list[str]] = field(default_factory=list, init=False, repr=False)
    _recorded: dict[str, Verdict] = field(default_factory=dict, init=False, repr=False)
    _measured: list[Measurement] = field(default_factory=list, init=False, repr=False)
    _ordinals: Counter[tuple[str, str, str, str]] = field(default_factory=Counter, init=False, repr=False)

    def __post_init__(self) -> None:
        check_policy(self.policy)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Verdicts in the order given; the same comparison made again is one verdict."""
        return tuple(self._recorded.values())

    def drain(self) -> tuple[list[Verdict], list[list[str]]]:
        """Return the verdicts and explanations since the last time, and forget them."""
        drained = list(self.verdicts), self.explanations
        self._recorded, self.explanations = {}, []
        return drained

    def measurements(self) -> list[Measurement]:
        """Return the measurements since the last time, and forget them."""
        measured, self._measured = self._measured, []
        return measured

    def begin(self) -> None:
        """Count the comparisons of tests anew: one of them starts, perhaps again."""
        self._ordinals.clear()

    def compare(self, estimate: Estimate, comparator: Comparator, threshold: float) -> bool:
        """Decide one comparison and record it.

        Raises
        ------
        Outcome
            As `decide` does, after recording.
        """
        if self.measuring:
            self._measure(estimate, comparator, threshold)
        if self.rehearsing or self.referring:
            return True
        try:
            passed = decide(self.policy, estimate, comparator, threshold)
        except Outcome as outcome:
            result: Result = "unavailable" if isinstance(outcome, Unavailable) else "inconclusive"
            self._record(estimate, comparator, threshold, result, str(outcome))
            raise
        self._record(estimate, comparator, threshold, "passed" if passed else "failed", "")
        if not passed:
            self.explanations.append(explain(estimate, comparator, threshold, self.policy))
        return passed

    def _measure(self, estimate: Estimate, comparator: Comparator, threshold: float) -> None:
        place = (self.durable, self.subject, estimate.name, comparator)
        ordinal = self._ordinals[place]
        self._ordinals[place] += 1
        self._measured.append(
            Measurement(self.durable, self.subject, ordinal, estimate, comparator, threshold, self.policy, self.margin)
        )

    def _record(
        self, estimate: Estimate, comparator: Comparator, threshold: float, result: Result, reason: str
    ) -> None:
        verdict = Verdict(
            test=self.test,
            model=self.model,
            name=estimate.name,
            value=estimate.value,
            low=estimate.low,
            high=estimate.high,
            n=estimate.n,
            unit=estimate.unit,
            method=estimate.method,
            comparator=comparator,
            threshold=threshold,
            policy=self.policy,
            result=result,
            reason=reason,
        )
        # By its repr: a NaN bound is not equal to itself.
        self._recorded.setdefault(repr(verdict), verdict)
