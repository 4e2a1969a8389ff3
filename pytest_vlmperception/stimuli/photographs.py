"""Real photographs that scikit-image brings along, free to use.

Read from the installed wheel as files: the loaders of `skimage.data` would download what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import PictureError, StimulusError, choices_hint
from pytest_vlmperception.pictures import decode, read_file

if TYPE_CHECKING:
    from pytest_vlmperception.pictures import Pixels

__all__ = ["PHOTOGRAPHS", "Photograph", "photograph_named"]

PREFIX = "skimage:"
DOCUMENTATION = "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data."


@dataclass(frozen=True)
class Photograph:
    """A photograph of scikit-image.

    Attributes
    ----------
    name : str
        As in ``skimage:NAME`` and ``skimage.data.NAME()``.
    file : str
        Its file in the wheel's ``skimage/data``.
    source, licence : str
        Where it comes from, and on which terms.
    """

    name: str
    file: str
    source: str
    licence: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.name}"

    def pixels(self) -> Pixels:
        """Return the photograph as 8-bit sRGB, shape (height, width, 3).

        Raises
        ------
        PictureError
            If scikit-image is not installed, or without this file.
        """
        spec = find_spec("skimage")
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            raise PictureError(f"{str(self)!r} needs scikit-image; install it: pip install scikit-image")
        path = Path(folders[0], "data", self.file)
        if not path.is_file():
            raise PictureError(
                f"{str(self)!r}: the installed scikit-image has no {str(path)!r}; "
                "install its wheel: pip install --force-reinstall scikit-image"
            )
        return decode(read_file(path), str(self))


PHOTOGRAPHS = {
    photograph.name: photograph
    for photograph in (
        Photograph(
            "astronaut", "astronaut.png", "NASA (portrait of Eileen Collins), https://flic.kr/p/r9qvLn", "Public domain"
        ),
        Photograph("chelsea", "chelsea.png", f"Stefan van der Walt, {DOCUMENTATION}chelsea", "CC0-1.0"),
        Photograph("coffee", "coffee.png", f"Rachel Michetti, Pikolo Espresso Bar, {DOCUMENTATION}coffee", "CC0-1.0"),
        Photograph(
            "hubble_deep_field",
            "hubble_deep_field.jpg",
            "NASA, http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
            "Public domain",
        ),
        Photograph(
            "immunohistochemistry",
            "ihc.png",
            f"Center for Microscopy and Molecular Imaging, {DOCUMENTATION}immunohistochemistry",
            "No known copyright restrictions",
        ),
        Photograph(
            "retina",
            "retina.jpg",
            "Mikael Häggström, https://commons.wikimedia.org/wiki/File:Fundus_photograph_of_normal_left_eye.jpg",
            "CC0-1.0",
        ),
        Photograph(
            "rocket",
            "rocket.jpg",
            "SpaceX, https://www.flickr.com/photos/spacexphotos/16511594820/in/photostream/",
            "Public domain",
        ),
    )
}
"""By name."""


def photograph_named(text: str, where: str) -> Photograph:
    """Return the photograph that ``skimage:NAME`` names; `where` is its place, for messages.

    Raises
    ------
    StimulusError
        If there is none of that name.
    """
    name = text.removeprefix(PREFIX)
    if not text.startswith(PREFIX) or name not in PHOTOGRAPHS:
        hint = choices_hint(text, (str(photograph) for photograph in PHOTOGRAPHS.values()))
        raise StimulusError(f"{where}: photograph {text!r} is not known; {hint}")
    return PHOTOGRAPHS[name]
