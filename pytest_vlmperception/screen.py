"""Lines on the terminal while tests run, beside those of pytest."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import Any, TypeVar

import pytest

__all__ = ["WATCHED", "Screen", "watched"]

T = TypeVar("T")
Wrapper = Generator[None, T, T]

# Under this name the controller tells its workers whether somebody watches the progress.
WATCHED = "vlmperception-watched"

SAVE, RESTORE, ERASE_LINE = "\x1b7", "\x1b8", "\x1b[K"
# Make sure that there is a line below, which may scroll, and come back.
ROOM = "\x1bD\x1b[A"
BELOW = "\x1b[B\r"

# As pytest itself finds out.
CI_VARIABLES = ("CI", "BUILD_NUMBER")


class Screen:
    """The one who writes between pytest's own lines, from any thread.

    A test's output is captured by pointing the file descriptor elsewhere: what is written here goes
    through a duplicate of the descriptor that pytest itself writes to. The line of progress stands
    below pytest's current line, is never scrolled away, and is erased before pytest writes.

    Parameters
    ----------
    reporter : TerminalReporter
        Pytest's own; output must not be captured at this moment.
    """

    def __init__(self, reporter: Any) -> None:
        self._reporter = reporter
        self._writer = reporter._tw
        self._file = self._writer._file
        self._lock = RLock()
        self._directly = False
        self._drawn = False
        self._paused = False
        self._descriptor = duplicate(self._file)
        self._writer._file = Guarded(self._file, self._write)

    def _write(self, text: str) -> None:
        """Write what pytest writes."""
        with self._lock:
            self.hide()
            if self._directly:
                self._put(text)
            else:
                self._file.write(text)

    def _put(self, text: str) -> None:
        """Write where output goes that nobody captures."""
        if self._descriptor is None:
            self._file.write(text)
            return
        encoding = getattr(self._file, "encoding", None) or "utf-8"
        # A terminal that is gone is pytest's business.
        with suppress(OSError):
            os.write(self._descriptor, text.encode(encoding, "backslashreplace"))

    def say(self, line: str) -> None:
        """Print a line, on a line of its own."""
        with self._lock:
            self._directly = True
            try:
                if self._writer.width_of_current_line:
                    self._writer.line()
                # Pytest then begins its next line with the test file's name again.
                self._reporter.currentfspath = None
                self._writer.line(line)
            finally:
                self._directly = False

    def show(self, line: str) -> None:
        """Show a line below pytest's current one, in place of the one shown before."""
        with self._lock:
            if self._descriptor is None or self._paused:
                return
            width = columns(self._descriptor)
            self._put(f"{ROOM}{SAVE}{BELOW}{ERASE_LINE}{line[: width - 1]}{RESTORE}")
            self._drawn = True

    def hide(self) -> None:
        """Erase the line that is shown."""
        with self._lock:
            if self._drawn:
                self._drawn = False
                self._put(f"{SAVE}{BELOW}{ERASE_LINE}{RESTORE}")

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        with self._lock:
            self.hide()
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Wrapper[object]:
        """Write nothing between the parts of what pytest writes."""
        with self._undisturbed():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Wrapper[object]:
        """Write nothing between the parts of what pytest writes."""
        with self._undisturbed():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Wrapper[object]:
        """Write nothing between the parts of what pytest writes."""
        with self._undisturbed():
            return (yield)

    def pytest_enter_pdb(self) -> None:
        """Leave the terminal to the debugger."""
        with self._undisturbed():
            self._paused = True

    def pytest_leave_pdb(self) -> None:
        """Take the terminal back."""
        self._paused = False

    def pytest_unconfigure(self) -> None:
        """Leave pytest's writer as it was."""
        with self._lock:
            self.hide()
            self._writer._file = self._file
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None


class Guarded:
    """A text file whose text is written by somebody else."""

    def __init__(self, file: Any, write: Callable[[str], None]) -> None:
        self._file = file
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def duplicate(file: Any) -> int | None:
    """Return a descriptor of our own of a file; None where it has none, as in a test of pytest itself."""
    try:
        return os.dup(file.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def columns(descriptor: int) -> int:
    """Return the width of a terminal."""
    try:
        return os.get_terminal_size(descriptor).columns or 80
    except OSError:
        return 80


def watched(config: pytest.Config) -> bool:
    """Tell whether a line may be drawn and erased: on a terminal that somebody looks at, and nobody else writes to.

    With ``-s`` the tests write to it themselves. Windows' consoles differ too much.
    """
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return False
    captured = config.getoption("capture") in {"fd", "sys"} or config.pluginmanager.has_plugin("dsession")
    attended = reporter.isatty and reporter.verbosity >= 0 and not any(map(os.environ.get, CI_VARIABLES))
    return bool(attended and captured and reporter._tw.hasmarkup and os.name != "nt")
