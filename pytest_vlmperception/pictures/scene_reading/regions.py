"""Which pixels of a picture have which of the ten colours, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures.colour import lab_from_rgb, lab_from_xyz, linear_from_rgb, xyz_from_linear
from pytest_vlmperception.pictures.pixels import Colours, Pixels, check_pixels
from pytest_vlmperception.pictures.scenes import SRGB

__all__ = ["Mask", "Region", "regions"]

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.intp]

# Standard deviation of noise, in units of L*, from which on a picture is smoothed by medians of 3 x 3 or 5 x 5 pixels.
NOISY, VERY_NOISY = 1.0, 4.0

# A background with less chroma than this is grey, and one with more is coloured: then there is no colour cast to be
# taken out.
LEAST_CAST, MOST_CAST = 0.5, 30.0
LEAST_LINEAR = 1e-4

# A pixel is flat if the CIELAB values of the four beside it differ by no more than this, and four times the noise.
FLAT = 3.0

# A pixel has a colour if it is no farther from it than this in CIELAB, and three times the noise.
NEAR = 12.0

# Least number of flat pixels by which a colour is taken to be in the picture, and least area of a region.
LEAST_FLAT, LEAST_AREA = 6, 20

# Least share of the pixels along the edges that have the background's colour, and most regions in a scene.
LEAST_PLAIN, MOST_REGIONS = 0.5, 100


@dataclass(frozen=True, eq=False)
class Region:
    """Pixels of one colour that hang together.

    Attributes
    ----------
    colour : str
        The nearest of `COLOURS`.
    tone : tuple of float
        Its CIELAB values in the picture, without colour cast.
    mask : ndarray of bool, shape (height, width)
        Which pixels of its box.
    top, left : int
        The first row and column of the box.
    """

    colour: str
    tone: tuple[float, float, float]
    mask: Mask
    top: int
    left: int

    @property
    def bottom(self) -> int:
        """The first row beyond the box."""
        return self.top + len(self.mask)

    @property
    def right(self) -> int:
        """The first column beyond the box."""
        return self.left + len(self.mask[0])

    def at(self, rows: Labels, columns: Labels) -> Mask:
        """Return which pixels of some rows and columns of the picture belong to it, shape (rows, columns)."""
        within = [(each >= low) & (each < high) for each, low, high in self._sides(rows, columns)]
        found = np.zeros((len(rows), len(columns)), dtype=np.bool_)
        found[np.ix_(*within)] = self.mask[np.ix_(rows[within[0]] - self.top, columns[within[1]] - self.left)]
        return found

    def _sides(self, rows: Labels, columns: Labels) -> tuple[tuple[Labels, int, int], tuple[Labels, int, int]]:
        return (rows, self.top, self.bottom), (columns, self.left, self.right)


def regions(pixels: Pixels) -> list[Region]:
    """Return the regions of a picture that differ from its background, the plain colour along its edges.

    Every pixel near one of the colours of the picture has this colour; any other, along an edge, has that of the
    nearest pixel that has one.

    Raises
    ------
    CannotJudge
        If it is no scene of plain shapes.
    """
    from scipy import ndimage

    lab, noise = seen(check_pixels(pixels))
    background = background_of(lab, noise)
    names, prototypes = present(lab, background, noise)
    labels, distances = nearest(lab, prototypes, NEAR)
    unsure = distances > NEAR + 3 * noise
    if unsure.any() and not unsure.all():
        rows, columns = ndimage.distance_transform_edt(unsure, return_distances=False, return_indices=True)
        labels = labels[rows, columns]
    # The first is the background.
    found = [
        region
        for index, name in enumerate(names, 1)
        for region in connected(labels == index, name, tuple(prototypes[index].tolist()))
    ]
    if len(found) > MOST_REGIONS:
        raise CannotJudge(f"the picture is no scene of shapes: it has {len(found)} plain areas")
    return found


def background_of(lab: Colours, noise: float) -> Colours:
    """Return the colour along the edges of a picture, shape (3,)."""
    edges = along_edges(lab)
    background: Colours = np.median(edges, axis=0)
    if np.mean(distance(edges, background) <= NEAR + 3 * noise) < LEAST_PLAIN:
        raise CannotJudge("the picture is no scene of shapes: it has no plain background along its edges")
    return background


def seen(pixels: Pixels) -> tuple[Colours, float]:
    """Return CIELAB of a picture, smoothed and without colour cast, and its noise in units of L*."""
    from scipy import ndimage

    lab = lab_from_rgb(pixels)
    noise = noise_of(lab[..., 0])
    if noise >= NOISY:
        size = 3 if noise < VERY_NOISY else 5
        pixels = ndimage.median_filter(pixels, size=(size, size, 1))
        lab, noise = lab_from_rgb(pixels), noise / size
    chroma = np.hypot(*np.median(along_edges(lab), axis=0)[1:])
    return (without_cast(pixels) if LEAST_CAST < chroma < MOST_CAST else lab), noise


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
    """Return CIELAB in which the background is grey: each primary is scaled as it is there (von Kries)."""
    linear = linear_from_rgb(pixels)
    # A greyish tone has a value above zero in each.
    ground = np.maximum(np.median(along_edges(linear), axis=0), LEAST_LINEAR)
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
    rows, columns = np.nonzero(numbers)
    flat = flatness(lab, rows, columns) <= FLAT + 4 * noise
    values, numbers = lab[rows[flat], columns[flat]], numbers[rows[flat], columns[flat]]
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
    colours = lab[rest]
    to_others = np.stack([distance(colours, tone) for tone in tones])
    numbers[rest], distances[rest] = to_others.argmin(axis=0), to_others.min(axis=0)
    return numbers, distances


def distance(lab: Colours, tone: Colours) -> Colours:
    """Return the distances of colours from a tone in CIELAB."""
    lightness, a, b = (lab[..., axis] - tone[axis] for axis in range(3))
    return np.asarray(np.sqrt(lightness * lightness + a * a + b * b))


def flatness(lab: Colours, rows: Labels, columns: Labels) -> Colours:
    """Return by how much pixels differ from the four beside them, in the coordinate of CIELAB that differs most."""
    own, most = lab[rows, columns], np.zeros(len(rows))
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = lab[(rows + down).clip(0, lab.shape[0] - 1), (columns + right).clip(0, lab.shape[1] - 1)]
        lightness, a, b = np.abs(own - beside).T
        most = np.maximum(most, np.maximum(np.maximum(lightness, a), b))
    return most


def connected(mask: Mask, colour: str, tone: tuple[float, float, float]) -> list[Region]:
    """Return the parts of a mask that hang together, at least by corners."""
    from scipy import ndimage

    numbers, _ = ndimage.label(mask, np.ones((3, 3)))
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(numbers), 1):
        part: Mask = numbers[rows, columns] == number
        if part.sum() >= LEAST_AREA:
            found.append(Region(colour, tone, part, rows.start, columns.start))
    return found
