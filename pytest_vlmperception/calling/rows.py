"""Replies and failures as JSON, checked when they are read back."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from reprlib import repr as short
from types import MappingProxyType
from typing import Any, get_args

from pytest_vlmperception.calling.budget import BudgetState, Share
from pytest_vlmperception.calling.pace import PaceState
from pytest_vlmperception.calling.spending import Amount
from pytest_vlmperception.errors import CallError, StoreError
from pytest_vlmperception.records import Made, Reply, ReplyKind, Usage

__all__ = [
    "SUFFIXES",
    "Row",
    "budget_from_json",
    "budget_to_json",
    "failure_from_json",
    "failure_to_json",
    "pace_from_json",
    "pace_to_json",
    "reply_content",
]

FORMAT = 1
MAX_DEPTH = 32


@dataclass(frozen=True)
class Row:
    """One stored reply.

    Attributes
    ----------
    reply : Reply
        What the model sent. Its pictures are kept apart: JSON has their names only.
    run : str
        The run that asked.
    parts : mapping
        The readable parts of the key, for explaining a miss.
    """

    reply: Reply
    run: str
    parts: Mapping[str, Any]

    def to_json(self) -> bytes:
        """Return the row as UTF-8 JSON.

        Raises
        ------
        StoreError
            If the reply is one that `from_json` would refuse: a provider must not make it.
        """
        content = {"format": FORMAT, "run": self.run, "parts": dict(self.parts)}
        content["reply"] = reply_content(self.reply)
        try:
            reply_from(content["reply"])
        except ValueError as error:
            raise StoreError(f"the provider gave {error}; it is not stored, and the provider is to be mended") from None
        return json.dumps(content, sort_keys=True).encode()

    def kept(self, read: Callable[[Made], bytes]) -> Row:
        """Return the row with pictures that `read` reads when they are needed."""
        if not self.reply.pictures:
            return self
        pictures = tuple(Made.kept(p.media_type, p.sha256, partial(read, p)) for p in self.reply.pictures)
        return replace(self, reply=replace(self.reply, pictures=pictures))

    @classmethod
    def from_json(cls, data: bytes) -> Row:
        """Read a row back; who keeps its pictures says so by `kept`.

        Raises
        ------
        StoreError
            If `data` is not what `to_json` wrote.
        """
        content = loads(data)
        if content.get("format") != FORMAT:
            raise malformed(f"format {short(content.get('format'))[:40]} instead of {FORMAT}")
        run, parts = content.get("run"), content.get("parts")
        if not isinstance(run, str) or not isinstance(parts, dict):
            raise malformed("no run or no parts of the key")
        try:
            return cls(reply_from(content.get("reply")), run, parts)
        except ValueError as error:
            raise malformed(str(error)) from None


def loads(data: bytes) -> dict[str, Any]:
    """Parse what the store holds."""
    try:
        return parsed(data)
    except ValueError as error:
        raise malformed(str(error)) from None


def parsed(data: bytes) -> dict[str, Any]:
    """Parse a JSON object of bounded depth.

    Raises
    ------
    ValueError
        With what it is, where it is none.
    """
    try:
        content = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON ({type(error).__name__})") from None
    if not isinstance(content, dict):
        raise ValueError(f"a JSON {type(content).__name__} instead of an object")
    if is_deeper(content, MAX_DEPTH):
        raise ValueError(f"JSON nested deeper than {MAX_DEPTH}")
    return content


def is_deeper(value: object, depth: int) -> bool:
    """Tell whether lists and objects are nested more than `depth` deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(is_deeper(item, depth - 1) for item in inner)


TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "text": (str,),
    "model": (str,),
    "finish_reason": (str,),
    "request_id": (str,),
    "latency_s": (int, float),
    "usage": (dict,),
    "probabilities": (dict, type(None)),
}
COUNTS = frozenset(field.name for field in fields(Usage))
# Counts that rows of earlier versions have not.
LATER = frozenset({"output_image_tokens"})

SHA256 = re.compile("[0-9a-f]{64}")
# As many as one request can ask for.
MAX_PICTURES = 16
# What a picture may be, and how a file of it ends.
SUFFIXES: Mapping[str, str] = MappingProxyType({
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
})


def reply_from(content: object) -> Reply:
    """Build a reply from parsed JSON, field by field.

    Raises
    ------
    ValueError
        With what it is, where it is none.
    """
    if not isinstance(content, dict) or set(content) - {"pictures"} != set(TYPES):
        raise ValueError("a reply with other fields than expected")
    wrong = [name for name, types in TYPES.items() if not isinstance(content[name], types)]
    if wrong or content["kind"] not in get_args(ReplyKind):
        raise ValueError(f"a reply whose {(wrong or ['kind'])[0]} has an unexpected value")
    if not all(is_number(number) for number in [content["latency_s"], *(content["probabilities"] or {}).values()]):
        raise ValueError("a latency or probability that is no number")
    pictures = pictures_from(content["pictures"]) if "pictures" in content else ()
    return Reply(**{**content, "usage": usage_from(content["usage"]), "pictures": pictures})


def reply_content(reply: Reply) -> dict[str, Any]:
    """Return a reply for JSON. What older replies had not is not there where it is empty: they stay as they were."""
    content = {field.name: getattr(reply, field.name) for field in fields(Reply) if field.name != "pictures"}
    usage = asdict(reply.usage)
    content["usage"] = {name: count for name, count in usage.items() if name not in LATER or count is not None}
    if reply.probabilities is not None:
        content["probabilities"] = dict(reply.probabilities)
    if reply.pictures:
        content["pictures"] = [{"media_type": made.media_type, "sha256": made.sha256} for made in reply.pictures]
    return content


def pictures_from(content: object) -> tuple[Made, ...]:
    """Build the names of pictures from parsed JSON."""
    if not isinstance(content, list) or not 0 < len(content) <= MAX_PICTURES:
        raise ValueError(f"a reply whose pictures are no list of 1 to {MAX_PICTURES}")
    return tuple(map(picture_from, content))


def picture_from(content: object) -> Made:
    """Build the name of one picture from parsed JSON."""
    if not isinstance(content, dict) or set(content) != {"media_type", "sha256"}:
        raise ValueError("a picture with other fields than expected")
    media_type, sha256 = content["media_type"], content["sha256"]
    if (
        not isinstance(media_type, str)
        or media_type not in SUFFIXES
        or not isinstance(sha256, str)
        or not SHA256.fullmatch(sha256)
    ):
        raise ValueError("a picture without media type or hash")
    return Made.kept(media_type, sha256, nowhere)


def nowhere() -> bytes:
    """Say that nobody keeps the bytes of a picture."""
    raise StoreError("only the name of the picture is kept here, not its bytes")


def usage_from(content: Mapping[str, Any]) -> Usage:
    """Build token counts from parsed JSON."""
    if not COUNTS - LATER <= set(content) <= COUNTS:
        raise ValueError("other counts of tokens than expected")
    # A bool is an int in Python, and no count.
    if not all(count is None or (type(count) is int and count >= 0) for count in content.values()):
        raise ValueError("a count of tokens that is no count")
    return Usage(**content)


def is_number(value: object) -> bool:
    """Tell whether a value is a number that a float can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def failure_to_json(error: CallError) -> bytes:
    """Return a final failure as JSON: kept for one run, so that its workers do not ask again."""
    return json.dumps({"kind": error.kind, "message": error.message}).encode()


def failure_from_json(data: bytes) -> CallError:
    """Read a failure of this run back."""
    content = loads(data)
    kind, message = content.get("kind"), content.get("message")
    if not isinstance(kind, str) or not isinstance(message, str):
        raise malformed("a failure without kind or message")
    return CallError(message, kind, sent=False)


def pace_to_json(state: PaceState) -> bytes:
    """Return the pace of a model as JSON."""
    return json.dumps(asdict(state)).encode()


def pace_from_json(data: bytes) -> PaceState:
    """Read the pace of a model back."""
    content = loads(data)
    numbers: dict[str, tuple[type, ...]] = {
        "limit": (int,),
        "until": (int, float),
        "cut_at": (int, float),
        "slow_start": (bool,),
    }
    if set(content) != set(numbers) or not all(isinstance(content[name], kind) for name, kind in numbers.items()):
        raise malformed("a pace with other fields than expected")
    return PaceState(**content)


def budget_to_json(state: BudgetState) -> bytes:
    """Return what a run paid and reserved as JSON."""
    return json.dumps(asdict(state)).encode()


def budget_from_json(data: bytes) -> BudgetState:
    """Read what a run paid and reserved back."""
    content = loads(data)
    shares = content.get("shares")
    if set(content) != {"paid", "shares"} or not isinstance(shares, dict):
        raise malformed("a budget with other fields than expected")
    return BudgetState(amount_from(content["paid"]), {name: share_from(share) for name, share in shares.items()})


def share_from(content: object) -> Share:
    """Build the reservations of one process from parsed JSON."""
    if not isinstance(content, dict) or set(content) != {"amount", "until"}:
        raise malformed("a reservation with other fields than expected")
    until = content["until"]
    if not isinstance(until, float) or not math.isfinite(until):
        raise malformed("a reservation without end")
    return Share(amount_from(content["amount"]), until)


def amount_from(content: object) -> Amount:
    """Build calls and money from parsed JSON."""
    if not isinstance(content, dict) or set(content) != {"calls", "picos"}:
        raise malformed("an amount with other fields than expected")
    if not all(type(number) is int and number >= 0 for number in content.values()):
        raise malformed("an amount that is no count")
    return Amount(**content)


def malformed(what: str) -> StoreError:
    """Return the error for content that this package did not write."""
    return StoreError(f"the store holds {what}; it was not written by this package and is not used")
