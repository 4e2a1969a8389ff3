"""What marks, parameters and options say of single tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from pytest_vlmperception.durable import Variant
from pytest_vlmperception.errors import PerceptionError, choices_hint
from pytest_vlmperception.gate import POLICIES
from pytest_vlmperception.lookahead import params_of
from pytest_vlmperception.tasks import PromptFolder, read_prompt

__all__ = ["check_prompts", "is_reference", "margin_of", "policy_of", "prompts_of", "suite_folders"]

NOTHING: Mapping[str, Path] = MappingProxyType({})


def is_reference(item: Any) -> bool:
    """Tell whether a test only shows what a model under test is held against."""
    model = params_of(item).get("vlm")
    return isinstance(model, Variant) and model.reference


def policy_of(item: pytest.Item, default: str) -> str:
    """Return the policy of a test's mark ``vlm_gate``, or the run's.

    Raises
    ------
    pytest.UsageError
        If the mark names none.
    """
    value = argument_of(item, "vlm_gate")
    if value is None:
        return default
    if value not in POLICIES:
        hint = choices_hint(str(value), POLICIES)
        raise pytest.UsageError(f"{item.nodeid}: mark vlm_gate({value!r}): there is no such policy; {hint}")
    return str(value)


def margin_of(item: pytest.Item) -> float | None:
    """Return the margin of a test's mark ``vlm_margin``; None for the run's.

    Raises
    ------
    pytest.UsageError
        If the mark gives none.
    """
    value = argument_of(item, "vlm_margin")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value >= 0):
        raise pytest.UsageError(f"{item.nodeid}: mark vlm_margin({value!r}): expected a number of at least 0")
    return float(value)


def argument_of(item: pytest.Item, name: str) -> Any:
    """Return the one argument of a test's mark; None without the mark."""
    marker = item.get_closest_marker(name)
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs or marker.args[0] is None:
        given = ", ".join([*map(repr, marker.args), *(f"{key}={value!r}" for key, value in marker.kwargs.items())])
        raise pytest.UsageError(f"{item.nodeid}: mark {name}({given}): expected one value")
    return marker.args[0]


def check_prompts(replaced: Mapping[str, Path], items: Sequence[pytest.Item]) -> None:
    """Refuse a prompt that replaces none of the selected suites' own.

    Raises
    ------
    pytest.UsageError
        If there is none of that name, or its file is no prompt.
    """
    if not replaced:
        return
    suites = [prompts_of(*place) for place in {(item.path.parent, item.config.rootpath) for item in items}]
    for name, path in replaced.items():
        try:
            found = [suite[name] for suite in suites if declares(suite, name)]
            read_prompt(path)
        except PerceptionError as error:
            raise pytest.UsageError(f"--vlm-prompt={name}={path}: {error}") from None
        if not found:
            known = {known for suite in suites for known in suite}
            hint = choices_hint(name, known)
            raise pytest.UsageError(f"--vlm-prompt={name}: no selected test has a prompt of that name; {hint}")


def declares(suite: PromptFolder, name: str) -> bool:
    """Tell whether a suite has a prompt, by the name of its file or one that it declares."""
    return name in suite or any(suite[each].name == name for each in suite)


def prompts_of(folder: Path, root: Path, replaced: Mapping[str, Path] = NOTHING) -> PromptFolder:
    """Return the prompts of the tests in a folder, the nearest first."""
    folders = [above / "prompts" for above in suite_folders(folder, root)]
    return PromptFolder(*(each for each in folders if each.is_dir()), replaced=replaced)


def suite_folders(folder: Path, root: Path) -> list[Path]:
    """Return the folder of a test file and those above it, up to rootdir."""
    if folder.is_relative_to(root):
        return [folder, *(above for above in folder.parents if above.is_relative_to(root))]
    return [folder, *(above for above in folder.parents if (above / "__init__.py").is_file())]
