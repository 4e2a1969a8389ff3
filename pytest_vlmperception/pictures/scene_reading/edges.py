"""Whether a picture has a plain background."""

from __future__ import annotations

import numpy as np

from pytest_vlmperception.pictures.colour import lab_from_rgb
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels

__all__ = ["plain_edges"]

# Side of the tiles that are averaged, so that noise does not count; in pixels.
TILE = 8

# Two tiles are of one colour if they differ by no more than this in CIELAB.
ALIKE = 10.0


def plain_edges(pixels: Pixels) -> float:
    """Return the share of a picture's edges that has one colour, from 0 to 1.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        sRGB. Averaged over tiles of 8 x 8 pixels, of a smaller picture over all of it.
    """
    lab = lab_from_rgb(tiles(check_pixels(pixels)))
    edges = np.concatenate([lab[[0, -1]].reshape(-1, 3), lab[:, [0, -1]].reshape(-1, 3)])
    distances = np.linalg.norm(edges - np.median(edges, axis=0), axis=1)
    return float(np.mean(distances <= ALIKE))


def tiles(pixels: Pixels) -> Pixels:
    """Return a picture made smaller by averaging tiles; what is left over at the right and below is cut off."""
    height, width = pixels.shape[:2]
    down, across = min(TILE, height), min(TILE, width)
    cut = pixels[: height - height % down, : width - width % across].astype(np.float64)
    grid = cut.reshape(cut.shape[0] // down, down, cut.shape[1] // across, across, 3)
    return np.asarray(grid.mean(axis=(1, 3)).round(), dtype=np.uint8)
