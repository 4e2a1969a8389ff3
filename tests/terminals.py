"""A terminal for tests: a program runs on a pseudo-terminal, and what its screen shows is worked out.

It knows what pytest and this package send: text, line feeds with scrolling, saved cursors, and the
control sequences that move the cursor or erase. Any other sequence fails the test.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SEQUENCE = re.compile(
    r"\x1b(?:\[(?P<number>[0-9;]*)(?P<command>[A-Za-z])|(?P<short>[78DM])|\][^\x1b\x07]*(?:\x1b\\|\x07))"
)

LONGEST = 40


class Terminal:
    """A screen of some rows and columns, above it what has scrolled away."""

    def __init__(self, rows: int = 24, columns: int = 100) -> None:
        self.rows, self.columns = rows, columns
        self.lines = [[" "] * columns for _ in range(rows)]
        self.scrolled: list[str] = []
        self.row = self.column = 0
        self.saved = (0, 0)
        self.shown: list[str] = []
        self.pending = ""

    def feed(self, text: str) -> None:
        text, position = self.pending + text, 0
        self.pending = ""
        while position < len(text):
            if text[position] != "\x1b":
                self.character(text[position])
                position += 1
                continue
            match = SEQUENCE.match(text, position)
            if match is None and len(text) - position < LONGEST:
                # Its end comes with the next piece.
                self.pending = text[position:]
                return
            assert match, f"unknown sequence {text[position : position + 12]!r}"
            self.sequence(match["number"] or "", match["command"] or match["short"] or "")
            position = match.end()

    def character(self, character: str) -> None:
        if character == "\n":
            self.index()
        elif character == "\r":
            self.column = 0
        else:
            if self.column == self.columns:
                self.column = 0
                self.index()
            self.lines[self.row][self.column] = character
            self.column += 1

    def index(self) -> None:
        if self.row < self.rows - 1:
            self.row += 1
            return
        self.scrolled.append("".join(self.lines.pop(0)).rstrip())
        self.lines.append([" "] * self.columns)

    def sequence(self, number: str, command: str) -> None:
        if command == "7":
            self.saved = self.row, self.column
        elif command == "8":
            # Whoever drew elsewhere is done with it.
            self.shown += [line for line in self.text.splitlines() if line not in self.shown]
            self.row, self.column = self.saved
        elif command == "D":
            self.index()
        elif command == "A":
            self.row = max(0, self.row - int(number or 1))
        elif command == "B":
            self.row = min(self.rows - 1, self.row + int(number or 1))
        elif command == "K":
            start = 0 if number == "2" else self.column
            self.lines[self.row][start:] = [" "] * (self.columns - start)
        else:
            assert command in {"m", ""}, f"unknown command {number}{command}"

    @property
    def text(self) -> str:
        shown = ["".join(line).rstrip() for line in self.lines]
        return "\n".join([*self.scrolled, *shown]).rstrip()


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], terminal: Terminal) -> tuple[int, str]:
    """Run pytest on a terminal: exit code, and what it sent."""
    controller, worker = pty.openpty()
    fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", terminal.rows, terminal.columns, 0, 0))
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=worker, stdout=worker, stderr=worker)
    os.close(worker)
    decoder = codecs.getincrementaldecoder("utf-8")()
    raw, end = "", time.monotonic() + 60
    while time.monotonic() < end:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            # Linux says so when the last writer is gone.
            break
        if not piece:
            break
        text = decoder.decode(piece)
        raw += text
        terminal.feed(text)
    os.close(controller)
    return process.wait(10), raw
