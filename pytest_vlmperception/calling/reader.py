"""Reading a store where nothing can be written: diskcache writes whenever it opens a database."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Any

from diskcache.core import DBNAME

from pytest_vlmperception.calling.disk import BytesDisk, check_database, read_only

__all__ = ["Reader"]

CURRENT = (
    "SELECT mode, filename, value, expire_time FROM Cache "
    "WHERE key = ? AND raw = 1 AND (expire_time IS NULL OR expire_time > ?)"
)


class Reader:
    """The part of ``diskcache.Cache`` that reads.

    Parameters
    ----------
    directory : Path
        Where the database is.
    obstacle : Exception
        Why it cannot be written; raised by every attempt.

    Raises
    ------
    StoreError
        If the database is damaged or foreign.
    """

    def __init__(self, directory: Path, obstacle: BaseException) -> None:
        check_database(directory)
        self._path = directory / DBNAME
        self._disk = BytesDisk(str(directory))
        self._obstacle = obstacle
        self._local = local()

    @property
    def _con(self) -> sqlite3.Connection:
        """The calling thread's connection."""
        if not hasattr(self._local, "con"):
            self._local.con = read_only(self._path)
        connection: sqlite3.Connection = self._local.con
        return connection

    def get(self, key: str, expire_time: bool = False, retry: bool = False) -> Any:
        """Return the value of `key`, None where there is none; with `expire_time`, also when it expires."""
        row = self._con.execute(CURRENT, (key, time.time())).fetchone()
        value, expires = (None, None) if row is None else (self._disk.fetch(row[0], row[1], row[2], False), row[3])
        return (value, expires) if expire_time else value

    def iterkeys(self) -> Iterator[str]:
        """Yield all keys."""
        for key, raw in self._con.execute("SELECT key, raw FROM Cache ORDER BY rowid"):
            yield self._disk.get(key, raw)

    def __reversed__(self) -> Iterator[str]:
        """Yield all keys, the newest first."""
        for key, raw in self._con.execute("SELECT key, raw FROM Cache ORDER BY rowid DESC"):
            yield self._disk.get(key, raw)

    @contextmanager
    def transact(self) -> Iterator[None]:
        """Refuse to write."""
        raise self._obstacle
        yield

    def close(self) -> None:
        """Close the calling thread's connection."""
        if hasattr(self._local, "con"):
            self._local.con.close()
            del self._local.con
