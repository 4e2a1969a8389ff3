"""Pictures that are known to be right, or wrong in one respect: what a judge is calibrated with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from types import MappingProxyType

from pytest_vlmperception.errors import PromptError, StimulusError
from pytest_vlmperception.pictures.prompted import SceneSpec, laid_out, mistaken, parse_scene_prompt, skill_of
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import Picture, Prompt, Scene, Stimulus
from pytest_vlmperception.stimuli.edits import drawn
from pytest_vlmperception.stimuli.ids import check_id, safe_id
from pytest_vlmperception.stimuli.sets import StimulusSet

__all__ = ["known_pictures"]


def known_pictures(prompts: Iterable[Prompt], *, seed: int = 0) -> StimulusSet:
    """Return two drawings for each prompt for pictures of shapes: a right one, and one with a known mistake.

    The mistake is in the respect that the prompt tests most of all, its skill: object, counting, colour, position,
    attribute binding or text. Each picture has the groups and reference values of its prompt, the groups ``prompt``,
    ``skill`` and ``known`` (``right`` or ``wrong``), and as reference values ``scene``, the `Scene` that is drawn, and
    ``right``, True or False.

    Parameters
    ----------
    prompts : iterable of Prompt
        As the painter takes them, e.g. a `PromptSet`.
    seed : int
        Of places, sizes, open colours and mistakes.

    Raises
    ------
    StimulusError
        If a prompt asks for what cannot be drawn.
    """
    return StimulusSet(pictures_of(prompts, seed), "known pictures")


def pictures_of(prompts: Iterable[Prompt], seed: int) -> Iterator[Stimulus]:
    """Yield the right and the wrong picture of each prompt."""
    for number, prompt in enumerate(prompts):
        try:
            spec = parse_scene_prompt(prompt.text)
        except PromptError as error:
            raise StimulusError(f"prompt {str(prompt)!r} has no known picture: {error}") from None
        lottery = Lottery("known", seed, number, prompt.text)
        for known, shown in (("right", spec), ("wrong", mistaken(spec, lottery))):
            yield picture_of(prompt, known, spec, laid_out(shown, lottery))


def picture_of(prompt: Prompt, known: str, spec: SceneSpec, scene: Scene) -> Stimulus:
    """Return one drawing of a prompt."""
    id_ = check_id(f"{safe_id(str(prompt))}-{known}", "known pictures")
    return Stimulus(
        id_,
        Picture(f"known picture {id_}: {scene}", partial(drawn, scene)),
        MappingProxyType({**prompt.groups, "prompt": str(prompt), "skill": skill_of(spec), "known": known}),
        MappingProxyType({**prompt.reference, "scene": scene, "right": known == "right"}),
    )
