"""Loading modules without pytest's look at each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pytest

__all__ = ["load_unchanged"]

OURS = f"{__package__}."

# Of hundreds of modules, each of which pytest would look at to see whether it is a test.
LARGE = ("anthropic.", "google.genai.", "numpy.", "openai.", "pydantic.", "scipy.")


class Unchanged(MetaPathFinder):
    """Finds modules as if pytest's hook, which rewrites asserts, was not there.

    pytest rewrites all modules that come with a plugin. Ours have no asserts that a user could see fail, and a
    rewritten module takes longer to read; where nothing can be cached, each run would rewrite all.

    Parameters
    ----------
    hook : finder
        pytest's; whoever comes before or after it is asked as ever.
    """

    def __init__(self, hook: Any) -> None:
        self._hook = hook

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is to be loaded as it is; None for any other."""
        if not fullname.startswith((OURS, *LARGE)) or is_test(fullname) or self._hook not in sys.meta_path:
            return None
        after = sys.meta_path[sys.meta_path.index(self._hook) + 1 :]
        # Like Python's own import, which passes over finders of older times.
        specs = (finder.find_spec(fullname, path, target) for finder in after if hasattr(finder, "find_spec"))
        return next((spec for spec in specs if spec is not None), None)


def is_test(module: str) -> bool:
    """Tell whether a module may have asserts that are to be rewritten."""
    return any(part.startswith(("test", "conftest")) or part.endswith("_test") for part in module.split("."))


def load_unchanged(config: pytest.Config) -> None:
    """Have modules loaded as they are, where nobody wants their asserts rewritten, until the run ends."""
    hook: Any = config.pluginmanager.rewrite_hook
    if hook not in sys.meta_path:
        return
    finder = Unchanged(hook)
    sys.meta_path.insert(sys.meta_path.index(hook), finder)

    def remove() -> None:
        # Whoever restores the list afterwards, as pytester does, has removed it.
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    config.add_cleanup(remove)
