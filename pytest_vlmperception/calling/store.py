"""Answers on disk, shared by the threads and workers of a run and by later runs.

Pictures lie apart from the replies that they came with, each once, under their hash.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock, RLock
from typing import Any, Generic, Literal, TypeVar
from uuid import uuid4

import diskcache
from diskcache.core import DBNAME
from filelock import FileLock

from pytest_vlmperception.calling.budget import BudgetState
from pytest_vlmperception.calling.cell import Cell
from pytest_vlmperception.calling.disk import PICTURE, open_cache
from pytest_vlmperception.calling.pace import PaceState
from pytest_vlmperception.calling.reader import Reader
from pytest_vlmperception.calling.renewer import Renewer
from pytest_vlmperception.calling.rows import (
    Row,
    budget_from_json,
    budget_to_json,
    failure_from_json,
    failure_to_json,
    pace_from_json,
    pace_to_json,
)
from pytest_vlmperception.calling.transactions import obstacle, transaction
from pytest_vlmperception.calling.whole import is_picture
from pytest_vlmperception.errors import CallError, StoreError, UnwritableError
from pytest_vlmperception.records import Made, Reply

__all__ = ["CacheMode", "Store", "check_folder"]

CacheMode = Literal["use", "refresh", "refresh-failed", "off"]
T = TypeVar("T")

LEASE = "lease/"
LEASE_S = 10.0
# How far the clocks of two machines that share a store may be apart.
SKEW_S = 5.0
RENEW_S = 3.0
# Rows that only one run needs are gone a day later.
RUN_S = 86_400.0


class Store:
    """Replies by key; leases on questions in flight; failures of the running run.

    Parameters
    ----------
    directory : Path
        Made, readable by its owner only, where it is missing.
    run : str
        The run's name, the same in all its workers.
    mode : {"use", "refresh", "refresh-failed", "off"}
        Which rows of earlier runs count: all, none, or those that were answered. ``off`` is a
        folder of the run's own.

    Raises
    ------
    StoreError
        If the folder cannot be used, or holds something else.
    """

    def __init__(self, directory: Path, run: str, mode: CacheMode = "use") -> None:
        self.directory = directory
        self.run = run
        self.mode = mode
        self.cache = opened(directory)
        self._writing = RLock()
        self._leases = Leases(self)

    def get(self, key: str) -> Row | None:
        """Return the row of `key` if it counts in this run's mode."""
        data = self._read(key)
        if data is None:
            return None
        row = Row.from_json(data)
        return self._kept(row) if self._counts(row) else None

    def _kept(self, row: Row) -> Row | None:
        """Return a row that reads its pictures here; None if one of them is not there, or not what it was."""
        if any(self._picture(made) is None for made in row.reply.pictures):
            return None
        return row.kept(self._read_picture)

    def _picture(self, made: Made) -> bytes | None:
        """Return the bytes of a picture; None if they are not there, or not what they were."""
        data = self._read(f"{PICTURE}{made.sha256}")
        whole = data is not None and sha256(data).hexdigest() == made.sha256 and is_picture(made, data)
        return data if whole else None

    def _read_picture(self, made: Made) -> bytes:
        data = self._picture(made)
        if data is None:
            remedy = "ask for it anew with --vlm-cache=refresh"
            raise StoreError(f"the picture {made.sha256} in the store {self.directory} is lost or damaged; {remedy}")
        return data

    def _put_picture(self, made: Made) -> None:
        """Store a picture, once however many replies have it; to be called within a transaction."""
        name, data = f"{PICTURE}{made.sha256}", made.data
        if self._read(name) != data:
            self.cache.set(name, data, retry=True)

    def _counts(self, row: Row) -> bool:
        if row.run == self.run or self.mode in ("use", "off"):
            return True
        return self.mode == "refresh-failed" and row.reply.kind == "answered"

    def stored_before(self) -> Iterator[Mapping[str, Any]]:
        """Yield the readable parts of the keys of earlier runs' replies, as `rows_before` does."""
        return (row.parts for row in self.rows_before())

    def rows_before(self) -> Iterator[Row]:
        """Yield the rows of earlier runs' replies, the newest first.

        Raises
        ------
        StoreError
            If the store cannot be read, or holds something else.
        """
        for key in reversed(self.cache):
            # The rows that belong to a run, and pictures, are named by their kind.
            data = None if "/" in key else self._read(key)
            row = None if data is None else Row.from_json(data)
            if row is not None and row.run != self.run:
                yield row

    def put(self, key: str, reply: Reply, parts: Mapping[str, Any]) -> Row:
        """Store a reply, and give the lease of its question back; the first reply of a run wins.

        Returns the row that counts.
        """
        row = Row(reply, self.run, parts)
        data = row.to_json()
        with self._transaction():
            found = self._read(key)
            stored = self._kept(Row.from_json(found)) if found is not None else None
            if stored is None or stored.run != self.run:
                for made in reply.pictures:
                    self._put_picture(made)
                self.cache.set(key, data, retry=True)
                stored = row.kept(self._read_picture)
            self._leases.drop(f"{LEASE}{key}")
        return stored

    def failure(self, key: str) -> CallError | None:
        """Return the final failure that this run met for `key`, if any."""
        data = self._read(self._failure_key(key))
        return None if data is None else failure_from_json(data)

    def put_failure(self, key: str, error: CallError) -> None:
        """Keep a final failure for the rest of the run; other runs never see it."""
        with self._transaction():
            self.cache.set(self._failure_key(key), failure_to_json(error), expire=RUN_S, retry=True)

    def _failure_key(self, key: str) -> str:
        return f"failure/{self.run}/{key}"

    def _read(self, key: str) -> bytes | None:
        try:
            data: bytes | None = self.cache.get(key, retry=True)
        except (OSError, sqlite3.Error) as error:
            raise unwritten(self.directory, error) from None
        return data

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            # Threads that find the database locked would sleep, each for longer than a transaction takes.
            with self._writing, transaction(self.cache):
                yield
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            raise unwritten(self.directory, error) from None

    def pace_cell(self, name: str, start: PaceState) -> Cell[PaceState]:
        """Return the pace of one model, shared by the workers of the run."""
        return StoreCell(self, f"pace/{self.run}/{name}", start, pace_to_json, pace_from_json)

    def budget_cell(self) -> Cell[BudgetState]:
        """Return what the run paid and reserved, shared by its workers."""
        return StoreCell(self, f"budget/{self.run}", BudgetState(), budget_to_json, budget_from_json)

    @contextmanager
    def lease(self, key: str) -> Iterator[bool]:
        """Hold the sole right to ask `key`; yields False where somebody else holds it."""
        name = f"{LEASE}{key}"
        if not self._leases.take(name):
            yield False
            return
        try:
            yield True
        finally:
            self._leases.release(name)

    def in_flight(self) -> bool:
        """Tell whether any worker of the run has a question in flight."""
        ours = f"{self.run}/".encode()
        leases = [key for key in self.cache.iterkeys() if key.startswith(LEASE)]
        return any((self._read(key) or b"").startswith(ours) for key in leases)

    def close_thread(self) -> None:
        """Close the calling thread's connection."""
        self.cache.close()

    def close(self) -> None:
        """Stop renewing leases and close the calling thread's connection."""
        self._leases.close()
        self.close_thread()


class StoreCell(Generic[T]):
    """A value in the store: one for all workers of a run.

    Parameters
    ----------
    store : Store
        Where it is kept.
    key : str
        Its row.
    start : object
        What it is before anybody has changed it.
    dump, load : callable
        To JSON and back; `load` raises `StoreError` for what `dump` did not write.
    """

    def __init__(
        self, store: Store, key: str, start: T, dump: Callable[[T], bytes], load: Callable[[bytes], T]
    ) -> None:
        self._store = store
        self._key = key
        self._start = start
        self._dump = dump
        self._load = load

    def read(self) -> T:
        """Return the value."""
        data = self._store._read(self._key)
        return self._start if data is None else self._load(data)

    def change(self, function: Callable[[T], T]) -> T:
        """Replace the value by a function of it, atomically; return the new one."""
        with self._store._transaction():
            value = function(self.read())
            self._store.cache.set(self._key, self._dump(value), expire=RUN_S, retry=True)
        return value


class Leases:
    """Rights on questions in flight: they expire unless renewed, so a killed worker blocks nobody for long."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._held: dict[str, bytes] = {}
        self._renewer = Renewer(self._renew_all, RENEW_S, store.close_thread)

    def take(self, name: str) -> bool:
        """Take a lease; False where it is taken."""
        token = f"{self._store.run}/{uuid4().hex}".encode()
        # Where the store cannot be written, one thread of each process holds it.
        with suppress(UnwritableError), self._store._transaction():
            add = partial(self._store.cache.add, name, token, expire=LEASE_S, retry=True)
            if not add() and not (self._drop_if_forged(name) and add()):
                return False
        with self._lock:
            if name in self._held:
                return False
            self._held[name] = token
        self._renewer.start()
        return True

    def _drop_if_forged(self, name: str) -> bool:
        """Drop a lease that nobody of ours can have taken, which would block its question for ever; tell whether."""
        token, expires = self._store.cache.get(name, expire_time=True)
        forged = token is not None and (expires is None or expires > time.time() + LEASE_S + SKEW_S)
        return forged and self._store.cache.delete(name)

    def release(self, name: str) -> None:
        """Give a lease back, if it was not given back with the reply."""
        if name in self._held:
            # Where the store cannot be written, it expires.
            with suppress(UnwritableError), self._store._transaction():
                self.drop(name)
            with self._lock:
                self._held.pop(name, None)

    def drop(self, name: str) -> None:
        """Give a lease back within a transaction, unless it expired and is somebody else's by now."""
        with self._lock:
            token = self._held.pop(name, None)
        if token is not None and self._store.cache.get(name) == token:
            self._store.cache.delete(name)

    def _renew_all(self) -> None:
        with self._lock:
            held = list(self._held)
        try:
            with self._store._transaction():
                for name in held:
                    self._store.cache.touch(name, expire=LEASE_S)
        except StoreError:
            # A lease that is not renewed costs a second call at worst; the calls in flight meet the
            # broken store themselves and report it.
            return

    def close(self) -> None:
        """Stop renewing."""
        self._renewer.close()


def opened(directory: Path) -> diskcache.Cache:
    """Open the database in `directory`; make both where they are missing.

    For one that is there and cannot be written, a `Reader` stands in.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = directory / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        # One process at a time creates the tables: the first workers of a run open it at once.
        with FileLock(directory / "open.lock", timeout=60):
            return open_cache(directory)
    except (OSError, sqlite3.Error) as error:
        hindered = obstacle(error)
        if hindered is not None and (directory / DBNAME).exists():
            return Reader(directory, hindered)
        raise unusable(directory, error) from None


def check_folder(directory: Path) -> None:
    """Refuse a folder that no store can be in, before anything is collected or paid; writes nothing.

    Raises
    ------
    StoreError
        If there is no store yet, and none can be made.
    """
    try:
        if not (directory / DBNAME).exists():
            there = next(folder for folder in (directory, *directory.parents) if os.path.lexists(folder))
            if not there.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
            if not os.access(there, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
    except (OSError, ValueError) as error:
        raise unusable(directory, error) from None


def unwritten(directory: Path, error: Exception) -> StoreError:
    """Return the error for a store that was open, and could not be written or read."""
    refused, hindered = unusable(directory, error), obstacle(error)
    if hindered is None:
        return refused
    return UnwritableError(str(refused), getattr(hindered, "strerror", "") or str(hindered))


def unusable(directory: Path, error: Exception) -> StoreError:
    """Return the error for a folder that cannot be written or read."""
    remedy = "give a writable folder with --vlm-cache-dir, or --vlm-cache=off to keep nothing"
    # diskcache's Timeout has no words of its own.
    words = obstacle(error) or (error if str(error) else error.__context__)
    return StoreError(f"the store of answers {directory} cannot be used ({words}); {remedy}")
