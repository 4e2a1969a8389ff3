"""What a worker tells the controller while tests run: pytest-xdist itself carries only what a test came to.

Files in the private folder of the run. The controller reads them; a worker that dies leaves at most
half a line, which is not read.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_vlmperception.models import Identity
from pytest_vlmperception.records import Outlook

__all__ = ["Inbox", "Outbox"]

LETTERS = "letters"

# For how long a first call waits to be announced by a controller that is busy.
PATIENCE_S = 2.0
LOOK_AGAIN_S = 0.002


class Outbox:
    """What one worker writes.

    Parameters
    ----------
    folder : Path
        The same in all processes of the run.
    worker : str
        Name of the worker.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self._folder = folder / LETTERS
        self._events = self._folder / f"{worker}.events"

    def expect(self, identity: Identity) -> None:
        """Do nothing: the controller looks prices up."""

    def tell(self, events: Sequence[Sequence[Any]]) -> None:
        """Pass on what a ledger heard."""
        # Progress is no reason for a test to fail, whatever the disk is like.
        with suppress(OSError), self._events.open("a", encoding="ascii") as file:
            file.write(json.dumps(events) + "\n")

    def announce(self, outlook: Outlook, identity: Identity) -> None:
        """Have the first call to a model announced, and wait until that is done."""
        name = hashlib.sha256(outlook.model.encode()).hexdigest()[:16]
        letter, announced = self._folder / f"{name}.outlook", self._folder / f"{name}.announced"
        draft = self._events.with_suffix(f".{name}")
        who = [identity.provider, identity.model, identity.base_url]
        with suppress(OSError):
            if announced.exists():
                return
            draft.write_text(json.dumps([asdict(outlook), who]), encoding="ascii")
            draft.replace(letter)
            end = time.monotonic() + PATIENCE_S
            while not announced.exists() and time.monotonic() < end:
                time.sleep(LOOK_AGAIN_S)


class Inbox:
    """What the controller reads.

    Parameters
    ----------
    folder : Path
        The same in all processes of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / LETTERS
        self._folder.mkdir(exist_ok=True)
        self._read: dict[Path, int] = {}
        self._gone: list[str] = []
        self._announced: set[Path] = set()

    def _letters(self, kind: str) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if path.suffix == kind)

    def events(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """Yield what the workers heard since the last time, by worker."""
        for path in self._letters(".events"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._read[path] = self._read.get(path, 0) + len(whole)
            for line in whole.splitlines():
                # A disk that was full for a while leaves half a line.
                with suppress(ValueError):
                    yield path.stem, json.loads(line)
        while self._gone:
            yield self._gone.pop(), [["in flight", "", 0]]

    def gone(self, worker: str) -> None:
        """Take note that a worker has ended: nothing it asked is in flight any more."""
        self._gone.append(worker)

    def outlooks(self) -> Iterator[tuple[Outlook, Identity]]:
        """Yield what is to be announced; with the next step it counts as announced."""
        for path in self._letters(".outlook"):
            if path not in self._announced:
                self._announced.add(path)
                outlook, who = json.loads(path.read_text(encoding="ascii"))
                yield Outlook(**outlook), Identity(who[0], who[1], base_url=who[2])
                path.with_suffix(".announced").touch()
