"""Paired comparisons: win counts, scale values, variability, order bias, separability, thresholds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Draw, Estimate, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.choices import Choice, Wins
from pytest_vlmperception.results.controls import Controls
from pytest_vlmperception.results.groups import Group, groups_of
from pytest_vlmperception.results.marking import marked
from pytest_vlmperception.results.scales import Scale, check_referenced, shortfall_with
from pytest_vlmperception.results.scaling import Method, scaling_of
from pytest_vlmperception.results.thresholds import threshold_of
from pytest_vlmperception.results.validity import MIN_VALID, Shortfall
from pytest_vlmperception.tasks import Pair, Trial, read_choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Comparisons"]


class Comparisons(Answers[Pair, Choice]):
    """Choices by pair.

    Attributes
    ----------
    controls : Controls or None
        Answers to identical pictures, where they were asked for. No analysis but `control_bias` counts them.
    """

    _kind = "pair"

    def __init__(
        self,
        trials: Mapping[Pair, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
        controls: Controls | None = None,
    ) -> None:
        super().__init__(trials, caller, look_ahead, min_valid)
        self.controls = controls

    @staticmethod
    def _name(item: Any) -> str:
        return item if isinstance(item, str) else " / ".join(map(str, item))

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_choice(trial, reply)

    def _answer(self, item: Pair, draws: tuple[Draw, ...]) -> Choice:
        return Choice(draws, item)

    def _said(self, answer: Choice) -> str:
        return str(answer.chosen)

    def _cells(self, item: Pair) -> dict[str, str]:
        return {"first": item[0].id, "second": item[1].id}

    def rows(self) -> list[dict[str, Any]]:
        """Return the cells of `to_csv`, one mapping a trial; the controls come last."""
        return super().rows() + (self.controls.rows() if self.controls else [])

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Stimuli that are linked by pairs, e.g. the renderings of one scene."""
        return groups_of(self)

    def _independent(self) -> tuple[list[str], str]:
        """Pairs of one scene share its stimuli: the scenes are independent, or the pairs of a single one."""
        if len(self.groups) == 1:
            return list(self._names), self._kind
        return [self._group_of[first].name for first, _ in self], self.groups[0].unit

    @cached_property
    def _group_of(self) -> Mapping[Stimulus, Group]:
        return {stimulus: group for group in self.groups for stimulus in group.stimuli}

    def _choices(self) -> Iterator[tuple[Pair, Draw, float]]:
        """Yield each trial with 1 where the pair's first stimulus was chosen, 0 where the second, else NaN."""
        self.wait()
        for pair in self:
            for draw in self[pair].draws:
                yield pair, draw, {"A": 1.0, "B": 0.0}.get(draw.value, math.nan)

    def wins(self) -> Wins:
        """Count how often each stimulus was chosen over each other one, over orders and repeats."""
        # Loaded when every question was asked: a seventh of a second that costs no time then.
        import numpy as np

        stimuli = tuple(dict.fromkeys(stimulus for pair in self for stimulus in pair))
        index = {stimulus: number for number, stimulus in enumerate(stimuli)}
        trials = [(index[pair[0]], index[pair[1]], choice) for pair, _, choice in self._choices()]
        first, second, chosen = (np.array(column) for column in zip(*trials, strict=True))
        return Wins(stimuli, analysis.win_matrix(first, second, chosen, len(stimuli)))

    def scale(
        self,
        *,
        method: Method = "case_v",
        unanimous: Literal["logistic", "half", "clip"] = "logistic",
        prior: float = 0.0,
    ) -> Scale:
        """Scale values, each group of linked stimuli on its own scale.

        Parameters
        ----------
        method : {"case_v", "bradley_terry"}
            Thurstone's Case V, in units in which P(i chosen over j) = Phi(s_i - s_j); or Bradley and Terry, in
            log-odds.
        unanimous : {"logistic", "half", "clip"}
            Of Case V: rule for pairs in which one stimulus always won; see `analysis.scale_case_v`.
        prior : float
            Of Bradley-Terry: see `analysis.scale_bradley_terry`. Where a stimulus always won or always lost there is
            no scale without.

        Returns
        -------
        Scale
            Values, centred in each group; with intervals in `Scale.estimates`. A group that lost so many answers
            that it falls apart has NaN.

        Raises
        ------
        UsageError
            If an option of one method is given to the other, or there is no finite Bradley-Terry scale.
        """
        scaling = scaling_of(method, unanimous, prior)
        shortfall = self.shortfall()
        wins = self.wins()
        estimates: dict[Stimulus, Estimate] = {}
        for group in self.groups:
            estimates.update(zip(group.stimuli, scaling.estimates(wins.of(group)), strict=True))
        return Scale(estimates, self.groups, shortfall)

    def order_bias(self) -> Estimate:
        """How much more often the first picture was chosen than the second, whatever it showed.

        Returns
        -------
        Estimate
            In [-1, 1]: 1 where always the first was chosen, -1 always the second, 0 no bias. Mean over
            groups, with a bootstrap interval over groups. ``abs(...)`` gives the magnitude.

        Raises
        ------
        UsageError
            If the pairs were asked in one order only: preference and position cannot be told apart then.
        """
        trials = list(self._choices())
        if not any(draw.order == "reversed" for _, draw, _ in trials):
            raise UsageError("order_bias() needs pairs that were shown in both orders; compare with orders='both'")
        shortfall = self.shortfall()
        labels, unit = self._independent()
        label = dict(zip(self, labels, strict=True))
        first = [choice if draw.order == "given" else 1.0 - choice for _, draw, choice in trials]
        groups = [label[pair] for pair, *_ in trials]
        return shortfall.mark(analysis.order_bias(first, groups=groups, unit=unit, min_valid=self.min_valid))

    def control_bias(self) -> Estimate:
        """How much more often A was chosen than B where both pictures are the same: bias of position and nothing else.

        Returns
        -------
        Estimate
            freq(A) - freq(B), in [-1, 1] as `order_bias`: the share of A is (1 + bias) / 2. Mean over scenes, clips
            or identities, else over identical pairs, with a bootstrap interval over them.

        Raises
        ------
        UsageError
            If no identical pictures were asked.
        """
        if self.controls is None:
            raise UsageError("control_bias() needs identical pictures; compare with controls='stimulus' or 'group'")
        return self.controls.bias()

    def _grid(self) -> NDArray[np.float64]:
        """Return choices, shape (n_pairs, n_orders, n_repeats): 1 = the pair's first stimulus, 0, NaN."""
        import numpy as np

        trials = list(self._choices())
        place = {pair: index for index, pair in enumerate(self)}
        orders = {order: index for index, order in enumerate(sorted({draw.order for _, draw, _ in trials}))}
        repeats = 1 + max(draw.repeat for _, draw, _ in trials)
        grid = np.full((len(place), len(orders), repeats), math.nan)
        for pair, draw, choice in trials:
            grid[place[pair], orders[draw.order], draw.repeat] = choice
        return grid

    def variability(self, *, replicates: int = 2000, seed: int = 0) -> analysis.IntraVariability:
        """How often the model judges a pair differently when asked again, in percent.

        Parameters
        ----------
        replicates, seed : int
            Of the bootstrap over groups.

        Returns
        -------
        IntraVariability
            ``.minority_share`` and ``.flip_rate`` over all trials of a pair, ``.order_flips`` between presentation
            orders, ``.repeat_flips`` within one order; see `analysis.intra_variability`.

        Raises
        ------
        UsageError
            If each pair was asked once.
        """
        labels, unit = self._independent()
        shortfall = self.shortfall()
        found = analysis.intra_variability(
            self._grid(), groups=labels, unit=unit, min_valid=self.min_valid, replicates=replicates, seed=seed
        )
        return marked(found, shortfall)

    def inter_variability(
        self, *others: Comparisons, replicates: int = 2000, seed: int = 0
    ) -> analysis.InterVariability:
        """How often models judge the same pair differently, each against all the others, in percent.

        Parameters
        ----------
        *others : Comparisons
            Of other models (or prompts), over the same pairs.
        replicates, seed : int
            Of the bootstrap over groups.

        Returns
        -------
        InterVariability
            ``.minority_share`` and ``.flip_rate``, and ``.models[name]`` with both of each model; a name that comes
            again gets a number. See `analysis.inter_variability`.

        Raises
        ------
        UsageError
            If there are no others, or their pairs differ.

        Examples
        --------
        ::

            def test_models_agree(vlms, pairs, prompts):
                first, *others = [vlm.compare(pairs, prompts["more_contrast"]) for vlm in vlms.values()]
                assert first.inter_variability(*others).minority_share <= 20
        """
        if not others:
            raise UsageError("inter_variability() got no other comparisons; give those of at least one other model")
        every = (self, *others)
        for other in every:
            self._check_same_pairs(other)
        # All models are asked before the answers of the first are awaited.
        for other in every:
            other._submit(tuple(other._trials))
        shortfall = first_of(every)
        labels, unit = self._independent()
        grids = dict(zip(numbered([other.model for other in every]), map(self._aligned, every), strict=True))
        found = analysis.inter_variability(
            grids, groups=labels, unit=unit, min_valid=self.min_valid, replicates=replicates, seed=seed
        )
        return marked(found, shortfall)

    def _check_same_pairs(self, other: Comparisons) -> None:
        """Raise unless the other has the same pairs, in any order."""
        ours, theirs = ({frozenset(pair) for pair in each} for each in (self, other))
        if ours != theirs:
            odd = " / ".join(sorted(map(str, next(iter(ours ^ theirs)))))
            raise UsageError(f"{self.model} and {other.model} did not both judge {odd}; give both the same pairs")

    def _aligned(self, other: Comparisons) -> NDArray[np.float64]:
        """Return the choices of another set over the same pairs, as if it had been given ours."""
        import numpy as np

        place = {frozenset(pair): (index, pair) for index, pair in enumerate(other)}
        grid = other._grid()
        rows = [(place[frozenset(pair)], pair) for pair in self]
        return np.stack([grid[index] if given == pair else 1.0 - grid[index] for (index, given), pair in rows])

    def separability(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        bins: int | Sequence[float] = 4,
        replicates: int = 2000,
        seed: int = 0,
    ) -> analysis.Separability:
        """How agreement with a reference rises with the difference of its values.

        Parameters
        ----------
        reference : mapping of Stimulus to float
            E.g. human scale values, a `Scale` of another model, or ``stimuli.reference("contrast")``. Only
            differences within a pair are used.
        bins : int or sequence of float
            Number of bins with about as many pairs each; or the edges of bins, ascending.
        replicates, seed : int
            Of the bootstrap over groups.

        Returns
        -------
        Separability
            ``.slope`` in log-odds for each unit of the reference, ``.intercept``, ``.agreement`` and ``.bins``; see
            `analysis.separability`.

        Raises
        ------
        UsageError
            If a stimulus has no reference value.
        """
        check_referenced(self._group_of, reference)
        labels, unit = self._independent()
        found = analysis.separability(
            self._grid(),
            [[reference[stimulus] for stimulus in pair] for pair in self],
            groups=labels,
            bins=bins,
            unit=unit,
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return marked(found, shortfall_with(self.shortfall(), reference, "reference"))

    def threshold(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        lapse: float | Literal["free"] = 0.02,
        replicates: int = 400,
        seed: int = 0,
    ) -> Estimate:
        """Smallest difference of reference values that the model tells: three times out of four, lapses aside.

        The method of constant stimuli: pairs of a standard and comparisons at a few fixed differences from
        it. A logistic function of the logarithm of the difference is fitted to how often the stimulus with the
        higher value was chosen; see `analysis.fit_psychometric`.

        Parameters
        ----------
        reference : mapping of Stimulus to float
            E.g. ``stimuli.reference("contrast")``. Pairs without a difference have no right answer: they are left out.
        lapse : float or "free"
            Proportion of failures where the difference is plain. To fit it takes many trials at plain differences:
            with few, steps and lapses are mistaken for each other.
        replicates, seed : int
            Of the parametric bootstrap.

        Returns
        -------
        Estimate
            In the unit of the reference; half way between guessing and the best that the model does. Where
            no function fits, most often because all answers are right or rise in one step, it is an upper bound,
            named ``threshold at most``: the smallest difference from which on three of four trials are right; hold
            it by ``<=``. NaN with a reason where the answers tell neither.

        Raises
        ------
        UsageError
            If a stimulus has no reference value that is a number, or there are fewer than 3 distinct differences
            (4 where the lapse rate is free).
        """
        check_referenced(self._group_of, reference)
        found = threshold_of(self._choices(), reference, lapse=lapse, replicates=replicates, seed=seed)
        return shortfall_with(self.shortfall(), reference, "reference").mark(found)


def first_of(every: Iterable[Comparisons]) -> Shortfall:
    """Return the first shortfall among several sets, with the name of its model; an empty one if there is none."""
    for each in every:
        found = each.shortfall()
        if found.reason:
            return replace(found, reason=f"{each.model}: {found.reason}")
    return Shortfall()


def numbered(names: Iterable[str]) -> list[str]:
    """Return names that all differ: the second of one name gets a 2."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
