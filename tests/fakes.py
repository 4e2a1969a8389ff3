"""A provider in ten lines, and the world around a caller under the test's control."""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from PIL import Image

from pytest_vlmperception.calling import Caller, LastingStore, Ledger, Live, MemoryCell, Pace, ThreadSlots
from pytest_vlmperception.models import Identity
from pytest_vlmperception.records import Made, Question, Reply, Totals


class FakeModel:
    """Answers by a function of the question and remembers what it was asked."""

    def __init__(self, answer: Callable[[Question], Reply]) -> None:
        self.answer = answer
        self.identity = Identity("fake", "m")
        self.asked: list[Question] = []
        self._lock = Lock()

    def stored(self, question: Question) -> None:
        """Have no reply at hand."""

    def ask(self, question: Question) -> Reply:
        with self._lock:
            self.asked.append(question)
        return self.answer(question)


def said(text: str) -> Callable[[Question], Reply]:
    return lambda question: Reply("answered", text, model="m-1")


def plain_png(text: str, size: tuple[int, int] = (16, 16)) -> bytes:
    """Return a picture of one colour, which the text decides."""
    file = io.BytesIO()
    Image.new("RGB", size, tuple(hashlib.sha256(text.encode()).digest()[:3])).save(file, "PNG")
    return file.getvalue()


def painted(question: Question) -> Reply:
    """Make a picture of one colour, which prompt, source, mask and repeat decide."""
    content = repr((question.prompt, [picture.sha256 for picture in question.shown], question.repeat))
    return Reply("answered", "", model="m-1", pictures=(Made("image/png", plain_png(content)),))


class World:
    """One process of a run: a store, a ledger and a caller."""

    def __init__(self, folder: Path, model: FakeModel, run: str, mode: str = "use", threads: int = 4) -> None:
        self.ledger = Ledger()
        self.store = LastingStore(folder, run, mode, self.ledger)
        pace = Pace(threads, MemoryCell(Pace.start(threads)), time.monotonic)
        slots = ThreadSlots(pace)
        self.live = Live("fake/m", model, self.store, self.ledger, pace, slots, rng=random.Random(0))
        self.caller = Caller("fake/m", model, self.ledger, self.live, threads, time.monotonic, self.store.close_thread)

    def totals(self) -> Totals:
        totals = Totals()
        totals.add(self.ledger.drain())
        return totals

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exc: object) -> None:
        self.caller.close()
        self.store.close()
