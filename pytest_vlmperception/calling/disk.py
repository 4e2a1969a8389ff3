"""What diskcache may write to and read from its database: text keys and bytes, nothing else.

diskcache's own `Disk`, and its `JSONDisk` too, unpickle what a row says is a pickle and open or
delete the file that a row names (CVE-2025-69872). Here a row is refused before either happens.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA, MODE_RAW

from pytest_vlmperception.errors import StoreError

__all__ = ["MAX_PICTURE_BYTES", "PICTURE", "BytesDisk", "check_database", "open_cache", "read_only"]

MAX_VALUE_BYTES = 16 * 2**20

# Under this key a picture is stored, which may be larger: as large as one that is read from a file.
PICTURE = "picture/"
MAX_PICTURE_BYTES = 32 * 2**20

# Every thread has a connection, and each would keep tens of megabytes of pages.
SMALL = {"sqlite_cache_size": 256, "sqlite_mmap_size": 0}


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Rows of a text key and inline bytes. No pickles, no files."""

    def put(self, key: object) -> tuple[str, bool]:
        """Return the database form of a key."""
        if not isinstance(key, str):
            raise StoreError(f"a key of type {type(key).__name__}; expected text")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """Return the key of a row, unless the row says that it is a pickle."""
        if raw != 1 or not isinstance(key, str):
            raise foreign(self._directory, "a key that is not plain text")
        return key

    def store(self, value: object, read: bool, key: object = None) -> tuple[int, int, None, memoryview]:
        """Return the database form of a value; always inline."""
        most = MAX_PICTURE_BYTES if str(key).startswith(PICTURE) else MAX_VALUE_BYTES
        if not isinstance(value, bytes) or len(value) > most:
            raise StoreError(f"a value that is no bytes or over {most} bytes cannot be stored")
        return 0, MODE_RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: object, filename: object, value: object, read: bool) -> bytes:
        """Return the value of a row, unless the row names a file or another mode."""
        if mode != MODE_RAW or filename is not None or not isinstance(value, bytes):
            raise foreign(self._directory, "a value that is not plain bytes")
        if len(value) > MAX_PICTURE_BYTES:
            raise foreign(self._directory, f"a value over {MAX_PICTURE_BYTES} bytes")
        return value

    def remove(self, file_path: object) -> None:
        """Refuse: no row of ours has a file."""
        raise foreign(self._directory, "a row that names a file")


def open_cache(directory: Path) -> diskcache.Cache:
    """Open the database in `directory`, which must exist; nothing in it is ever evicted."""
    if os.path.expandvars(str(directory)) != str(directory):
        raise foreign(str(directory), "a name with a $VARIABLE in its path, which diskcache would replace")
    check_database(directory)
    return diskcache.Cache(str(directory), disk=BytesDisk, eviction_policy="none", tag_index=0, statistics=0, **SMALL)


def check_database(directory: Path) -> None:
    """Refuse a database that is damaged, or whose settings this package did not write.

    diskcache acts upon the settings in the database when it opens it, so they are read before.
    """
    path = directory / DBNAME
    if not path.exists():
        return
    if not path.is_file():
        raise foreign(str(directory), "something that is no file in the database's place")
    try:
        with closing(read_only(path)) as connection:
            names = {row[0] for row in connection.execute("SELECT key FROM Settings")}
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # another process is creating it right now
            return
        raise foreign(str(directory), f"a database that cannot be read ({error})") from None
    except sqlite3.DatabaseError as error:
        raise foreign(str(directory), f"no database ({error})") from None
    unknown = names - set(DEFAULT_SETTINGS) - set(METADATA)
    if unknown:
        raise foreign(str(directory), f"the unknown setting {sorted(map(str, unknown))[0]!r}")


def read_only(path: Path) -> sqlite3.Connection:
    """Connect to a database without writing anything.

    Where nothing can be written, SQLite reads one in WAL mode only if it is told that nobody changes it;
    that is so if there is no log of changes.
    """
    uri = path.resolve().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=60)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        refused = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
        if not refused or path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return connection


def foreign(directory: str, what: str) -> StoreError:
    """Return the error for a store that this package did not write."""
    remedy = "give another folder with --vlm-cache-dir, or move this one away; nothing was deleted"
    return StoreError(f"the store {directory} has {what}; {remedy}")
