"""Whether answers mean anything: given at all, the same in either order, the same when asked again."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
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
        Share of the pairs, shown in both orders within one repeat, of which the same stimulus was chosen: 0 for
        a model that always says A, 0.5 for one that guesses. NaN where nothing was shown in two orders.
    repeat_consistency : Estimate
        Probability that two repeats of one question, pictures in the same order, have the same answer: 1 minus the
        flip rate. NaN without repeats, and for free texts.
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

    def share(self, values: Sequence[Sequence[float]], name: str, without: str) -> Estimate:
        """Average the values of each item; without any, say why there are none."""
        labels = [label for label, found in zip(self.labels, values, strict=True) for _ in found]
        flat = [value for found in values for value in found]
        if self.incomparable or not flat:
            return Estimate(math.nan, unit=self.unit, name=name, reason=self.incomparable or without)
        return self.shortfall.mark(analysis.mean_share(flat, groups=labels, unit=self.unit, name=name))


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
    """Estimate how often both presentation orders have the same answer."""
    reason = "nothing was shown in two orders; compare with orders='both'"
    return trials.share([list(orders_alike(drawn)) for drawn in trials.draws], "order consistency", reason)


def orders_alike(drawn: Sequence[Draw]) -> Iterator[float]:
    """Yield for each repeat in two orders 1 where the answers agree, 0 where not, NaN where one is missing."""
    repeats: dict[int, list[Draw]] = defaultdict(list)
    for draw in drawn:
        repeats[draw.repeat].append(draw)
    for pair in repeats.values():
        if len({draw.order for draw in pair}) == 2:
            yield agreement(pair)


def repeat_consistency(trials: Trials) -> Estimate:
    """Estimate how often two repeats of a question have the same answer."""
    reason = "no question was asked twice; ask with repeats=2 or more"
    return trials.share([list(repeats_alike(drawn)) for drawn in trials.draws], "repeat consistency", reason)


def repeats_alike(drawn: Sequence[Draw]) -> Iterator[float]:
    """Yield for each order that was repeated the share of pairs of repeats that agree, NaN where there is none."""
    orders: dict[str, list[Draw]] = defaultdict(list)
    for draw in drawn:
        orders[draw.order].append(draw)
    for repeats in orders.values():
        if len(repeats) > 1:
            yield agreement(repeats)


def agreement(draws: Sequence[Draw]) -> float:
    """Return the share of pairs of answered draws that agree: sum of n_k (n_k - 1) over n (n - 1)."""
    values: list[Hashable] = [draw.value for draw in draws if draw.status == "answered"]
    if len(values) < 2:
        return math.nan
    return sum(count * (count - 1) for count in Counter(values).values()) / (len(values) * (len(values) - 1))
