"""Which part of a picture its edited version shows: crops, shifts, and other proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pytest_vlmperception.pictures.colour import lab_from_rgb
from pytest_vlmperception.pictures.editing.laying import IDENTITY, SIDE_PX, Grey, Pair, sampled
from pytest_vlmperception.pictures.masks import Mask
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels

__all__ = ["Framing", "framing_of", "registered"]

# Standard deviation of the Gaussian by which what lies a pixel off is still alike.
BLUR_PX = 1.5

# Magnifications that are tried before the best is refined, which bridges the steps.
ZOOMS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4)

# Below this correlation nothing is known of where the parts of a picture went.
LEAST_CORRELATION = 0.5

# Largest share of the lack of correlation that another frame may leave. Of pictures of shapes, a crop leaves up to
# 0.03, and moving every shape by a few pixels hardly ever less than 0.16.
UNEXPLAINED = 0.1

# Half a pixel off is nothing to undo.
UNMOVED_PX = 0.5


@dataclass(frozen=True)
class Framing:
    """How the frame of an edited picture lies on that of its source.

    What was at (x, y) in the source, in shares of its width and height, is at (zoom_x x + right, zoom_y y + down) in
    the edited picture.

    Attributes
    ----------
    zoom_x, zoom_y : float
        1 where nothing was scaled in relation to the frame.
    right, down : float
        In shares of width and height.
    aspect : float
        Width over height of the edited picture, over that of its source.
    correlation : float
        Of the two pictures' L* when they lie on each other so.
    """

    zoom_x: float = 1.0
    zoom_y: float = 1.0
    right: float = 0.0
    down: float = 0.0
    aspect: float = 1.0
    correlation: float = 1.0

    def undone(self, x: float, y: float) -> tuple[float, float]:
        """Return where in the source a place of the edited picture was, in shares of width and height."""
        return (x - self.right) / self.zoom_x, (y - self.down) / self.zoom_y

    @property
    def kept(self) -> float:
        """The share of the source's area that can be seen; NaN where the pictures cannot be laid on each other."""
        if self.correlation < LEAST_CORRELATION:
            return float("nan")
        return seen(self.zoom_x, self.right) * seen(self.zoom_y, self.down)


def seen(zoom: float, shift: float) -> float:
    """Return the share of one side of the source that lies inside the frame."""
    return max(0.0, min(1.0, (1.0 - shift) / zoom) - max(0.0, -shift / zoom))


def is_unmoved(framing: Framing, shape: tuple[int, ...]) -> bool:
    """Return whether every corner of the source is within half a pixel of its place."""
    sides = ((framing.zoom_x, framing.right, shape[1]), (framing.zoom_y, framing.down, shape[0]))
    return all(max(abs(shift), abs(zoom + shift - 1.0)) * side <= UNMOVED_PX for zoom, shift, side in sides)


def framing_of(before: Pixels, after: Pixels, mask: Mask | None = None) -> Framing:
    """Return how the frame of an edited picture lies on that of its source.

    Both are brought to one size. The magnification whose best shift, by cross-correlation, makes them most alike is
    refined together with that shift, for width and height apart, by Gauss-Newton steps on the squared difference of
    L* outside the mask, as Lucas and Kanade do [1]_. That it is the frame that has changed is taken to be so only where
    it explains nearly all that differs: things that were drawn anew, a little elsewhere, are no crop.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        sRGB; their sizes may differ.
    mask : ndarray of bool, shape (height, width), optional
        True where `before` was to be edited.

    References
    ----------
    .. [1] Lucas, B. D. and Kanade, T. (1981). An iterative image registration technique with an application to stereo
       vision. Proc. 7th Int. Joint Conf. Artificial Intelligence, 674-679.
    """
    aspect = after.shape[1] / after.shape[0] / (before.shape[1] / before.shape[0])
    if is_kept(before, after, mask):
        return Framing(aspect=aspect)
    pair = Pair(small(before), small(after), kept_small(mask))
    begun = max((IDENTITY, *(pair.shifted(zoom) for zoom in ZOOMS)), key=pair.fit)
    found = pair.refined(begun)
    where = pair.overlap(found)
    same, other = (pair.correlation(position, where) for position in (IDENTITY, found))
    if 1.0 - other > UNEXPLAINED * (1.0 - same):
        found, other = IDENTITY, pair.correlation(IDENTITY, pair.kept)
    right, down = 0.5 + found[2:] - 0.5 * found[:2]
    return Framing(float(found[0]), float(found[1]), float(right), float(down), aspect, other)


def is_kept(before: Pixels, after: Pixels, mask: Mask | None) -> bool:
    """Return whether every pixel is as it was where it should be, and these are not plain: then the frame is, too."""
    if before.shape != after.shape or (mask is not None and mask.shape != before.shape[:2]):
        return False
    kept = (before == after).all(axis=-1)
    if mask is not None:
        before, kept = before[~mask], kept[~mask]
    return bool(kept.size and kept.all() and np.ptp(before.reshape(-1, 3), axis=0).any())


def small(pixels: Pixels) -> Grey:
    """Return L* of a picture at the size at which it is compared."""
    picture = Image.fromarray(check_pixels(pixels)).resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    return blur(lab_from_rgb(np.asarray(picture))[..., 0])


def blur(grey: Grey) -> Grey:
    """Return a picture blurred, so that what lies a pixel off is still alike."""
    from scipy import ndimage

    soft: Grey = ndimage.gaussian_filter(grey, BLUR_PX, mode="nearest")
    return soft


def kept_small(mask: Mask | None) -> Mask:
    """Return where a picture was not to be edited, at the size at which it is compared."""
    if mask is None:
        return np.ones((SIDE_PX, SIDE_PX), dtype=np.bool_)
    edited = Image.fromarray(mask).convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    kept: Mask = blur(np.asarray(edited, dtype=np.float64)) < 1.0
    return kept


def registered(before: Pixels, after: Pixels, framing: Framing) -> tuple[Pixels, Mask]:
    """Return an edited picture as it lies on its source, and where there is anything of it.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        The source and its edited version.
    framing : Framing
        From `framing_of`. Where it knows nothing, the picture is only brought to the size of its source.

    Returns
    -------
    tuple
        sRGB of the size of `before`, and an ndarray of bool, shape (height, width).
    """
    shape = before.shape[:2]
    known = framing if framing.correlation >= LEAST_CORRELATION else Framing()
    if before.shape == after.shape and is_unmoved(known, shape):
        return after, np.ones(shape, dtype=np.bool_)
    rows = known.zoom_y * (np.arange(shape[0]) + 0.5) / shape[0] + known.down
    columns = known.zoom_x * (np.arange(shape[1]) + 0.5) / shape[1] + known.right
    there = ((rows >= 0) & (rows <= 1))[:, None] & ((columns >= 0) & (columns <= 1))[None, :]
    channels = [sampled(channel.astype(np.float64), rows, columns) for channel in np.moveaxis(after, -1, 0)]
    return (np.stack(channels, axis=-1) + 0.5).astype(np.uint8), there
