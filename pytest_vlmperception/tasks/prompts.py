"""Prompt files: Markdown with front matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pytest_vlmperception.errors import PromptError, StimulusError, choices_hint
from pytest_vlmperception.records import Prompt
from pytest_vlmperception.stimuli.paths import file_within, read_text, resolved

__all__ = ["PromptFolder", "read_prompt"]

FIELDS = ("name", "attribute", "direction", "labels")
DIRECTIONS = ("", "more", "less")
FENCE = "---"
NOTHING: Mapping[str, Path] = MappingProxyType({})
WHAT = "prompt file"


class PromptFolder(Mapping[str, Prompt]):
    """Prompts by name: the ``*.md`` files of the given folders, the first folder that has a name wins.

    A prompt's name is its file's, without the suffix, or the one that its front matter declares.

    Parameters
    ----------
    folders : sequence of Path
        Nearest first. Files are read when they are asked for.
    replaced : mapping of str to Path
        Files of the prompts that are used instead of those of these names. What such a file says nothing of in its
        front matter stays as it was.
    """

    def __init__(self, *folders: Path, replaced: Mapping[str, Path] = NOTHING) -> None:
        self._folders = folders
        self._replaced = replaced
        self._paths = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.md"))}

    def __repr__(self) -> str:
        return f"<PromptFolder of {', '.join(self._paths)}>"

    def __getitem__(self, name: str) -> Prompt:
        own = self._own(name)
        return in_place_of(own, read_prompt(self._replaced[name])) if name in self._replaced else own

    def _own(self, name: str) -> Prompt:
        """Return the suite's own prompt."""
        if name not in self._paths:
            declared = next((prompt for prompt in map(read_prompt, self._paths.values()) if prompt.name == name), None)
            if declared is not None:
                return declared
            where = ", ".join(map(str, self._folders)) or "no prompts/ folder beside the tests"
            raise PromptError(f"there is no prompt {name!r} in {where}; {choices_hint(str(name), self._paths)}")
        return read_prompt(self._paths[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __len__(self) -> int:
        return len(self._paths)


def read_prompt(path: Path) -> Prompt:
    """Read one prompt file.

    Raises
    ------
    PromptError
        If the file cannot be read, lies outside its suite, or its front matter cannot be used.
    """
    try:
        suite, folder = (resolved(place, WHAT) for place in (path.parent.parent, path.parent))
        text = read_text(file_within(suite, folder, path.name, WHAT), WHAT)
    except StimulusError as error:
        raise PromptError(str(error)) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front, body = split(text, path)
    if not body.strip():
        raise PromptError(f"prompt file {path} has no text; write the prompt below the front matter")
    direction = text_of(front, "direction", "", path)
    if direction not in DIRECTIONS:
        raise PromptError(f"prompt file {path}: direction: {direction!r}; expected more or less")
    return Prompt(
        name=text_of(front, "name", path.stem, path),
        text=body.strip(),
        attribute=text_of(front, "attribute", "", path),
        direction=direction,
        labels=labels_of(front.get("labels", []), path),
    )


def in_place_of(own: Prompt, new: Prompt) -> Prompt:
    """Return the user's prompt as one that replaces the suite's."""
    return replace(
        own,
        text=new.text,
        attribute=new.attribute or own.attribute,
        direction=new.direction or own.direction,
        labels=new.labels or own.labels,
        replaces=own,
    )


def split(text: str, path: Path) -> tuple[Mapping[str, object], str]:
    """Split a file into front matter and body; a file without front matter is all body."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return {}, text
    ends = [number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE]
    if not ends:
        raise PromptError(f"prompt file {path}: the front matter has no closing {FENCE} line")
    return front_matter("\n".join(lines[1 : ends[0]]), path), "\n".join(lines[ends[0] + 1 :])


def front_matter(text: str, path: Path) -> Mapping[str, object]:
    """Parse front matter; every scalar is text, so that ``labels: [yes, no]`` are words."""
    # Every run with a model imports this module; many read no front matter.
    import yaml

    try:
        # A few aliases of aliases make billions of words.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader)):
            raise PromptError(f"prompt file {path}: the front matter has a YAML alias (*name); write the value out")
        front = yaml.load(text, Loader=yaml.BaseLoader) or {}
    except (yaml.YAMLError, RecursionError) as error:
        what = " ".join(str(error).split())
        raise PromptError(f"prompt file {path}: the front matter is no YAML ({what})") from None
    if not isinstance(front, dict):
        raise PromptError(
            f"prompt file {path}: the front matter is no mapping; expected lines like 'attribute: contrast'"
        )
    for field in front:
        if field not in FIELDS:
            raise PromptError(f"prompt file {path}: unknown field {field!r}; {choices_hint(str(field), FIELDS)}")
    return front


def text_of(front: Mapping[str, object], field: str, default: str, path: Path) -> str:
    """Return a field that holds one word or line."""
    value = front.get(field, default)
    if not isinstance(value, str):
        raise PromptError(f"prompt file {path}: {field}: {value!r}; expected text")
    return value


def labels_of(labels: object, path: Path) -> tuple[str, ...]:
    """Return the labels as a tuple of words."""
    if not isinstance(labels, list) or not all(isinstance(label, str) and label for label in labels):
        raise PromptError(f"prompt file {path}: labels: {labels!r}; expected a list such as [happy, sad]")
    return tuple(labels)
