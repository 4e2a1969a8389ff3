"""Sets of prompts: what an image generator is asked for, with what is known of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, overload

from pytest_vlmperception.errors import PromptError, choices_hint
from pytest_vlmperception.records import Prompt, counted
from pytest_vlmperception.stimuli.manifests import find_manifest
from pytest_vlmperception.stimuli.prompt_manifests import read_prompt_manifest

__all__ = ["PromptSet"]

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, repr=False)
class PromptSet(Sequence[Prompt]):
    """Prompts in a fixed order, found by position or by name.

    Parameters
    ----------
    prompts : iterable of Prompt
        Each with a name that no other has. Kept as a tuple.
    name : str
        What messages call the set.

    Raises
    ------
    PromptError
        If a prompt has no name, or that of another.
    """

    prompts: tuple[Prompt, ...]
    name: str = "prompts"

    def __init__(self, prompts: Iterable[Prompt], name: str = "prompts") -> None:
        object.__setattr__(self, "prompts", check_names(prompts, name))
        object.__setattr__(self, "name", name)

    @classmethod
    def load(
        cls, manifest: StrPath, beside: StrPath | None = None, *, data: Mapping[str, StrPath] | None = None
    ) -> PromptSet:
        """Return the set that a TOML manifest lists.

        ::

            [[geneval]]
            file = "shapes.jsonl"      # beside the manifest, or
            data = "geneval"           # NAME of --vlm-data NAME=PATH: the metadata file, or a folder that holds it
            tasks = ["counting"]       # all, unless given
            per_task = 10              # a sample of each, the same everywhere; all, unless given
            seed = 0

            [[wise]]
            file or data               # a file of prompts, or the folder of the three
            edition = "legacy"         # or "verified", or "own"; what the prompts themselves tell, unless given
            rewritten = false          # the prompts that name the answer
            categories, per_category, seed

        Prompts of GenEval have the group ``task`` and as reference values what their line says, which
        `checklist` and `geneval_check` take. Those of WISE have the groups ``category``, ``subcategory`` and
        ``edition``, and the reference values ``prompt`` and ``explanation``.

        Parameters
        ----------
        manifest : path
            Relative to the folder of `beside`, else to the current folder.
        beside : path, optional
            A file, usually ``__file__``. Its folder is the suite, which the manifest and its files
            cannot lead out of; without it the suite is the manifest's own folder.
        data : mapping of str to path, optional
            Where the data sets lie that manifests name, as ``--vlm-data NAME=PATH`` says it.

        Raises
        ------
        MissingData
            If the manifest asks for a data set that `data` does not have.
        StimulusError
            If the manifest, or one of its files, cannot be used.
        """
        found = find_manifest(manifest, beside)
        paths = {name: Path(path) for name, path in (data or {}).items()}
        return cls(read_prompt_manifest(found, paths), found.path.stem)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(prompt.name for prompt in self.prompts)

    @cached_property
    def _by_name(self) -> Mapping[str, Prompt]:
        return MappingProxyType({prompt.name: prompt for prompt in self.prompts})

    def __repr__(self) -> str:
        return f"<PromptSet {self.name!r} of {len(self)}>"

    def __len__(self) -> int:
        return len(self.prompts)

    def __iter__(self) -> Iterator[Prompt]:
        return iter(self.prompts)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Prompt):
            return self._by_name.get(item.name) == item
        return isinstance(item, str) and item in self._by_name

    @overload
    def __getitem__(self, key: int | str) -> Prompt: ...

    @overload
    def __getitem__(self, key: slice) -> PromptSet: ...

    def __getitem__(self, key: int | str | slice) -> Prompt | PromptSet:
        if isinstance(key, slice):
            return PromptSet(self.prompts[key], self.name)
        if isinstance(key, str):
            return self._named(key)
        return self.prompts[key]

    def _named(self, name: str) -> Prompt:
        if name not in self._by_name:
            raise PromptError(f"prompt set {self.name!r} has no prompt {name!r}; {choices_hint(name, self._by_name)}")
        return self._by_name[name]

    def select(self, which: Callable[[Prompt], bool] | Iterable[str]) -> PromptSet:
        """Return the prompts for which a function is true, or those with the given names.

        Parameters
        ----------
        which : callable or iterable of str
            ``lambda p: p.groups["task"] == "counting"``, which keeps the set's order, or names, which give the new
            order.

        Raises
        ------
        PromptError
            If a name is not known, or nothing is selected.
        """
        if callable(which):
            chosen = [prompt for prompt in self.prompts if which(prompt)]
        else:
            chosen = [self._named(name) for name in ([which] if isinstance(which, str) else which)]
        if not chosen:
            raise PromptError(f"nothing of prompt set {self.name!r} is selected; it has {counted(len(self), 'prompt')}")
        return PromptSet(chosen, self.name)

    def reference(self, name: str) -> Mapping[Prompt, Any]:
        """Return a reference value of every prompt, in the set's order.

        Parameters
        ----------
        name : str
            E.g. ``explanation``.

        Raises
        ------
        PromptError
            If a prompt has no value of it.
        """
        for prompt in self.prompts:
            if name not in prompt.reference:
                hint = choices_hint(name, prompt.reference)
                raise PromptError(f"prompt {prompt.name!r} of {self.name!r} has no reference {name!r}; {hint}")
        return MappingProxyType({prompt: prompt.reference[name] for prompt in self.prompts})


def check_names(prompts: Iterable[Prompt], of: str) -> tuple[Prompt, ...]:
    """Return prompts as a tuple, if each has its own name."""
    checked = tuple(prompts)
    seen: set[str] = set()
    for number, prompt in enumerate(checked, 1):
        if not isinstance(prompt, Prompt):
            raise PromptError(f"{of}, prompt {number} is {prompt!r}; expected a Prompt")
        if not prompt.name or prompt.name in seen:
            found = f"has the name {prompt.name!r} of another" if prompt.name else "has no name"
            raise PromptError(f"{of}, prompt {number} {found}; give it one of its own")
        seen.add(prompt.name)
    return checked
