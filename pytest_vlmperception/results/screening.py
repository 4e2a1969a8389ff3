"""Whether answers mean anything: given at all, the same in either order, the same when asked again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from pytest_vlmperception import analysis
from pytest_vlmperception.records import Draw, Estimate, Status
from pytest_vlmperception.results.validity import Shortfall, status_share

__all__ = ["Trials", "Validity", "share_of", "validity_of"]


@dataclass(frozen=True)
class Validity:
    """What an experiment is screened by, each an `Estimate` over independent units.

    Of the replies (trials without a reply say nothing of a model and are left out) the first four add up to 1.
    The consistencies are of trials that were answered, and decide nothing below the valid share.

    Attributes
    ----------
    valid, unparsed, refused, truncated : Estimate
        Share of the replies that are a usable answer, none of those allowed, refused or filtered, cut off.
    order_consistency : Estimate
        Chance that a draw in one presentation order chooses the same stimulus as one in the other: 0 for a model
        that always says A, 0.5 for one that guesses. NaN where nothing was shown in two orders.
    repeat_consistency : Estimate
        Chance that two repeats of one question, pictures in the same order, have the same answer. NaN without
        repeats, and for free texts.
    """

    valid: Estimate
    unparsed: Estimate
    refused: Estimate
    truncated: Estimate
    order_consistency: Estimate
    repeat_consistency: Estimate


@dataclass(frozen=True)
class Trials:
    """The draws of a set, by item.

    Attributes
    ----------
    draws : sequence of sequences of Draw
        The draws of each item.
    labels : sequence of str
        The independent unit of each item.
    unit : str
        What such a unit is called.
    shortfall : Shortfall
        Whether there are too few valid ones.
    incomparable : str
        Why two answers cannot be said to agree; empty where they can.
    """

    draws: Sequence[Sequence[Draw]]
    labels: Sequence[str]
    unit: str
    shortfall: Shortfall
    incomparable: str = ""

    def share(self, alike: Callable[[Sequence[Draw]], float | None], name: str, without: str) -> Estimate:
        """Average over items the share of draws that are `alike`; without any, say why there are none."""
        found = [(label, alike(drawn)) for label, drawn in zip(self.labels, self.draws, strict=True)]
        asked = [(label, value) for label, value in found if value is not None]
        if self.incomparable or not asked:
            return Estimate(math.nan, unit=self.unit, name=name, reason=self.incomparable or without)
        labels, values = zip(*asked, strict=True)
        return self.shortfall.mark(analysis.mean_share(values, groups=labels, unit=self.unit, name=name))


def validity_of(trials: Trials) -> Validity:
    """Screen the trials of a set."""
    return Validity(
        valid=share_of(trials, "answered"),
        unparsed=share_of(trials, "unparsed"),
        refused=share_of(trials, "refused"),
        truncated=share_of(trials, "truncated"),
        order_consistency=order_consistency(trials),
        repeat_consistency=repeat_consistency(trials),
    )


def share_of(trials: Trials, status: Status) -> Estimate:
    """Estimate the share of one status among the replies."""
    draws = [draw for drawn in trials.draws for draw in drawn]
    labels = [label for label, drawn in zip(trials.labels, trials.draws, strict=True) for _ in drawn]
    name = "valid share" if status == "answered" else f"{status} share"
    return status_share(draws, status, trials.shortfall.min_valid, groups=labels, name=name, unit=trials.unit)


def order_consistency(trials: Trials) -> Estimate:
    """Estimate how often the answers in both presentation orders agree."""
    reason = "nothing was shown in two orders; compare with orders='both'"
    return trials.share(orders_alike, "order consistency", reason)


def orders_alike(drawn: Sequence[Draw]) -> float | None:
    """Return the share of agreeing ones among the pairs of draws in different orders; None for a single order."""
    orders = by_order(drawn)
    if len(orders) < 2:
        return None
    one, other = orders.values()
    alike = sum(count * other[value] for value, count in one.items())
    return alike / (one.total() * other.total()) if one and other else math.nan


def repeat_consistency(trials: Trials) -> Estimate:
    """Estimate how often two repeats of a question have the same answer."""
    reason = "no question was asked twice; ask with repeats=2 or more"
    return trials.share(repeats_alike, "repeat consistency", reason)


def repeats_alike(drawn: Sequence[Draw]) -> float | None:
    """Return the share of agreeing ones among the pairs of draws in the same order; None without repeats."""
    orders = by_order(drawn)
    if len(drawn) == len(orders):
        return None
    pairs = sum(order.total() * (order.total() - 1) for order in orders.values())
    alike = sum(count * (count - 1) for order in orders.values() for count in order.values())
    return alike / pairs if pairs else math.nan


def by_order(drawn: Sequence[Draw]) -> dict[str, Counter[Hashable]]:
    """Count the answers to an item in each order that it was shown in."""
    orders: dict[str, Counter[Hashable]] = {draw.order: Counter() for draw in drawn}
    for draw in drawn:
        if draw.status == "answered":
            orders[draw.order][draw.value] += 1
    return orders
