"""Command-line options and their ini twins, declared in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

import pytest

__all__ = [
    "COLLECTOR",
    "DATA_FIXTURES",
    "DEADLINE_S",
    "MARKERS",
    "MODEL_FIXTURES",
    "OPTIONS",
    "SHARED",
    "TESTED",
    "Against",
    "Settings",
    "add_options",
    "given_by_user",
    "settings_of",
]

DEFAULT_MODEL = "observer"
DEFAULT_IMAGE_MODEL = "painter"

# Fixtures whose tests run once for each model.
TESTED = ("image_model", "vlm")

# Fixtures that make a test one of a model.
MODEL_FIXTURES = frozenset({"image_models", "judge", "vlms", *TESTED})

# Fixtures that skip a test whose data set was not given.
DATA_FIXTURES = frozenset({"prompt_sets", "stimuli", "votes"})

# Under this name data travel between the processes of a run, and into JUnit XML.
SHARED = "vlmperception"

# Marks of single tests.
MARKERS = (
    "vlm_gate(policy): hold the test's estimates against their thresholds by 'point', 'confident' or 'tolerant'",
    "vlm_margin(margin): by how much the test's estimates may be worse than what they are compared with",
)

# Seconds after which a call in flight is not waited for any longer when a run ends.
DEADLINE_S = 150.0

# Name of the plugin that gathers the reports of all processes.
COLLECTOR = "vlmperception-collector"


@dataclass(frozen=True)
class Option:
    """One option: ``--vlm-NAME`` on the command line, ``vlm_NAME`` in the ini file.

    The ini value of one with `many` values has them apart by blanks, or by `lines`.
    """

    name: str
    help: str
    default: str = ""
    choices: Sequence[str] = ()
    metavar: str = ""
    many: bool = False
    flag: bool = False
    lines: bool = False

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
        "image-model",
        "image generator under test, named as a model is; repeat it to test several "
        f"(default: {DEFAULT_IMAGE_MODEL}, built in, needs no key)",
        metavar="NAME",
        many=True,
    ),
    Option(
        "judge",
        "model that grades what others have made (default: observer), or reads it (no default)",
        metavar="NAME",
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
    Option("explain-miss", "say what differs where a question is not in the store or recording", flag=True),
    Option("json", "write what the run found to a file, as JSON (relative to rootdir)", metavar="FILE"),
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
        "against",
        "also hold every estimate against another model, a baseline, or the suite's own prompts where others are given",
        metavar="model:NAME|baseline:NAME|prompt:default",
    ),
    Option(
        "margin",
        "by how much an estimate may be worse, in its own unit (default: 0.05; ratios on the log scale: 0.1)",
        metavar="X",
    ),
    Option("save", "write what is measured as a new baseline", metavar="NAME"),
    Option("bless", "write what is measured in place of a baseline, whose history is kept", metavar="NAME"),
    Option("reason", "why a baseline is replaced, for its history", metavar="TEXT"),
    Option(
        "prompt",
        "use the prompt in a file where the suites use the one of this name; repeat it for several",
        metavar="NAME=FILE",
        many=True,
        lines=True,
    ),
    Option(
        "data",
        "where a data set lies that the suites name, as NAME=PATH; repeat it for several, one a line in the ini file",
        metavar="NAME=PATH",
        many=True,
        lines=True,
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
        if option.flag:
            extra["action"] = "store_true"
        if option.choices:
            extra["choices"] = option.choices
        elif option.metavar:
            extra["metavar"] = option.metavar
        group.addoption(f"--vlm-{option.name}", dest=option.dest, default=None, help=option.help, **extra)
        parser.addini(option.dest, f"ini twin of --vlm-{option.name}", type=ini_type(option))


def ini_type(option: Option) -> Literal["args", "bool", "linelist", "string"]:
    """Return the type of an option's ini value."""
    if option.many:
        return "linelist" if option.lines else "args"
    return "bool" if option.flag else "string"


@dataclass(frozen=True)
class Against:
    """What the models under test are held against: ``model:NAME``, ``baseline:NAME`` or ``prompt:default``."""

    kind: Literal["model", "baseline", "prompt"]
    name: str

    def __str__(self) -> str:
        return "the suite's own prompts" if self.kind == "prompt" else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Settings:
    """The options' values.

    Attributes
    ----------
    models : tuple of str
        Models under test, as named by the user.
    cache, cache_dir, concurrency, unavailable, gate, record, replay, explain_miss, plan, budget, max_calls,
    valid_share, judge, margin, save, bless, reason, json :
        As the options of these names; None where not given.
    against : Against or None
        What estimates are held against.
    prompts : mapping of str to Path
        Files of the prompts that are used instead of the suites' prompts of these names.
    data : mapping of str to Path
        Where the data sets of these names lie.
    image_models : tuple of str
        Image generators under test, as named by the user.
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
    data: Mapping[str, Path] = field(default_factory=dict)
    valid_share: float = 0.9
    judge: str | None = None
    image_models: tuple[str, ...] = (DEFAULT_IMAGE_MODEL,)
    against: Against | None = None
    margin: float | None = None
    save: str | None = None
    bless: str | None = None
    reason: str | None = None
    prompts: Mapping[str, Path] = field(default_factory=dict)
    json: Path | None = None

    @property
    def all_models(self) -> tuple[str, ...]:
        """All models that may be asked, as named by the user."""
        more = (self.judge, self.old_model)
        return tuple(dict.fromkeys((*self.models, *(name for name in more if name is not None))))

    @property
    def old_model(self) -> str | None:
        """The model that those under test are held against; None where there is none."""
        return self.against.name if self.against is not None and self.against.kind == "model" else None

    @property
    def measures(self) -> bool:
        """Whether estimates are kept, to be compared or written down."""
        return bool(self.against or self.save or self.bless)

    @property
    def named_image_models(self) -> tuple[str, ...]:
        """Image generators that the user has named: the default needs no check and costs nothing."""
        return tuple(name for name in self.image_models if name != DEFAULT_IMAGE_MODEL)


def is_default(settings: Settings, config: pytest.Config) -> bool:
    """Tell whether nothing was asked for that needs a check before collection."""
    defaults = Settings((DEFAULT_MODEL,), "use", config.rootpath / ".vlm/cache", 32, "fail", "point")
    return replace(settings, data=defaults.data) == defaults


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
    check_upgrade(values)
    if values["json"] and values["json"] == values["record"]:
        raise pytest.UsageError(
            f"--vlm-json and --vlm-record both name {values['json']!r}; give each a file of its own"
        )
    if values["explain-miss"] and values["cache"] != "use":
        raise pytest.UsageError("--vlm-explain-miss says why answers are not in the store: give no --vlm-cache with it")
    return Settings(
        models=tuple(dict.fromkeys(values["model"])) or (DEFAULT_MODEL,),
        cache=values["cache"],
        cache_dir=config.rootpath / from_home("cache-dir", values["cache-dir"] or ".vlm/cache"),
        concurrency=whole("concurrency", values["concurrency"], 99_999),
        unavailable=values["unavailable"],
        gate=values["gate"],
        record=config.rootpath / values["record"] if values["record"] else None,
        replay=config.rootpath / values["replay"] if values["replay"] else None,
        explain_miss=values["explain-miss"],
        plan=values["plan"],
        budget=dollars(values["budget"]) if values["budget"] else None,
        max_calls=whole("max-calls", values["max-calls"], 10**9) if values["max-calls"] else None,
        data=paths_of(config, "data", "tid2013=/data/tid2013"),
        valid_share=fraction("valid-share", values["valid-share"]),
        judge=values["judge"] or None,
        against=against_of(values["against"]) if values["against"] else None,
        margin=margin_of(values["margin"]) if values["margin"] else None,
        save=values["save"] or None,
        bless=values["bless"] or None,
        reason=values["reason"] or None,
        prompts=paths_of(config, "prompt", "describe=new.md"),
        image_models=tuple(dict.fromkeys(values["image-model"])) or (DEFAULT_IMAGE_MODEL,),
        json=config.rootpath / values["json"] if values["json"] else None,
    )


def from_home(name: str, text: str) -> Path:
    """Return an option's value as a path, a leading ``~`` replaced."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise pytest.UsageError(f"--vlm-{name}={text!r}: {error}; give another path") from None


def check_upgrade(values: Mapping[str, Any]) -> None:
    """Refuse options of baselines and upgrades that contradict each other."""
    if values["save"] and values["bless"]:
        raise pytest.UsageError("--vlm-save writes a new baseline, --vlm-bless replaces one: give one of the two")
    if values["bless"] and not (values["reason"] or "").strip():
        raise pytest.UsageError('--vlm-bless replaces a baseline: say why, with --vlm-reason="..."')
    if values["reason"] and not values["bless"]:
        raise pytest.UsageError("--vlm-reason says why a baseline is replaced: give --vlm-bless=NAME with it")
    if values["against"] == "prompt:default" and not values["prompt"]:
        raise pytest.UsageError("--vlm-against=prompt:default compares prompts: give --vlm-prompt=NAME=FILE with it")


def against_of(text: str) -> Against:
    """Return what estimates are held against."""
    kind, _, name = text.partition(":")
    if (kind in ("model", "baseline") and name.strip()) or text == "prompt:default":
        return Against(cast(Literal["model", "baseline", "prompt"], kind), name.strip())
    raise pytest.UsageError(f"--vlm-against={text[:80]!r}: expected model:NAME, baseline:NAME or prompt:default")


def margin_of(text: str) -> float:
    """Return the margin as a number of at least 0."""
    if not re.fullmatch(r"[0-9]{0,9}\.?[0-9]{1,9}", text):
        raise pytest.UsageError(f"--vlm-margin={text[:20]!r}: expected a number of at least 0, such as 0.05")
    return float(text)


def paths_of(config: pytest.Config, option: str, example: str) -> dict[str, Path]:
    """Return paths by name: those of the command line, relative to where it was typed, before the ini file's."""
    typed = config.getoption(f"vlm_{option}") or []
    ini = named_paths(option, example, config.getini(f"vlm_{option}"), config.rootpath)
    return ini | named_paths(option, example, typed, config.invocation_params.dir)


def named_paths(option: str, example: str, texts: Sequence[str], base: Path) -> dict[str, Path]:
    """Return paths by name of texts NAME=PATH."""
    paths: dict[str, Path] = {}
    for text in texts:
        name, _, given = (part.strip() for part in text.partition("="))
        where = f"--vlm-{option}={text!r}"
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", name) or not given:
            raise pytest.UsageError(f"{where}: expected NAME=PATH, such as {example}")
        path = base / from_home(option, given)
        if paths.setdefault(name, path) != path:
            raise pytest.UsageError(f"{where}: {name!r} has another path, too; give each name one path")
        if not is_there(path):
            raise pytest.UsageError(f"{where}: there is no file or folder {str(path)!r}; correct the path")
    return paths


def is_there(path: Path) -> bool:
    """Tell whether there is something at a path, which no file system may be able to have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


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
