"""Loading a vendor's SDK: half a second of making classes that live as long as the process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["loading"]


@contextmanager
def loading() -> Iterator[None]:
    """Keep the garbage collector from looking at an SDK's hundred thousands of objects again and again.

    Not while they are made, which takes a fifth longer with it; and not afterwards: pytest collects five
    times when it ends, and the interpreter again, which together takes half a second for nothing.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
