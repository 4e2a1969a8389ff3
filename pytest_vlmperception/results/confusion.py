"""Which label was answered for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Confusion", "confusion_of"]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Trials by the label they should have and the label that was answered.

    Attributes
    ----------
    labels : tuple of str, length n
        Of rows and columns.
    counts : ndarray of int, shape (n, n)
        ``counts[i, j]`` = trials whose reference is label i, answered with label j.
    missing : ndarray of int, shape (n,)
        Trials whose reference is label i, without a usable answer.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    missing: NDArray[np.int64]

    @property
    def recall(self) -> Mapping[str, float]:
        """Share of each label's answers that are right; NaN where it has none."""
        import numpy as np

        totals = self.counts.sum(axis=1)
        shares = np.divide(self.counts.diagonal(), totals, out=np.full(len(totals), np.nan), where=totals > 0)
        return dict(zip(self.labels, shares.tolist(), strict=True))

    def __str__(self) -> str:
        rows = [
            [label, *map(str, counts), str(missing)]
            for label, counts, missing in zip(self.labels, self.counts, self.missing, strict=True)
        ]
        table = [["reference", *self.labels, "missing"], *rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
            for row in table
        )


def confusion_of(labels: tuple[str, ...], references: Sequence[str], answered: Sequence[str | None]) -> Confusion:
    """Count trials; None is no usable answer."""
    place = {label: index for index, label in enumerate(labels)}
    import numpy as np

    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    missing = np.zeros(len(labels), dtype=np.int64)
    for reference, answer in zip(references, answered, strict=True):
        if answer is None:
            missing[place[reference]] += 1
        else:
            counts[place[reference], place[answer]] += 1
    counts.flags.writeable = missing.flags.writeable = False
    return Confusion(labels, counts, missing)
