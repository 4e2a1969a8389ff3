"""Lines that are shown while a run goes on."""

from __future__ import annotations

from pytest_vlmperception.records import Figures, Outlook, counted
from pytest_vlmperception.report.money import usd_range, usd_text

__all__ = ["asking_line", "progress_line"]


def progress_line(figures: Figures, seconds_left: float | None) -> str:
    """Return one line of progress.

    >>> from pytest_vlmperception.records import Figures
    >>> progress_line(Figures(630, 352, 12, 2, 32, 0.1234), 75.2)
    'vlm: 350/630 answered, 12 hits, 32 in flight, 2 failures, USD 0.12, 1:16 left'
    """
    parts = [
        f"{figures.done - figures.failures}/{figures.asked} answered",
        counted(figures.hits, "hit"),
        f"{figures.in_flight} in flight",
        counted(figures.failures, "failure"),
        f"USD {usd_text(figures.usd)}",
        "time left unknown" if seconds_left is None else f"{clock(seconds_left)} left",
    ]
    return f"vlm: {', '.join(parts)}"


def asking_line(outlook: Outlook, usd: tuple[float, float] | None) -> str:
    """Return the line that is printed before a model's first paid call.

    Parameters
    ----------
    outlook : Outlook
        What was submitted so far.
    usd : tuple of (float, float) or None
        What it costs at least and at most, estimated; None where the price is not known.
    """
    about = "" if outlook.exact else "about "
    calls = f"at least {about}{counted(outlook.calls, 'call')}"
    return f"vlm: asking {outlook.model}: {calls}, {usd_range(usd)} (stored: {outlook.stored})"


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any; rounded up to a second."""
    minutes, rest = divmod(int(-(-seconds // 1)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
