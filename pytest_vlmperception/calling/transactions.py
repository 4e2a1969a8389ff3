"""Transactions that end, and why a store cannot be written."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["obstacle", "transaction"]

# Full, over quota, read-only, not ours, broken: all may be read, and written again later.
ERRNOS = frozenset({
    errno.EACCES,
    errno.EFBIG,
    errno.EIO,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
    getattr(errno, "EDQUOT", errno.ENOSPC),
})
CODES = frozenset({
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
})


@contextmanager
def transaction(cache: Any) -> Iterator[None]:
    """Write all or nothing; wait for other processes as long as the connection's timeout says.

    diskcache's own retries begin a transaction again for ever, whatever it was refused for, and a
    commit that fails leaves its connection in the middle of one.
    """
    try:
        with cache.transact():
            yield
    except BaseException:
        with suppress(sqlite3.Error):
            if cache._con.in_transaction:
                cache._con.rollback()
        raise


def obstacle(error: BaseException | None) -> BaseException | None:
    """Return the error that keeps a store from being written, be it behind others that it led to; else None."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in ERRNOS:
            return error
        # The low byte is the primary code of an extended one.
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in CODES:
            return error
        error = error.__context__
    return None
