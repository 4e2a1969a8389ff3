"""Which pixels of a picture have which of the ten colours, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.pictures.colour import lab_from_rgb, lab_from_xyz, linear_from_rgb, xyz_from_linear
from pytest_vlmperception.pictures.pixels import Colours, Pixels, check_pixels
from pytest_vlmperception.pictures.scenes import SRGB

__all__ = ["Mask", "Region", "regions"]

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.intp]

# Standard deviation of noise, in units of L*, from which on a picture is smoothed by medians of 3 x 3 or 5 x 5 pixels.
NOISY, VERY_NOISY = 1.0, 4.0

# A background with more chroma than this is coloured: then the picture has no colour cast to be taken out.
MOST_CAST = 30.0

# A pixel is flat if CIELAB values of its neighbours of 3 x 3 differ by no more than this, and four times the noise.
FLAT = 6.0

# A pixel has a colour if it is no farther from it than this in CIELAB, and three times the noise.
NEAR = 12.0

# Least number of flat pixels by which a colour is taken to be in the picture, and least area of a region.
LEAST_FLAT, LEAST_AREA = 6, 20


@dataclass(frozen=True, eq=False)
class Region:
    """Pixels of one colour that hang together.

    Attributes
    ----------
    colour : str
        The nearest of `COLOURS`.
    mask : ndarray of bool, shape (height, width)
        Of the whole picture.
    top, bottom, left, right : int
        Its rows and columns; `bottom` and `right` are the first beyond it.
    """

    colour: str
    mask: Mask
    top: int
    bottom: int
    left: int
    right: int

    @property
    def crop(self) -> Mask:
        """The part of the mask within its box."""
        return self.mask[self.top : self.bottom, self.left : self.right]


def regions(pixels: Pixels) -> list[Region]:
    """Return the regions of a picture that differ from its background, the plain colour along its edges.

    Every pixel near one of the colours of the picture has this colour; any other, along an edge, has that of the
    nearest pixel that has one.
    """
    from scipy import ndimage

    lab, noise = seen(check_pixels(pixels))
    background = np.median(along_edges(lab), axis=0)
    names, prototypes = present(lab, background, noise)
    labels, distances = nearest(lab, prototypes, NEAR)
    unsure = distances > NEAR + 3 * noise
    if unsure.any() and not unsure.all():
        rows, columns = ndimage.distance_transform_edt(unsure, return_distances=False, return_indices=True)
        labels = labels[rows, columns]
    # The first is the background.
    return [region for index, name in enumerate(names, 1) for region in connected(labels == index, name)]


def seen(pixels: Pixels) -> tuple[Colours, float]:
    """Return CIELAB of a picture, smoothed and without colour cast, and its noise in units of L*."""
    from scipy import ndimage

    noise = noise_of(lab_from_rgb(pixels)[..., 0])
    if noise >= NOISY:
        size = 3 if noise < VERY_NOISY else 5
        pixels = ndimage.median_filter(pixels, size=(size, size, 1))
        noise /= size
    return without_cast(pixels), noise


def noise_of(lightness: Colours) -> float:
    """Return the standard deviation of noise from second differences, of which edges are a minority [1]_.

    References
    ----------
    .. [1] Immerkaer, J. (1996). Fast noise variance estimation. Computer Vision and Image Understanding 64, 300-302.
       :DOI:`10.1006/cviu.1996.0060`
    """
    if min(lightness.shape) < 3:
        return 0.0
    across = lightness[:, :-2] - 2 * lightness[:, 1:-1] + lightness[:, 2:]
    mask = across[:-2] - 2 * across[1:-1] + across[2:]
    # The mask's weights squared add up to 36; 0.6745 is the median of |z|, z standard normal.
    return float(np.median(np.abs(mask)) / (6 * 0.6745))


def without_cast(pixels: Pixels) -> Colours:
    """Return CIELAB in which a greyish background is grey: each primary is scaled as it is there (von Kries)."""
    lab = lab_from_rgb(pixels)
    if np.hypot(*np.median(along_edges(lab), axis=0)[1:]) > MOST_CAST:
        return lab
    linear = linear_from_rgb(pixels)
    ground = np.median(along_edges(linear), axis=0)
    if ground.min() <= 0.0:
        return lab
    luminance = float(xyz_from_linear(ground)[1])
    return lab_from_xyz(xyz_from_linear(linear * (luminance / ground)))


def along_edges(values: Colours) -> Colours:
    """Return the values of the pixels along the four edges, shape (n, 3)."""
    rows, columns = values[[0, -1]], values[:, [0, -1]]
    return np.concatenate([rows.reshape(-1, 3), columns.reshape(-1, 3)])


def present(lab: Colours, background: Colours, noise: float) -> tuple[list[str], Colours]:
    """Return the colours that the picture has beside its background, and the CIELAB values of background and colours.

    A colour is there if flat pixels are nearer to it than to any other and to the background; its value is their
    median.
    """
    palette = np.concatenate([[background], lab_from_rgb(np.array(list(SRGB.values()), dtype=np.uint8))])
    numbers, _ = nearest(lab, palette, NEAR)
    flat = (flatness(lab) <= FLAT + 4 * noise) & (numbers > 0)
    values, numbers = lab[flat], numbers[flat]
    members = {name: values[numbers == number] for number, name in enumerate(SRGB, 1)}
    found = {name: np.median(tones, axis=0) for name, tones in members.items() if len(tones) >= LEAST_FLAT}
    return list(found), np.array([background, *found.values()])


def nearest(lab: Colours, tones: Colours, sure: float) -> tuple[Labels, Colours]:
    """Return the number of the tone that is nearest to each pixel, and its distance.

    What is within `sure` of the first tone, the background, is not held against the others: it is most of a picture.
    """
    numbers = np.zeros(lab.shape[:2], dtype=np.intp)
    distances = distance(lab, tones[0])
    rest = distances > sure
    to_others = np.stack([distance(lab[rest], tone) for tone in tones])
    numbers[rest], distances[rest] = to_others.argmin(axis=0), to_others.min(axis=0)
    return numbers, distances


def distance(lab: Colours, tone: Colours) -> Colours:
    """Return the distances of colours from a tone in CIELAB."""
    lightness, a, b = np.moveaxis(lab - tone, -1, 0)
    return np.asarray(np.sqrt(lightness * lightness + a * a + b * b))


def flatness(lab: Colours) -> Colours:
    """Return by how much the pixels around each differ, in the coordinate of CIELAB that differs most."""
    from scipy import ndimage

    box = (3, 3, 1)
    spread: Colours = ndimage.maximum_filter(lab, size=box) - ndimage.minimum_filter(lab, size=box)
    return np.asarray(spread.max(axis=-1))


def connected(mask: Mask, colour: str) -> list[Region]:
    """Return the parts of a mask that hang together, at least by corners."""
    from scipy import ndimage

    numbers, _ = ndimage.label(mask, np.ones((3, 3)))
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(numbers), 1):
        part = numbers[rows, columns] == number
        if part.sum() >= LEAST_AREA:
            whole = np.zeros_like(mask)
            whole[rows, columns] = part
            found.append(Region(colour, whole, rows.start, rows.stop, columns.start, columns.stop))
    return found
