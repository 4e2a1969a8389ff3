"""Loading modules as Python does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import pytest

__all__ = ["load_unchanged"]

OURS = f"{__package__}."

# Of hundreds of modules, each of which pytest would look at to see whether it is a test.
LARGE = ("anthropic.", "google.genai.", "numpy.", "openai.", "pydantic.", "scipy.")


class Unchanged(MetaPathFinder):
    """Finds modules of the package, and of what it loads, before pytest does.

    pytest rewrites the asserts of all modules that come with a plugin. These have none that a user could see fail, and
    a rewritten module takes longer to read; where nothing can be cached, each run would rewrite all.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is to be loaded as it is; None for any other."""
        return PathFinder.find_spec(fullname, path, target) if fullname.startswith((OURS, *LARGE)) else None


def load_unchanged(config: pytest.Config) -> None:
    """Have modules loaded as they are, where nobody wants their asserts rewritten, until the run ends."""
    finder = Unchanged()
    sys.meta_path.insert(0, finder)

    def remove() -> None:
        # Whoever restores the list afterwards, as pytester does, has removed it.
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    config.add_cleanup(remove)
