"""Command-line options and their ini twins, declared in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

__all__ = [
    "COLLECTOR",
    "DEADLINE_S",
    "MODEL_FIXTURES",
    "OPTIONS",
    "SHARED",
    "Settings",
    "add_options",
    "given_by_user",
    "settings_of",
]

DEFAULT_MODEL = "observer"

# Fixtures that make a test one of a model.
MODEL_FIXTURES = frozenset({"vlm", "vlms"})

# Under this name data travel between the processes of a run, and into JUnit XML.
SHARED = "vlmperception"

# Seconds after which a call in flight is not waited for any longer when a run ends.
DEADLINE_S = 150.0

# Name of the plugin that gathers the reports of all processes.
COLLECTOR = "vlmperception-collector"


@dataclass(frozen=True)
class Option:
    """One option: ``--vlm-NAME`` on the command line, ``vlm_NAME`` in the ini file."""

    name: str
    help: str
    default: str = ""
    choices: Sequence[str] = ()
    metavar: str = ""
    many: bool = False
    flag: bool = False

    @property
    def dest(self) -> str:
        """Name of the ini value and of the parsed option."""
        return "vlm_" + self.name.replace("-", "_")


OPTIONS = (
    Option(
        "model",
        "model under test, as provider/model?parameter=value or a name of [tool.pytest_vlmperception.models]; "
        f"repeat it to test several (default: {DEFAULT_MODEL}, built in, needs no key)",
        metavar="NAME",
        many=True,
    ),
    Option(
        "cache",
        "use stored answers (default), refresh all, refresh those refused or cut off, or keep nothing",
        default="use",
        choices=("use", "refresh", "refresh-failed", "off"),
    ),
    Option("cache-dir", "where answers are stored (default: .vlm/cache below rootdir)", metavar="DIR"),
    Option("record", "write the replies of the run to a file that --vlm-replay reads", metavar="PATH"),
    Option("replay", "answer from a recording only: no call, no key, no store", metavar="PATH"),
    Option("explain-miss", "say what differs where a question is not in the recording", flag=True),
    Option("plan", "make no call: say what the selected tests would ask, and what it costs", flag=True),
    Option("budget", "US dollars that the run may spend, over all workers", metavar="USD"),
    Option("max-calls", "calls that the run may make, over all workers", metavar="N"),
    Option("concurrency", "calls in flight at most, per model, over all workers", default="32", metavar="N"),
    Option(
        "unavailable",
        "whether a test whose answers cannot be had fails (default) or is skipped",
        default="fail",
        choices=("fail", "skip"),
    ),
    Option(
        "gate",
        "what is held against a threshold: the value (point, default), the near bound of its interval "
        "(confident), or the far one (tolerant)",
        default="point",
        choices=("point", "confident", "tolerant"),
    ),
    Option(
        "valid-share",
        "share of valid trials below which a statistic is inconclusive, unless a test states its own (default: 0.9)",
        default="0.9",
        metavar="X",
    ),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare all options and their ini twins."""
    group = parser.getgroup("vlmperception", "perception tests of vision-language models")
    for option in OPTIONS:
        extra: dict[str, Any] = {"action": "append"} if option.many else {}
        kind: Literal["args", "bool", "string"] = "args" if option.many else "bool" if option.flag else "string"
        if option.flag:
            extra["action"] = "store_true"
        if option.choices:
            extra["choices"] = option.choices
        elif option.metavar:
            extra["metavar"] = option.metavar
        group.addoption(f"--vlm-{option.name}", dest=option.dest, default=None, help=option.help, **extra)
        parser.addini(option.dest, f"ini twin of --vlm-{option.name}", type=kind)


@dataclass(frozen=True)
class Settings:
    """The options' values.

    Attributes
    ----------
    models : tuple of str
        Models under test, as named by the user.
    cache, cache_dir, concurrency, unavailable, gate, record, replay, explain_miss, plan, budget, max_calls,
    valid_share :
        As the options of these names; None where not given.
    """

    models: tuple[str, ...]
    cache: str
    cache_dir: Path
    concurrency: int
    unavailable: str
    gate: str
    record: Path | None = None
    replay: Path | None = None
    explain_miss: bool = False
    plan: bool = False
    budget: float | None = None
    max_calls: int | None = None
    valid_share: float = 0.9


def is_default(settings: Settings, config: pytest.Config) -> bool:
    """Tell whether nothing was asked for that needs a check before collection."""
    return settings == Settings((DEFAULT_MODEL,), "use", config.rootpath / ".vlm/cache", 32, "fail", "point")


def settings_of(config: pytest.Config) -> Settings:
    """Return the options' values: the command line before the ini file before the default.

    Raises
    ------
    pytest.UsageError
        If a value cannot be used.
    """
    values = {option.name: value_of(config, option) for option in OPTIONS}
    if values["replay"] and (values["record"] or values["plan"] or values["cache"] != "use"):
        raise pytest.UsageError("--vlm-replay uses no store: give no --vlm-record, --vlm-plan or --vlm-cache with it")
    try:
        cache_dir = Path(values["cache-dir"] or ".vlm/cache").expanduser()
    except RuntimeError as error:
        raise pytest.UsageError(f"--vlm-cache-dir={values['cache-dir']!r}: {error}; give another folder") from None
    return Settings(
        models=tuple(dict.fromkeys(values["model"])) or (DEFAULT_MODEL,),
        cache=values["cache"],
        cache_dir=config.rootpath / cache_dir,
        concurrency=whole("concurrency", values["concurrency"], 99_999),
        unavailable=values["unavailable"],
        gate=values["gate"],
        record=config.rootpath / values["record"] if values["record"] else None,
        replay=config.rootpath / values["replay"] if values["replay"] else None,
        explain_miss=values["explain-miss"],
        plan=values["plan"],
        budget=dollars(values["budget"]) if values["budget"] else None,
        max_calls=whole("max-calls", values["max-calls"], 10**9) if values["max-calls"] else None,
        valid_share=fraction("valid-share", values["valid-share"]),
    )


def whole(name: str, text: str, most: int) -> int:
    """Return an option's value as a number from 1 to `most`."""
    if not re.fullmatch("0*[1-9][0-9]{0,9}", text) or int(text) > most:
        raise pytest.UsageError(f"--vlm-{name}={text[:20]!r}: expected a whole number from 1 to {most}")
    return int(text)


def fraction(name: str, text: str) -> float:
    """Return an option's value as a number from 0 to 1."""
    if not re.fullmatch(r"0|1|1\.0{1,9}|0?\.[0-9]{1,9}", text):
        raise pytest.UsageError(f"--vlm-{name}={text[:20]!r}: expected a number from 0 to 1")
    return float(text)


def dollars(text: str) -> float:
    """Return the budget as a positive number."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise pytest.UsageError(f"--vlm-budget={text[:20]!r}: expected US dollars such as 2.50")
    return float(text)


def value_of(config: pytest.Config, option: Option) -> Any:
    """Return one option's value."""
    value = config.getoption(option.dest)
    if value is None:
        value = config.getini(option.dest) or ([] if option.many else False if option.flag else option.default)
        if option.choices and value not in option.choices:
            expected = ", ".join(option.choices)
            raise pytest.UsageError(f"ini value {option.dest} = {value!r}: expected one of {expected}")
    return value


def given_by_user(config: pytest.Config, text: str) -> bool:
    """Tell whether `text` was typed on the command line or is in the environment.

    What stands in a file that came with the suite, ``addopts`` included, was not.
    """
    typed = [str(argument) for argument in config.invocation_params.args]
    return any(text in argument for argument in [*typed, os.environ.get("PYTEST_ADDOPTS", "")])
