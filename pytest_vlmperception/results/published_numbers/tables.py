"""Tables of published numbers, each with its source and what it must not be compared with."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pytest_vlmperception.errors import UsageError, choices_hint

__all__ = ["OVERALL", "PublishedTable", "published"]

OVERALL = "overall"

TABLES = ("geneval", "reason_edit", "wise", "wise_verified")


@dataclass(frozen=True)
class PublishedTable:
    """What a benchmark gave for several models.

    Attributes
    ----------
    name, title : str
        As `published` takes it, and as people call it.
    source, doi, version : str
        Where it was published, and which version of that.
    scale : str
        What the numbers are.
    decimals : int
        How many of them were published.
    notes : tuple of str
        What a reader has to know before comparing anything with them.
    columns : tuple of str
        The tasks, and ``overall``, in the order of the source.
    rows : mapping of str to mapping of str to float
        By model and column, as published; NaN where nothing was.
    weights : mapping of str to float
        What each task counts in the overall number.
    """

    name: str
    title: str
    source: str
    doi: str
    version: str
    scale: str
    decimals: int
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, float]] = field(repr=False)
    weights: Mapping[str, float] = field(default_factory=dict, repr=False)

    def row(self, model: str) -> Mapping[str, float]:
        """Return the numbers of one model by column.

        Raises
        ------
        UsageError
            If it is not in the table.
        """
        if model not in self.rows:
            raise UsageError(f"{self.title} has no model {model!r}; {choices_hint(str(model), self.rows)}")
        return self.rows[model]

    def mean(self, model: str) -> float:
        r"""Return the overall number as the published tasks give it, :math:`\sum_t w_t x_t / \sum_t w_t`.

        NaN where there is no number of a task. The published one was rounded after it was computed, the tasks were
        rounded before.
        """
        row = self.row(model)
        total = math.fsum(self.weights.values())
        return math.fsum(weight * row[task] for task, weight in self.weights.items()) / total if total else math.nan


def published(name: str) -> PublishedTable:
    """Return a table of published numbers.

    Parameters
    ----------
    name : {"geneval", "reason_edit", "wise", "wise_verified"}
        The benchmark: GenEval, Reason-Edit and the legacy edition of WISE as GPT-ImgEval [1]_ reports them, and the
        verified edition of WISE, which is another benchmark.

    Raises
    ------
    UsageError
        If there is none of that name.

    References
    ----------
    .. [1] Yan, Z. et al. (2025). GPT-ImgEval: a comprehensive benchmark for diagnosing GPT4o in image generation.
       :DOI:`10.48550/arXiv.2504.02782`

    Examples
    --------
    >>> published("wise").row("GPT-4o")["overall"]
    0.8
    """
    if name not in TABLES:
        raise UsageError(f"there are no published numbers of {name!r}; {choices_hint(str(name), TABLES)}")
    content = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))
    columns = tuple(content.pop("columns"))
    rows = {
        model: MappingProxyType(dict(zip(columns, numbers, strict=True)))
        for model, numbers in content.pop("rows").items()
    }
    notes, weights = tuple(content.pop("notes")), MappingProxyType(content.pop("weights", {}))
    return PublishedTable(name, notes=notes, columns=columns, rows=MappingProxyType(rows), weights=weights, **content)
