"""How fast the plugin asks: whole pytest processes against a loopback server, beside the same work by hand.

    python tests/benchmark/measure.py                                  # everything, five runs each
    python tests/benchmark/measure.py --runs 3 --scenario one-cold-n0 --scenario capped-n0

Each scenario prints one line for pytest and one for what it is held against, run in turns so that a machine that gets
slower meanwhile slows both: `by_hand.py`, or pytest with one empty test where every answer is stored. "x ideal" is
the time over questions x latency / concurrency, or over questions / cap. "span" goes from the first byte of the first
request to the last reply, as the server sees it. "calls" are requests, "again" answers beyond one for each question,
"wrong" answers that are not the right ones, or lost. Times and memory are medians; `again`, `wrong` and the rejected
are of the worst run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from processes import HERE, Process, Server, run, serving

CONCURRENCY = 32
FAST: Mapping[str, float] = {"latency": 0.0, "cap": 0.0, "error_rate": 0.0, "drop_rate": 0.0}


@dataclass(frozen=True)
class Work:
    """What is asked: pairs of pictures, each pair some times."""

    questions: int = 600
    repeats: int = 1
    pictures: int = 400
    side: int = 512
    size: int = 40_000

    @property
    def calls(self) -> int:
        """How many answers it takes."""
        return self.questions * self.repeats

    def folder(self, below: Path) -> Path:
        """Return the folder with this work, made at first use."""
        folder = below / "-".join(map(str, vars(self).values()))
        if not folder.exists():
            options = [f"--{name}={value}" for name, value in vars(self).items()]
            made = run([sys.executable, HERE / "data.py", folder, *options], below)
            check(made, made.exit_code == 0)
        return folder


SMALL = Work(questions=1000, repeats=10, pictures=2000, side=64, size=2_000)


@dataclass(frozen=True)
class Scenario:
    """One situation.

    Attributes
    ----------
    says : str
        What it is.
    suite : str
        ``one`` test of all questions or ``many`` of one question each.
    workers : int
        pytest-xdist's ``-n``.
    stored : bool
        Whether every answer is stored before the run.
    server : mapping
        The server's settings, where they are not the usual ones.
    work : Work
        What is asked.
    """

    says: str
    suite: str = "one"
    workers: int = 0
    stored: bool = False
    server: Mapping[str, float] | None = None
    work: Work = Work()

    @property
    def settings(self) -> Mapping[str, float]:
        """All settings of the server."""
        return {**FAST, "latency": 0.2, **(self.server or {})}

    @property
    def ideal_s(self) -> float:
        """Seconds that the server alone would take."""
        cap = self.settings["cap"]
        by_latency = self.work.calls * self.settings["latency"] / CONCURRENCY
        return 0.0 if self.stored else max(by_latency, self.work.calls / cap if cap else 0.0)


SUITES = {"one": "one test of all questions", "many": "one question a test, made in a module fixture"}
FAULTS: Mapping[str, float] = {"error_rate": 0.02, "drop_rate": 0.01}
SCENARIOS = {
    **{
        f"{suite}-{'warm' if stored else 'cold'}-n{workers}": Scenario(
            f"{says}, {'every answer stored' if stored else 'nothing stored'}", suite, workers, stored
        )
        for suite, says in SUITES.items()
        for stored in (False, True)
        for workers in (0, 2)
    },
    "capped-n0": Scenario("60 requests a second at most, 429 with Retry-After 1 above", server={"cap": 60.0}),
    "capped-n2": Scenario("the same with two workers", "many", 2, server={"cap": 60.0}),
    "faults-n0": Scenario("2 % of the answers a 500, 1 % dropped connections", server=FAULTS),
    "faults-n2": Scenario("the same with two workers", "many", 2, server=FAULTS),
    "stored-10k": Scenario("10,000 stored answers", stored=True, work=replace(SMALL, questions=10_000, repeats=1)),
}
MEMORY = "memory"


@dataclass(frozen=True)
class Sample:
    """One run of one contestant."""

    process: Process
    seen: Mapping[str, Any]
    wrong: int


def check(process: Process, good: bool) -> None:
    """End the program with what the process printed, unless it is good."""
    if not good:
        raise SystemExit(f"a command ended with exit code {process.exit_code}:\n{process.output[-2000:]}")


def pytest_command(suite: str, workers: int, server: Server, store: Path) -> list[str | Path]:
    """Return the command line of a run of one of the suites."""
    model = f"openai/loopback?base_url={server.base_url}&max_tokens=1"
    ours: list[str | Path] = ["--vlm-model", model, "--vlm-cache-dir", store, "--vlm-concurrency", str(CONCURRENCY)]
    spread = ["-n", str(workers)] if workers else []
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *spread, *ours]


def measured(command: list[str | Path], place: Path, server: Server, settings: Mapping[str, float]) -> Sample:
    """Run a command against the server, and count what came out wrong."""
    wrong = place.parent / "wrong.txt"
    wrong.unlink(missing_ok=True)
    server.reset(settings)
    process = run(command, place)
    lost = len(wrong.read_text(encoding="utf-8").splitlines()) if wrong.exists() else 0
    # pytest ends with 1 where answers are wrong; whatever else goes wrong is no measurement.
    check(process, process.exit_code == 0 or (process.exit_code == 1 and lost > 0))
    return Sample(process, server.stats(), lost)


def ask_with_pytest(scenario: Scenario, folder: Path, server: Server) -> Sample:
    """Run the suite; without stored answers unless they are part of the scenario."""
    store = folder / "store"
    if not scenario.stored:
        shutil.rmtree(store, ignore_errors=True)
    command = pytest_command(scenario.suite, scenario.workers, server, store)
    return measured(command, folder / scenario.suite, server, scenario.settings)


def ask_by_hand(scenario: Scenario, folder: Path, server: Server) -> Sample:
    """Run the script."""
    command: list[str | Path] = [sys.executable, HERE / "by_hand.py", folder, server.base_url, str(CONCURRENCY)]
    return measured(command, folder / scenario.suite, server, scenario.settings)


def ask_nothing(scenario: Scenario, folder: Path, server: Server) -> Sample:
    """Run one empty test."""
    command: list[str | Path] = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return measured(command, folder / "empty", server, scenario.settings)


def in_turns(runs: int, ask: Callable[[], Sample], rival: Callable[[], Sample]) -> tuple[list[Sample], list[Sample]]:
    """Run both as often as asked, each first in every other round."""
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(runs):
        order = [(samples[0], ask), (samples[1], rival)]
        for taken, contestant in order if number % 2 == 0 else reversed(order):
            taken.append(contestant())
    return samples


HEAD = (
    f"  {'':<10}{'wall s: min':>11}{'median':>8}{'max':>8}{'x ideal':>9}{'span s':>8}{'x ideal':>9}{'in flight':>11}"
    f"{'CPU s':>8}{'ms/call':>9}{'peak MB':>9}{'calls':>8}{'429':>6}{'distinct':>10}{'again':>7}{'wrong':>7}"
)


def line(name: str, samples: list[Sample], ideal_s: float, calls: int) -> str:
    """Return one line of the table; a dash where there is nothing to divide by."""
    walls = [sample.process.wall_s for sample in samples]
    wall_s, cpu_s = median(walls), median(sample.process.cpu_s for sample in samples)
    peak_mb = median(sample.process.peak_mb for sample in samples)
    seen = [sample.seen for sample in samples]
    span_s = median(stats["span_s"] for stats in seen)
    asked = any(stats["requests"] for stats in seen)
    again = max(stats["answered"] for stats in seen) - calls
    return (
        f"  {name:<10}{min(walls):>11.2f}{wall_s:>8.2f}{max(walls):>8.2f}{ratio(wall_s, ideal_s):>9}"
        f"{f'{span_s:.2f}' if asked else '-':>8}{ratio(span_s, ideal_s if asked else 0):>9}"
        f"{max(stats['max_in_flight'] for stats in seen):>11}{cpu_s:>8.2f}"
        f"{f'{1000 * cpu_s / calls:.2f}' if asked else '-':>9}{peak_mb:>9.0f}"
        f"{median(stats['requests'] for stats in seen):>8.0f}{max(stats['rejected'] for stats in seen):>6}"
        f"{min(stats['distinct'] for stats in seen):>10}{max(again, 0):>7}{max(each.wrong for each in samples):>7}"
    )


def ratio(value: float, ideal: float) -> str:
    """Return a ratio as text."""
    return f"{value / ideal:.2f}" if ideal else "-"


def spread(values: list[float]) -> str:
    """Return the smallest, the median and the largest as text."""
    return f"{min(values):.2f} / {median(values):.2f} / {max(values):.2f}"


def compared(name: str, scenario: Scenario, runs: int, below: Path, server: Server) -> Iterator[str]:
    """Run a scenario and yield its lines."""
    folder = scenario.work.folder(below)
    ask = partial(ask_with_pytest, scenario, folder, server)
    ideal = f"; ideal {scenario.ideal_s:.2f} s" if scenario.ideal_s else ""
    yield f"\n{name}: {scenario.says} ({scenario.work.calls} questions{ideal})"
    yield HEAD
    if scenario.stored:
        measured(pytest_command("one", 0, server, folder / "store"), folder / "one", server, FAST)
        own, other = in_turns(runs, ask, partial(ask_nothing, scenario, folder, server))
        rival = "empty test"
    else:
        own, other = in_turns(runs, ask, partial(ask_by_hand, scenario, folder, server))
        rival = "by hand"
    yield line("pytest", own, scenario.ideal_s, scenario.work.calls)
    yield line(rival, other, scenario.ideal_s, scenario.work.calls)
    walls = [(a.process.wall_s, b.process.wall_s) for a, b in zip(own, other, strict=True)]
    if scenario.stored:
        yield f"  seconds more than an empty test, run by run: {spread([a - b for a, b in walls])}"
    else:
        yield f"  pytest over by hand, run by run: {spread([a / b for a, b in walls])}"


def memory(questions: int, below: Path, server: Server) -> Iterator[str]:
    """Ask few and many repeats of the same pairs once each; yield what a further question takes."""
    yield f"\n{MEMORY}: many repeats of {SMALL.questions} pairs of {SMALL.pictures} pictures, no latency"
    yield HEAD
    peaks = []
    for calls in (questions // 10, questions):
        work = replace(SMALL, repeats=max(1, calls // SMALL.questions))
        scenario = Scenario("", server=FAST, work=work)
        sample = ask_with_pytest(scenario, work.folder(below), server)
        peaks.append((work.calls, sample.process.peak_mb))
        yield line(f"{work.calls}", [sample], 0.0, work.calls)
    (few, small_mb), (many, large_mb) = peaks
    yield f"  bytes a further question, its reply included: {1e6 * (large_mb - small_mb) / (many - few):.0f}"


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*SCENARIOS, MEMORY]
    parser.add_argument("--runs", type=int, default=5, help="of each contestant; memory runs once (default: 5)")
    parser.add_argument("--scenario", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--questions", type=int, default=100_000, help="for memory: how many (default: 100000)")
    given = parser.parse_args()
    if given.runs < 1 or given.questions < 10 * SMALL.questions:
        parser.error(f"expected at least 1 run and {10 * SMALL.questions} questions")
    with TemporaryDirectory(prefix="benchmark-") as below, serving() as server:
        for name in given.scenario or names:
            if name == MEMORY:
                lines = memory(given.questions, Path(below), server)
            else:
                lines = compared(name, SCENARIOS[name], given.runs, Path(below), server)
            for text in lines:
                print(text, flush=True)


if __name__ == "__main__":
    main()
