"""The key of an answer is its content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Question

__all__ = ["canonical", "key_of", "key_parts"]


def key_parts(identity: Identity, question: Question) -> dict[str, Any]:
    """Return everything that decides an answer, readable, without secrets.

    Two questions have the same parts exactly if one answer may serve for both: the model and its
    parameters, the text, the bytes of the pictures as sent, the answers allowed, and the repeat.
    """
    parts: dict[str, Any] = {
        "provider": identity.provider,
        "model": identity.model,
        "parameters": dict(identity.parameters),
        "base_url": identity.base_url,
        "adapter": identity.adapter,
        "prompt": question.prompt,
        "choices": list(question.choices),
        "pictures": [picture.sha256 for picture in question.pictures],
        "repeat": question.repeat,
    }
    # What older questions had not is no part of their keys.
    if question.makes:
        parts["makes"] = question.makes
    if question.mask is not None:
        parts["mask"] = question.mask.sha256
    if identity.sees_task and question.task is not None:
        task = question.task
        parts["task"] = [task.verb, task.attribute, task.direction, list(task.labels)]
        if task.checks:
            parts["checks"] = list(task.checks)
    if identity.takes_schema and question.schema:
        parts["schema"] = question.schema
    return parts


def key_of(parts: dict[str, Any]) -> str:
    """Return the hexadecimal SHA-256 of the canonical JSON of `parts`."""
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def canonical(value: object) -> str:
    """Return JSON with sorted keys, no spaces and ASCII only: the same on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
