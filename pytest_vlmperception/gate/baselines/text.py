"""A baseline as the text of its file.

There is one way to write a baseline, and a text that is written in any other way is refused: what a reviewer sees is
what is compared, and the digest tells that it is what was written. It keeps accidents out; against a forger it is no
signature.

The second line holds the SHA-256 of all the others.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pytest_vlmperception.errors import BaselineError, UsageError
from pytest_vlmperception.gate.baselines.baseline import Baseline
from pytest_vlmperception.gate.baselines.plain import plain, reader_of
from pytest_vlmperception.gate.held import spelt
from pytest_vlmperception.records.strict_json import loads_strictly

__all__ = ["MAX_BYTES", "digest_of", "from_bytes", "to_bytes"]

FORMAT = 1
MAX_BYTES = 64 * 2**20


def to_bytes(baseline: Baseline) -> bytes:
    """Return the file that stands for a baseline."""
    text = signed_text(baseline)
    first, rest = text[:2], text[2:]
    return f'{first}  "sha256": "{sha256_of(text)}",\n{rest}'.encode()


def digest_of(baseline: Baseline) -> str:
    """Return what stands in the second line of a baseline's file."""
    return sha256_of(signed_text(baseline))


def from_bytes(data: bytes) -> Baseline:
    """Read back what `to_bytes` gave.

    Raises
    ------
    BaselineError
        If a newer version wrote it.
    UsageError
        With what it is, where it is anything else.
    """
    content = parsed(data)
    check_format(content.get("format"))
    baseline: Baseline = reader_of(Baseline)({
        name: value for name, value in content.items() if name not in {"format", "sha256"}
    })
    # git on Windows may have changed the lines' ends.
    if to_bytes(baseline) != data.replace(b"\r\n", b"\n"):
        raise UsageError("it was changed since it was written")
    return baseline


def parsed(data: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    if b"\n<<<<<<< " in data:
        raise UsageError("it holds a conflict of git, of which one side is to be taken whole")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UsageError("it is not UTF-8") from None
    content = loads_strictly(text)
    if not isinstance(content, dict):
        raise UsageError("it is no JSON object")
    return content


def check_format(number: object) -> None:
    """Raise unless this version reads the format."""
    if type(number) is not int or number < 1:
        raise UsageError("it has no format, as every baseline does")
    if number > FORMAT:
        raise BaselineError(
            f"it was written by a newer version of pytest-vlmperception (format {number!s:.20}); upgrade"
        )


def signed_text(baseline: Baseline) -> str:
    """Return the lines of a baseline that its digest is of."""
    return rendered({"format": FORMAT, **plain(baseline)}, "") + "\n"


def sha256_of(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def rendered(value: Any, margin: str) -> str:
    """Return indented JSON in which lists of plain values, and plain objects in a list, are one line each."""
    if isinstance(value, dict) and value:
        return block(
            "{}", [f"{compact(name)}: {rendered(inner, margin + '  ')}" for name, inner in value.items()], margin
        )
    if isinstance(value, list) and not is_flat(value):
        lines = [compact(inner) if is_flat(inner) else rendered(inner, margin + "  ") for inner in value]
        return block("[]", lines, margin)
    return compact(value)


def block(brackets: str, lines: list[str], margin: str) -> str:
    """Return lines between brackets, set in by two blanks."""
    inner = ",\n".join(f"{margin}  {line}" for line in lines)
    return f"{brackets[0]}\n{inner}\n{margin}{brackets[1]}"


def is_flat(value: Any) -> bool:
    """Tell whether a value holds neither lists nor objects."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not any(isinstance(item, dict | list) for item in inner)


def compact(value: Any) -> str:
    """Return JSON on one line; what no reader would see is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isprintable() else "".join(map(spelt, text))
