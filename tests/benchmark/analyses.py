"""How long the analyses of one experiment take, from answers that are there: processor seconds, imports aside.

    python tests/benchmark/analyses.py

10 scenes of 7 renderings, 21 pairs each, 3 attributes, 3 repeats in both orders; every analysis of results with 2,000
replicates. Then one psychometric fit with 400 replicates. Each five times: the median and the longest.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes import FakeModel, World

from pytest_vlmperception import Question, Reply, Stimulus
from pytest_vlmperception.analysis import fit_psychometric
from pytest_vlmperception.records import Picture
from pytest_vlmperception.results import Comparisons
from pytest_vlmperception.verbs import VisionModel

RUNS = 5
SCENES, RENDERINGS, REPEATS = 10, 7, 3
ATTRIBUTES = ("contrast", "colorfulness", "preference")


class AllAtOnce:
    """Look-ahead as in a test's body."""

    def ahead(self, items):
        return items

    def reader(self):
        return ""

    def saw(self, answers, item):
        pass


def stimulus(scene: int, number: int) -> Stimulus:
    """A rendering, whose look is its place and a scramble of it."""
    name = f"{scene} {number} {(3 * number) % RENDERINGS}"
    reference = {"contrast": float(number), "colorfulness": float((3 * number) % RENDERINGS)}
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": f"{scene}"}, reference)


def answer(question: Question) -> Reply:
    """Answer by a weighted sum of the look with noise, the same to the same question."""
    weights = {"contrast": (1.0, 0.0), "colorfulness": (0.0, 1.0), "preference": (0.4, 0.6)}[question.prompt.split()[0]]
    looks = [np.array(picture.bytes.split()[1:], dtype=float) for picture in question.pictures]
    key = [question.repeat, *b" ".join(picture.bytes for picture in question.pictures)]
    first, second = (float(look @ weights) for look in looks)
    return Reply("answered", "A" if first - second + np.random.default_rng(key).normal() > 0 else "B")


def compared(folder: Path) -> Iterator[dict[str, Comparisons]]:
    """Let two models answer, and wait for every answer."""
    stimuli = [[stimulus(scene, number) for number in range(RENDERINGS)] for scene in range(SCENES)]
    pairs = [pair for scene in stimuli for pair in itertools.combinations(scene, 2)]
    for number in range(2):
        with World(folder / f"{number}", FakeModel(answer), "run") as world:
            model = VisionModel(world.caller, AllAtOnce())
            found = {name: model.compare(pairs, f"{name} {number}", repeats=REPEATS) for name in ATTRIBUTES}
            for comparisons in found.values():
                comparisons.wait()
            yield found


def analyse(one: Mapping[str, Comparisons], other: Mapping[str, Comparisons]) -> None:
    """Make every number of the experiment."""
    for name, comparisons in one.items():
        level = {each: each.reference.get(name, each.reference["contrast"]) for pair in comparisons for each in pair}
        scale = comparisons.scale()
        for coefficient in (scale.spearman, scale.kendall, scale.pearson):
            coefficient(level)
        comparisons.scale(method="bradley_terry", prior=0.1)
        comparisons.validity()
        comparisons.order_bias()
        comparisons.variability()
        comparisons.inter_variability(other[name])
        comparisons.separability(level)
    attributes = {name: one[name].scale() for name in ATTRIBUTES[:2]}
    one["preference"].scale().weights(attributes).dominance("colorfulness", "contrast")


def fit() -> None:
    """Fit one psychometric function."""
    levels = [0.03, 0.06, 0.1, 0.15, 0.22, 0.3]
    fit_psychometric(np.log(levels), [19, 24, 28, 32, 34, 36], [36] * 6, guess=0.5, replicates=400)


def seconds(work: Callable[[], None]) -> list[float]:
    """Return the processor time of each run, after one that loads what is needed."""
    work()
    taken = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return taken


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = compared(Path(folder))
    for name, work in {"all analyses": lambda: analyse(one, other), "psychometric fit": fit}.items():
        taken = seconds(work)
        print(f"{name}: {median(taken):.2f} s, at most {max(taken):.2f} s")


if __name__ == "__main__":
    main()
