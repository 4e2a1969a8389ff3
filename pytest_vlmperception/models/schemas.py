"""The shape that a reply must have, as each provider wants to be told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["gemini_format", "openai_format"]

# The protocol wants a name for the schema.
NAME = "answer"


def openai_format(schema: str, api: str) -> dict[str, Any]:
    """Return the arguments that hold a reply to a JSON Schema, of Chat Completions or Responses.

    Parameters
    ----------
    schema : str
        As JSON. It is strict: each object has all of its properties and no others.
    api : str
        ``chat`` or ``responses``.
    """
    shape = {"name": NAME, "strict": True, "schema": json.loads(schema)}
    if api == "responses":
        return {"text": {"format": {"type": "json_schema", **shape}}}
    return {"response_format": {"type": "json_schema", "json_schema": shape}}


def gemini_format(schema: str) -> dict[str, Any]:
    """Return the configuration that holds a reply to a JSON Schema.

    Parameters
    ----------
    schema : str
        As JSON: an object of texts and whole numbers, each with its allowed values.
    """
    content = json.loads(schema)
    shape = {
        "type": "OBJECT",
        "properties": {name: gemini_value(value) for name, value in content["properties"].items()},
        "required": content["required"],
        # Without it the model answers in alphabetical order.
        "propertyOrdering": content["required"],
    }
    return {"response_mime_type": "application/json", "response_schema": shape}


def gemini_value(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of one value. Gemini lists the values of texts only; numbers have bounds."""
    if value["type"] == "integer":
        return {"type": "INTEGER", "minimum": min(value["enum"]), "maximum": max(value["enum"])}
    return {"type": "STRING", "format": "enum", "enum": value["enum"]}
