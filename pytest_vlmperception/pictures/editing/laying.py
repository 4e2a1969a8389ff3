"""Two pictures laid on each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.pictures.masks import Mask

__all__ = ["IDENTITY", "SIDE_PX", "Grey", "Pair", "sampled"]

Grey = npt.NDArray[np.float64]

SIDE_PX = 128
"""Width and height at which pictures are laid on each other: a shift is found to a fifth of a per cent of the side."""

IDENTITY: Grey = np.array([1.0, 1.0, 0.0, 0.0])
"""The position of two pictures with the same frame."""
IDENTITY.flags.writeable = False

# Places of the pixels along a side, from its middle, in shares.
OFFSETS = (np.arange(SIDE_PX) + 0.5) / SIDE_PX - 0.5
OFFSETS.flags.writeable = False

# Share of what should be alike that both pictures have to show.
LEAST_OVERLAP = 0.4

# Refinement ends after so many steps, or when no parameter changes more than this.
STEPS, SMALL = 40, 1e-5

# Differences of L* beyond this weigh little: they are edits.
OUTLYING = 5.0

# Added to the diagonal of the normal equations, as a share of its mean: what nothing tells stays as it is.
DAMPING = 1e-3


@dataclass(frozen=True, eq=False)
class Pair:
    """Two small pictures that are laid on each other.

    Parameters of a position are zoom_x, zoom_y, and how far the middle is shifted to the right and down, in shares.

    Attributes
    ----------
    before, after : ndarray of float, shape (SIDE_PX, SIDE_PX)
        L*.
    kept : ndarray of bool, shape (SIDE_PX, SIDE_PX)
        Where they should be alike.
    """

    before: Grey
    after: Grey
    kept: Mask

    def laid(self, position: Grey) -> tuple[Grey, Mask]:
        """Return `after` as it lies on `before`, and where there is anything of it."""
        columns, rows = (zoom * OFFSETS + 0.5 + shift for zoom, shift in zip(position[:2], position[2:], strict=True))
        there = ((rows >= 0) & (rows <= 1))[:, None] & ((columns >= 0) & (columns <= 1))[None, :]
        return sampled(self.after, rows, columns), there

    def overlap(self, position: Grey) -> Mask:
        """Return where both show something that should be alike."""
        return self.kept & self.laid(position)[1]

    def correlation(self, position: Grey, where: Mask) -> float:
        """Return how alike the two are in some place, -1 to 1; 0 where one of them is plain."""
        first, second = self.before[where], self.laid(position)[0][where]
        if not first.size:
            return 0.0
        first, second = first - first.mean(), second - second.mean()
        norms = float(np.sqrt((first**2).sum() * (second**2).sum()))
        return float((first * second).sum() / norms) if norms > 0 else 0.0

    def fit(self, position: Grey) -> float:
        """Return how well the two lie on each other: their correlation, less where they show less of each other."""
        overlap = self.overlap(position)
        share = float(overlap.sum() / max(self.kept.sum(), 1))
        return self.correlation(position, overlap) * share if share >= LEAST_OVERLAP else -1.0

    def shifted(self, zoom: float) -> Grey:
        """Return the best position of a magnification, by cross-correlation."""
        position = np.array([zoom, zoom, 0.0, 0.0])
        laid, there = self.laid(position)
        first, second = (
            np.where(where, grey - grey[where].mean(), 0.0) if where.any() else np.zeros_like(grey)
            for grey, where in ((self.before, self.kept), (laid, there))
        )
        products = np.fft.ifft2(np.conj(np.fft.fft2(first)) * np.fft.fft2(second)).real
        down, right = np.unravel_index(int(products.argmax()), products.shape)
        steps = ((int(step) + SIDE_PX // 2) % SIDE_PX - SIDE_PX // 2 for step in (right, down))
        return np.array([zoom, zoom, *(zoom * step / SIDE_PX for step in steps)])

    def refined(self, position: Grey) -> Grey:
        """Return the position nearby where the two differ least."""
        for _ in range(STEPS):
            step = self.step(position)
            position = position + step
            if np.abs(step).max() < SMALL or not np.isfinite(position).all():
                break
        return position if np.isfinite(position).all() and position[:2].min() > 0 else IDENTITY

    def step(self, position: Grey) -> Grey:
        """Return one Gauss-Newton step; where the two differ much, which may have been edited, weighs little."""
        laid, there = self.laid(position)
        both = self.kept & there
        down, right = (slope * SIDE_PX for slope in np.gradient(laid))
        if not both.any():
            return np.zeros(4)
        residual = (laid - self.before)[both]
        residual -= np.median(residual)
        right, down = right / position[0], down / position[1]
        slopes = np.stack([right * OFFSETS[None, :], down * OFFSETS[:, None], right, down], axis=-1)[both]
        weight = 1.0 / (1.0 + (residual / OUTLYING) ** 2)
        normal = slopes.T @ (slopes * weight[:, None])
        damping = DAMPING * max(float(np.trace(normal)) / 4, 1e-12)
        return np.asarray(-np.linalg.solve(normal + damping * np.eye(4), slopes.T @ (weight * residual)))


def sampled(values: Grey, rows: Grey, columns: Grey) -> Grey:
    """Return a picture at the crossings of rows and columns, in shares of its sides, by linear interpolation."""
    from scipy import ndimage

    height, width = values.shape
    places = np.meshgrid(rows * height - 0.5, columns * width - 0.5, indexing="ij")
    found: Grey = ndimage.map_coordinates(values, places, order=1, mode="nearest")
    return found
