"""Real photographs that other packages bring along, free to use.

Read from the installed wheel as files: the loaders of `skimage.data` would download what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import MissingData, PictureError, StimulusError, choices_hint
from pytest_vlmperception.pictures import decode, encoded, read_file

if TYPE_CHECKING:
    from pytest_vlmperception.pictures import Pixels

__all__ = ["PHOTOGRAPHS", "Photograph", "photograph_named"]

DOCUMENTATION = "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data."


@dataclass(frozen=True)
class Package:
    """A package that brings photographs along.

    Attributes
    ----------
    module, name : str
        As it is imported, and as it is installed.
    folder : str
        Of its sample data.
    required : bool
        Whether this package depends on it.
    """

    module: str
    name: str
    folder: str
    required: bool


SKIMAGE = Package("skimage", "scikit-image", "data", required=True)
MATPLOTLIB = Package("matplotlib", "matplotlib", "mpl-data/sample_data", required=False)


@dataclass(frozen=True)
class Photograph:
    """A photograph in a package.

    Attributes
    ----------
    name : str
        As in ``skimage:NAME`` and ``skimage.data.NAME()``.
    file : str
        Its file in the package's folder of sample data.
    source, licence : str
        Where it comes from, and on which terms.
    package : Package
        Brings it along.
    """

    name: str
    file: str
    source: str
    licence: str
    package: Package = SKIMAGE

    def __str__(self) -> str:
        return f"{self.package.module}:{self.name}"

    def pixels(self) -> Pixels:
        """Return the photograph as 8-bit sRGB, shape (height, width, 3).

        Raises
        ------
        MissingData
            If the package is not installed, and not one that this one depends on.
        PictureError
            If a package that this one depends on is not installed, or a package lacks this file.
        """
        return decode(read_file(self.path()), str(self))

    def encoded(self) -> tuple[str, bytes]:
        """Return the media type and the bytes to send; raises as `pixels` does."""
        return encoded(str(self), read_file(self.path()))

    def path(self) -> Path:
        """Return the photograph's file; raises as `pixels` does."""
        package = self.package
        spec = find_spec(package.module)
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            error = PictureError if package.required else MissingData
            raise error(f"{str(self)!r} needs {package.name}; install it: pip install {package.name}")
        path = Path(folders[0], package.folder, self.file)
        if not path.is_file():
            raise PictureError(
                f"{str(self)!r}: the installed {package.name} has no {str(path)!r}; "
                f"install its wheel: pip install --force-reinstall {package.name}"
            )
        return path


PHOTOGRAPHS = {
    photograph.name: photograph
    for photograph in (
        Photograph(
            "astronaut", "astronaut.png", "NASA (portrait of Eileen Collins), https://flic.kr/p/r9qvLn", "Public domain"
        ),
        Photograph("chelsea", "chelsea.png", f"Stefan van der Walt, {DOCUMENTATION}chelsea", "CC0-1.0"),
        Photograph("coffee", "coffee.png", f"Rachel Michetti, Pikolo Espresso Bar, {DOCUMENTATION}coffee", "CC0-1.0"),
        Photograph(
            "grace_hopper",
            "grace_hopper.jpg",
            "United States Navy (portrait of Grace Hopper), "
            "https://commons.wikimedia.org/wiki/File:Commodore_Grace_M._Hopper,_USN_(covered).jpg",
            "Public domain",
            MATPLOTLIB,
        ),
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
    """Return the photograph that ``skimage:NAME`` or ``matplotlib:NAME`` names; `where` is its place, for messages.

    Raises
    ------
    StimulusError
        If there is none of that name.
    """
    named = {str(photograph): photograph for photograph in PHOTOGRAPHS.values()}
    if text not in named:
        raise StimulusError(f"{where}: photograph {text!r} is not known; {choices_hint(text, named)}")
    return named[text]
