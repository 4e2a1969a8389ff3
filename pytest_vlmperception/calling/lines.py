"""A reply as one line of a recording.

There is one way to write a reply, and a line written in any other way is refused. So what a reviewer
sees in the file is what is replayed, and the digest tells that it is what was recorded. It keeps
accidents out; against a forger it is no signature.
"""

from __future__ import annotations

import json
import re
from reprlib import repr as short
from typing import Any

from pytest_vlmperception.calling.keys import key_of
from pytest_vlmperception.calling.rows import Row, parsed, reply_content, reply_from

__all__ = ["MAX_LINE_BYTES", "from_line", "to_line"]

FORMAT = 1
# What the store takes, with the key and the digest that a line has beside it.
MAX_LINE_BYTES = 16 * 2**20 + 2**10

# Shown raw, these would break a line in two, steer a terminal, turn text around, or be no UTF-8.
ESCAPED = re.compile(
    "[\ud800-\udbff][\udc00-\udfff]"
    "|[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


def to_line(row: Row) -> bytes:
    """Return the one line that stands for a row, its end included."""
    return rendered(dict(row.parts), reply_content(row.reply))


def rendered(parts: dict[str, Any], reply: dict[str, Any]) -> bytes:
    """Return the line of a reply."""
    content = {"format": FORMAT, "key": key_of(parts), "parts": parts, "reply": reply}
    text = json.dumps({**content, "sha256": key_of(content)}, ensure_ascii=False, sort_keys=True)
    return ESCAPED.sub(escaped, text).encode() + b"\n"


def escaped(match: re.Match[str]) -> str:
    """Return JSON's escape of a character, and two halves of a character as one."""
    if len(match[0]) == 2:
        return match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    return f"\\u{ord(match[0]):04x}"


def from_line(line: bytes) -> tuple[str, Row]:
    """Return key and row of a line.

    Raises
    ------
    ValueError
        With what the line is, where `to_line` did not write it.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"more than {MAX_LINE_BYTES} bytes in a line")
    content = parsed(line)
    if content.get("format") != FORMAT:
        raise ValueError(f"format {short(content.get('format'))[:40]} instead of {FORMAT}")
    key, parts, reply = content.get("key"), content.get("parts"), content.get("reply")
    if not isinstance(key, str) or not isinstance(parts, dict) or not isinstance(reply, dict):
        raise ValueError("a line without key, parts or reply")
    row = Row(reply_from(reply), "", parts)
    if key_of(parts) != key:
        raise ValueError("a key that its parts do not give")
    # git on Windows may have changed the line's end.
    if rendered(parts, reply) != line.removesuffix(b"\n").removesuffix(b"\r") + b"\n":
        raise ValueError("a line that was changed since it was recorded")
    return key, row
