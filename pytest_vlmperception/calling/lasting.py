"""A store that goes on in memory while its disk cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from pytest_vlmperception.calling.cell import Cell, MemoryCell
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pace import PaceState
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.calling.store import CacheMode, Store
from pytest_vlmperception.errors import CallError, UnwritableError
from pytest_vlmperception.records import Reply

__all__ = ["LastingStore"]

T = TypeVar("T")


class LastingStore(Store):
    """A store that loses no reply of a running run to a full disk.

    A reply that cannot be stored is kept in memory, where this process finds it, and stored as soon as
    the disk takes it, at the latest try when the store is closed. What processes agree upon is then
    agreed upon by the threads of each process only; a budget of several processes is not: that would
    overdraw it.

    Parameters
    ----------
    directory, run, mode :
        As for `Store`.
    ledger : Ledger
        Where it is noted what is not stored, and what is stored after all.
    """

    def __init__(self, directory: Path, run: str, mode: CacheMode, ledger: Ledger) -> None:
        super().__init__(directory, run, mode)
        self._ledger = ledger
        self._lock = Lock()
        self._rows: dict[str, Row] = {}
        self._failures: dict[str, CallError] = {}

    def get(self, key: str) -> Row | None:
        """Return the row of `key` if it counts in this run's mode."""
        return self._rows.get(key) or super().get(key)

    def put(self, key: str, reply: Reply, parts: Mapping[str, Any]) -> Row:
        """Store a reply, or keep it. Returns the row that counts."""
        try:
            row = super().put(key, reply, parts)
        except UnwritableError as error:
            return self._keep(key, Row(reply, self.run, parts), error)
        if self._rows:
            self._store_kept()
        return row

    def _keep(self, key: str, row: Row, error: UnwritableError) -> Row:
        with self._lock:
            kept = self._rows.setdefault(key, row)
        if kept is row:
            self._ledger.unstored(key, error.reason, row.to_json().decode())
        return kept

    def _store_kept(self) -> None:
        """Store what was kept, as far as the disk takes it."""
        for key, row in list(self._rows.items()):
            try:
                super().put(key, row.reply, row.parts)
            except UnwritableError:
                return
            with self._lock:
                if self._rows.pop(key, None) is not None:
                    self._ledger.stored(key)

    def failure(self, key: str) -> CallError | None:
        """Return the final failure that this run met for `key`, if any."""
        return self._failures.get(key) or super().failure(key)

    def put_failure(self, key: str, error: CallError) -> None:
        """Keep a final failure for the rest of the run."""
        try:
            super().put_failure(key, error)
        except UnwritableError:
            self._failures[key] = error

    def pace_cell(self, name: str, start: PaceState) -> Cell[PaceState]:
        """Return the pace of one model, shared by the workers of the run while that is possible."""
        return LastingCell(super().pace_cell(name, start))

    def close(self) -> None:
        """Try to store what was kept, once more; then close as any store."""
        self._store_kept()
        super().close()


class LastingCell(Generic[T]):
    """A value shared by processes until it cannot be written; from then on each goes on with its own.

    Parameters
    ----------
    shared : Cell
        The value in the store.
    """

    def __init__(self, shared: Cell[T]) -> None:
        self._shared = shared
        self._lock = Lock()
        self._own: MemoryCell[T] | None = None

    def read(self) -> T:
        """Return the value."""
        return (self._own or self._shared).read()

    def change(self, function: Callable[[T], T]) -> T:
        """Replace the value by a function of it, atomically; return the new one."""
        if self._own is None:
            try:
                return self._shared.change(function)
            except UnwritableError:
                return self._part().change(function)
        return self._own.change(function)

    def _part(self) -> MemoryCell[T]:
        with self._lock:
            if self._own is None:
                self._own = MemoryCell(self._shared.read())
            return self._own
