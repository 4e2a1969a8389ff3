"""How the painter paints."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures import Mask, Pixels, decode, decode_mask, encode_png
from pytest_vlmperception.pictures.prompted import (
    NOTHING,
    Box,
    Instruction,
    Words,
    blurred,
    cropped,
    drawn_over,
    edited,
    laid_out,
    mask_box,
    misspelling,
    misspelt,
    mistaken,
    misunderstood,
    parse_instruction,
    parse_scene_prompt,
    retouched,
    scene_in,
    sharpened,
    swung,
    warmed,
)
from pytest_vlmperception.pictures.scenes import Lottery, draw_scene
from pytest_vlmperception.records import Question, Scene

__all__ = ["Manner", "paint"]

# Pictures of up to so many pixels a side are read to be edited.
MAX_SIDE_PX = 2048


@dataclass(frozen=True)
class Manner:
    """How well a painter paints.

    Attributes
    ----------
    mistakes : float
        Share of its pictures that are wrong in one respect.
    seed : int
        Of all that is random.
    fault : str
        What it does in every picture; ``none`` for nothing.
    """

    mistakes: float = 0.0
    seed: int = 0
    fault: str = "none"

    def lottery(self, what: str, question: Question) -> Lottery:
        """Return the random numbers of one picture: the same for the same seed, prompt, source and repeat."""
        sources = [picture.sha256 for picture in question.pictures]
        return Lottery("painter", self.seed, what, question.prompt, *sources, question.repeat)

    def errs(self, question: Question) -> bool:
        """Return whether the picture that a question asks for has a mistake."""
        return self.lottery("mistake", question).uniform() < self.mistakes


def paint(question: Question, manner: Manner) -> bytes:
    """Return the PNG file that a question asks for: a new picture, or its only picture edited.

    Raises
    ------
    PromptError, StimulusError, CannotJudge
        If it asks for what cannot be painted, or shows no scene of shapes that could be edited.
    PictureError
        If a picture cannot be decoded, or the mask has other proportions.
    """
    return encode_png(changed(question, manner) if question.pictures else made(question, manner))


def made(question: Question, manner: Manner) -> Pixels:
    """Return a new picture."""
    spec = parse_scene_prompt(question.prompt)
    chance = manner.lottery("what", question)
    if manner.errs(question):
        spec = mistaken(spec, chance)
    elif manner.fault == "misspell":
        spec = replace(spec, texts=tuple(Words(misspelt(each.text, chance), each.colour) for each in spec.texts))
    return draw_scene(laid_out(spec, manner.lottery("where", question)))


def changed(question: Question, manner: Manner) -> Pixels:
    """Return the picture of a question, edited."""
    instruction = parse_instruction(question.prompt)
    pixels, mask = source_of(question)
    # A photograph is no scene of shapes, but it can be blurred, or left as it is.
    if instruction.action not in ("blur", "nothing") or manner.errs(question) or manner.fault == "redraw":
        instruction, pixels = redrawn(instruction, pixels, mask, question, manner)
    if instruction.action == "blur":
        pixels = sharpened(pixels) if manner.fault == "sharpen" else blurred(pixels, mask)
    return spoilt(pixels, manner.fault)


def redrawn(
    instruction: Instruction, pixels: Pixels, mask: Mask | None, question: Question, manner: Manner
) -> tuple[Instruction, Pixels]:
    """Return what is done where an instruction is given, and the picture with its scene changed so."""
    before, within = scene_in(pixels), None if mask is None else mask_box(mask)
    # What cannot be done is refused also by a painter who would do something else.
    after = edited(before, instruction, within)
    if manner.errs(question) or manner.fault == "misspell":
        instruction, after = wrong(instruction, before, within, question, manner)
    if manner.fault == "redraw":
        return instruction, drawn_over(pixels, swung(after))
    return instruction, pixels if after == before else retouched(pixels, before, after, mask)


def source_of(question: Question) -> tuple[Pixels, Mask | None]:
    """Return the picture of a question, and where it may be edited."""
    (source,) = question.pictures
    pixels = decode(source.bytes, source.name)
    if max(pixels.shape) > MAX_SIDE_PX:
        found = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise PromptError(f"the painter edits pictures of up to {MAX_SIDE_PX} pixels a side; this one has {found}")
    mask = question.mask
    return pixels, None if mask is None else decode_mask(mask.bytes, mask.name, pixels)


def wrong(
    instruction: Instruction, before: Scene, within: Box | None, question: Question, manner: Manner
) -> tuple[Instruction, Scene]:
    """Return what is done instead of an instruction, and the scene that comes of it."""
    change = misunderstood if manner.errs(question) else misspelling
    instead = change(instruction, before, manner.lottery("what", question))
    try:
        return instead, edited(before, instead, within)
    except PromptError:
        # The other thing does not fit: nothing is done, which is wrong as well.
        return NOTHING, before


def spoilt(pixels: Pixels, fault: str) -> Pixels:
    """Return a picture with a fault that concerns it as a whole."""
    spoils = {"colour_cast": warmed, "crop": cropped}
    return spoils[fault](pixels) if fault in spoils else pixels
