"""Snapshots of descriptions: syrupy stores and shows them, and the facts of the face decide.

One readable file a test file, ``__snapshots__/test_x.percept``. The name of a snapshot holds no model: the model is
content, so that a new model meets what the old one said.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollection, SnapshotCollections
from syrupy.exceptions import TaintedSnapshotError
from syrupy.extensions.amber import AmberDataSerializer, AmberSnapshotExtension
from syrupy.extensions.amber.serializer import MalformedAmberFile
from syrupy.location import PyTestLocation

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate import Held, learnt
from pytest_vlmperception.lookahead import params_of
from pytest_vlmperception.options import TESTED
from pytest_vlmperception.report import side_by_side
from pytest_vlmperception.results import Description

__all__ = ["PerceptAssertion", "PerceptExtension", "discover", "percept_assertion"]

# Pytest sets "E" and blanks before each line of an explanation.
MARGIN = 10
NARROWEST, WIDEST = 80, 120

# Folders into which packages are installed: a snapshot is the project's own, wherever its test comes from.
INSTALLED = {"site-packages", "dist-packages"}


class PerceptSerializer(AmberDataSerializer):
    """Files of snapshots, with one line for a file that is none."""

    @classmethod
    def read_file(cls, filepath: str) -> SnapshotCollection:
        """Read all snapshots of a file; there are none where there is no file.

        Raises
        ------
        UsageError
            If it is no file of snapshots.
        """
        try:
            return super().read_file(filepath)
        except (MalformedAmberFile, UnicodeError, OSError) as error:
            raise UsageError(f"{filepath} is no file of snapshots: {error}; restore it, or delete it") from None


class PerceptExtension(AmberSnapshotExtension):
    """How descriptions are stored, compared and shown."""

    file_extension = "percept"
    serializer_class = PerceptSerializer

    def serialize(self, data: object, **options: Any) -> str:
        """Return a description as JSON.

        Raises
        ------
        Outcome
            If it cannot be read, or states no emotion: that is neither kept nor compared.
        UsageError
            If it is no description.
        """
        if not isinstance(data, Description):
            words = f"percept_snapshot was compared with {data!r:.80}, a {type(data).__name__}"
            raise UsageError(f"{words}; expected one description, such as descriptions[face]")
        return held_of(data).to_json()

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        """Tell whether the facts are the same, within the tolerance that is stored."""
        try:
            return not Held.from_json(snapshot_data).changes(Held.from_json(serialized_data))
        except UsageError:
            # An update replaces it; any other run says what is wrong with it.
            return False

    def diff_lines(self, serialized_data: Any, snapshot_data: Any) -> Iterator[str]:
        """Yield the facts that changed, then old and new side by side."""
        width = min(max(shutil.get_terminal_size((WIDEST, 24)).columns, NARROWEST), WIDEST) - MARGIN
        new = Held.from_json(serialized_data)
        if not snapshot_data:
            yield "nothing is stored to compare with; --snapshot-update keeps what is said now"
            yield from side_by_side("", f"now: {new.told_by}\n{new.text}", width)
            return
        old = Held.from_json(snapshot_data)
        yield from old.changes(new)
        yield from old.circumstances(new)
        yield from side_by_side(f"stored: {old.told_by}", f"now: {new.told_by}", width)
        yield from side_by_side(old.text, new.text, width)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: int | str = 0) -> str:
        """Return a name that stays the same for another model."""
        name: str = super().get_snapshot_name(test_location=test_location, index=index)
        return durable_name(test_location) + name.removeprefix(test_location.snapshot_name)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return the folder of the file: beside the test file, or in rootdir where that is installed."""
        root = test_location.item.config.rootpath
        if not is_foreign(Path(test_location.filepath), root):
            return str(super().dirname(test_location=test_location))
        packages = test_location.modulename.split(".")[:-1]
        return str(Path(root, cls.snapshot_dirname, *packages))

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Tell whether a file holds the snapshots of a test's module; no more is known of the test than its place."""
        location, test = Path(snapshot_location), Path(test_location.filepath)
        folder, module = Path(cls.snapshot_dirname), test_location.modulename.split(".")
        if location == test.parent / folder / f"{test_location.basename}.{cls.file_extension}":
            return True
        kept = Path(folder, *module[:-1], f"{test_location.basename}.{cls.file_extension}")
        root = Path(*location.parts[: -len(kept.parts)])
        return location == root / kept and is_foreign(test, root)

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """Return what is stored in the folder of a test; other files there, and damaged ones, are left alone."""
        found = SnapshotCollections()
        for path in sorted(Path(self.dirname(test_location=test_location)).glob(f"*.{self.file_extension}")):
            collection = readable(str(path))
            if collection.has_snapshots and self.file_extension not in (ignore_extensions or ()):
                found.add(collection)
        return found


@dataclass(eq=False, order=False, repr=False)
class PerceptAssertion(SnapshotAssertion):
    """What a description is compared with.

    Attributes
    ----------
    first : str
        The model that writes, where the test is one of another; else empty.
    rehearsing : bool
        Whether answers are stand-ins of a plan, which are neither kept nor compared.
    skips : callable
        Tells whether an outcome skips the test.
    explanations : list of list of str
        What is said of each comparison that did not hold.
    """

    first: str = ""
    rehearsing: bool = False
    skips: Callable[[BaseException], bool] = field(default=lambda error: False)
    explanations: list[list[str]] = field(init=False, default_factory=list)

    def _assert(self, data: object) -> bool:
        """Compare; unlike syrupy, raise what prevents it."""
        if self.rehearsing:
            return True
        if self.first and self._recall_data(index=self.index) == (None, False):
            pytest.skip(f"nothing is stored to compare with yet; --snapshot-update stores what {self.first} says")
        number = self.num_executions
        held: bool = super()._assert(data)
        result = self.executions[number]
        if isinstance(result.exception, Exception):
            if self.skips(result.exception):
                # A skipped test has no failed snapshot.
                del self.executions[number]
            raise explained(result.exception, result.snapshot_location) from None
        if not held:
            self._explain(result.recalled_data, f"{result.snapshot_location}: {result.snapshot_name!r}")
        return held

    def _explain(self, stored: Any, name: str) -> None:
        """Note what changed; raise if what is stored cannot be read."""
        if stored is not None:
            try:
                Held.from_json(stored)
            except UsageError as error:
                raise UsageError(f"{name} is damaged: {error}; restore it, or use --snapshot-update") from None
        self.explanations.append(self.get_assert_diff())

    def _recall_data(self, index: int | str) -> tuple[Any, bool]:
        """Return what is stored, for a model that does not write with what the first one has said in this run."""
        if self.first:
            location = self.extension.get_location(test_location=self.test_location, index=index)
            name = self.extension.get_snapshot_name(test_location=self.test_location, index=index)
            queue = self.session._queued_snapshot_writes.get((type(self.extension), location), {})
            for (test, number), data in queue.items():
                if self.extension.get_snapshot_name(test_location=test, index=number) == name:
                    return data, False
        recalled: tuple[Any, bool] = super()._recall_data(index)
        return recalled


def percept_assertion(
    item: pytest.Item, *, first: str = "", rehearsing: bool = False, skips: Callable[[BaseException], bool]
) -> PerceptAssertion:
    """Return what the descriptions of a test are compared with; parameters as the attributes of `PerceptAssertion`."""
    config: Any = item.config
    writes = not first and not rehearsing
    return PerceptAssertion(
        session=config._syrupy,
        extension_class=PerceptExtension,
        test_location=PyTestLocation(item),
        update_snapshots=writes and config.option.update_snapshots,
        update_new_snapshots_only=writes and config.option.update_new_snapshots_only,
        first=first,
        rehearsing=rehearsing,
        skips=skips,
    )


def discover(items: Iterable[pytest.Item]) -> None:
    """Have syrupy know the files of tests, one of each folder.

    Of a file whose tests are all skipped before they compare anything it would else believe that nobody uses it.
    """
    for item in {item.path.parent: item for item in items}.values():
        percept_assertion(item, skips=lambda error: False)


def held_of(description: Description) -> Held:
    """Return what a snapshot holds of a description."""
    answered = [draw for draw in description.draws if draw.status == "answered" and draw.reply is not None]
    returned = answered[0].reply.model if answered and answered[0].reply else ""
    stimulus = description.stimulus
    if stimulus is None:
        raise UsageError(f"percept_snapshot: {description!r} is of no stimulus; give one that vlm.describe returned")
    percept, tolerance = description.summary, learnt(description.percepts)
    return Held(description.model, returned, stimulus.sha256, description.text, percept, tolerance)


def explained(error: Exception, location: str) -> Exception:
    """Return an exception in words that say what to do."""
    if isinstance(error, TaintedSnapshotError):
        return UsageError(f"{location} was written in another format; use --snapshot-update to write it anew")
    return error


def readable(path: str) -> SnapshotCollection:
    """Return the snapshots of a file; none where it is damaged."""
    try:
        return PerceptSerializer.read_file(path)
    except UsageError:
        return SnapshotCollection(location=path)


def durable_name(test: PyTestLocation) -> str:
    """Return the name of a test without the ids of the models under test."""
    spec = getattr(test.item, "callspec", None)
    params = params_of(test.item)
    models = [str(params[fixture]) for fixture in TESTED if fixture in params]
    if spec is None or not models:
        return test.snapshot_name
    ids = list(spec._idlist)
    if len(ids) == len(params):
        ids = [id_ for id_, name in zip(ids, params, strict=True) if name not in TESTED]
    else:
        # Some parameters share an id, or are hidden.
        for model in set(models).intersection(ids):
            ids.remove(model)
    suffix = f"[{'-'.join(ids)}]" if ids else ""
    return f"{test.snapshot_name.removesuffix(f'[{spec.id}]')}{suffix}"


def is_foreign(path: Path, root: Path) -> bool:
    """Tell whether a test file is none of the project's own: outside of it, or installed in its environment."""
    return not path.is_relative_to(root) or not INSTALLED.isdisjoint(path.relative_to(root).parts)
