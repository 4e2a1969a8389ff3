"""The built-in painter: it draws the pictures of shapes that a prompt asks for, and edits them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.errors import CallError, CannotJudge, ModelError, PictureError, PromptError, StimulusError
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.converters import choice, share, whole
from pytest_vlmperception.records import Made, Question, Reply, Usage

__all__ = ["Painter"]

# Raise when the picture of an old question changes: stored ones are then made anew.
ADAPTER = 1

FAULTS = ("colour_cast", "crop", "misspell", "none", "redraw", "sharpen")
DEFAULTS: Mapping[str, Any] = MappingProxyType({"mistakes": 0.0, "seed": 0, "fault": "none"})
PARAMETERS: Mapping[str, Callable[[str], Any]] = MappingProxyType({
    "mistakes": share,
    "seed": whole(),
    "fault": choice(*FAULTS),
})


class Painter:
    """Draws what a prompt asks for, without a key, and exactly as well as it is told to.

    It knows eight shapes in ten colours, up to eight of each, one left of, right of, above or below another, and words
    in capitals: ``a picture of a red circle and two blue squares``, ``a picture of the word "STOP" in red``. Every
    repeat is another picture. Given a picture, it reads what that shows from its pixels and does one edit, within the
    mask if there is one: ``make the circle red``, ``remove the star``, ``turn the square into a triangle``, ``move the
    ring left of the heart``, ``add a blue square``, ``write "HELLO"``, ``blur the picture``, ``change nothing``. Every
    pixel that the edit does not concern is kept. What it cannot paint it refuses.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters:

        ``mistakes``, the share of pictures that are wrong in the respect that their prompt tests (0): one shape too
        many or too few, another kind or colour, two shapes with each other's place or colour, a misspelt word; or an
        edit that is not done, or done to another shape. Each picture is wrong with this probability, by itself.

        ``seed``, of all that is random (0).

        ``fault``, what it does in every picture (``none``). ``misspell`` concerns all words, the others edits only:
        ``colour_cast`` makes everything warmer, ``crop`` cuts off two edges, ``redraw`` draws everything anew, a
        little elsewhere, ``sharpen`` sharpens where it should blur.

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a model is named.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._settings = {**DEFAULTS, **resolve_parameters(spec, PARAMETERS)}
        if spec.model:
            raise ModelError(f"model {spec.name!r}: there is one painter; write painter, or painter?mistakes=0.3")
        self._spec = spec

    @property
    def identity(self) -> Identity:
        """What goes into the key of a picture."""
        return Identity("painter", self._spec.model, dict(self._settings), adapter=ADAPTER)

    def ask(self, question: Question) -> Reply:
        """Paint the picture that a question asks for, edit the one that it shows, or refuse.

        Raises
        ------
        CallError
            If a picture or a mask cannot be decoded, or the two differ in proportions.
        """
        started = time.perf_counter()
        try:
            painted, refusal = [Made("image/png", self._paint(question))], ""
        except (CannotJudge, PromptError, StimulusError) as why:
            painted, refusal = [], str(why)
        except PictureError as error:
            raise CallError(f"{self._spec.name}: {error}", "request", sent=False) from None
        return Reply(
            "refused" if refusal else "answered",
            refusal,
            model=self._spec.provider,
            finish_reason="refused" if refusal else "stop",
            usage=Usage(input_tokens=0, output_tokens=0),
            latency_s=time.perf_counter() - started,
            pictures=tuple(painted),
        )

    def _paint(self, question: Question) -> bytes:
        """Return the picture that a question asks for, as a PNG file."""
        if question.makes != "picture":
            raise PromptError("the painter makes and edits pictures; it was asked for a text: give a model that sees")
        if len(question.pictures) > 1:
            raise PromptError(f"the painter edits one picture at a time; it was shown {len(question.pictures)}")
        # Imported late: whoever only names a painter needs no numpy.
        from pytest_vlmperception.models.painting import Manner, paint

        return paint(question, Manner(**self._settings))
