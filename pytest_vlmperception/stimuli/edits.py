"""Pictures of shapes to be edited: scene, instruction, mask and what should come of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.prompted import ACTIONS
from pytest_vlmperception.records import Edit, Picture, Scene, Stimulus
from pytest_vlmperception.stimuli.edit_scenes import IN_CHAINS, chain, singles
from pytest_vlmperception.stimuli.entries import Entry

__all__ = ["EDITS_KEYS", "edit_instructions", "edit_masks", "edits"]

EDITS_KEYS = {"scenes", "actions", "rounds", "seed"}
DEFAULT_SCENES, MAX_SCENES, MAX_ROUNDS, MAX_SEED = 4, 99, 4, 2**53


def edits(entry: Entry) -> Iterator[Stimulus]:
    """Yield the stimuli of one ``[[edits]]`` table.

    With one round, each scene comes with each action, as ``scene01-recolour``, in the groups ``scene`` and ``action``.
    With more, each scene comes with a chain of so many edits, as ``scene01-3rounds``, in the group ``scene``; the masks
    of a chain do not overlap, so that each of its edits can be looked at when later ones are done. The reference value
    ``edits`` is a tuple of an `Edit` a round, ``instruction`` that of the first.

    Raises
    ------
    StimulusError
        If the table cannot be used.
    """
    entry.check_keys(EDITS_KEYS | {"source", "licence"})
    rounds = entry.whole_number("rounds", 1, MAX_ROUNDS, 1)
    seed = entry.whole_number("seed", 0, MAX_SEED, 0)
    actions = chosen(entry, rounds)
    for number in range(1, entry.whole_number("scenes", 1, MAX_SCENES, DEFAULT_SCENES) + 1):
        scene = f"scene{number:02d}{f'-s{seed}' if seed else ''}"
        if rounds > 1:
            yield stimulus(f"{scene}-{rounds}rounds", chain(actions, rounds, seed, number), {"scene": scene})
            continue
        for action, edit in singles(actions, seed, number).items():
            yield stimulus(f"{scene}-{action}", (edit,), {"scene": scene, "action": action})


def chosen(entry: Entry, rounds: int) -> list[str]:
    """Return the actions of a table."""
    known = IN_CHAINS if rounds > 1 else ACTIONS
    actions = entry.texts("actions", list(known))
    for action in actions:
        if action not in known:
            when = " in several rounds" if rounds > 1 else ""
            hint = choices_hint(action, known)
            raise StimulusError(f"{entry.where}: actions: {action!r} is not known{when}; {hint}")
    return actions


def stimulus(id_: str, rounds: tuple[Edit, ...], groups: Mapping[str, str]) -> Stimulus:
    """Return one stimulus, whose picture is drawn when its bytes are needed."""
    source = rounds[0].source
    return Stimulus(
        id=id_,
        picture=Picture(f"scene {id_} {source.width}px", partial(drawn, source)),
        groups=MappingProxyType(dict(groups)),
        reference=MappingProxyType({"instruction": rounds[0].instruction, "edits": rounds}),
    )


def drawn(scene: Scene) -> tuple[str, bytes]:
    """Return the media type and the bytes of a scene's picture."""
    # Loads numpy, which a set that is only listed does not need.
    from pytest_vlmperception.pictures.scenes import draw_scene

    return "image/png", encode_png(draw_scene(scene))


def edit_instructions(stimuli: Iterable[Stimulus], round: int = 0) -> dict[Stimulus, str]:
    """Return the instruction of one round for each stimulus of ``[[edits]]``, or what was made of it in earlier ones.

    Raises
    ------
    StimulusError
        If a stimulus has no edits, or fewer rounds.
    """
    return {stimulus: edit_of(stimulus, round).instruction for stimulus in stimuli}


def edit_masks(stimuli: Iterable[Stimulus], round: int = 0) -> dict[Stimulus, Picture]:
    """Return the mask of one round for each stimulus that has one; parameters and errors as for `edit_instructions`."""
    found = {stimulus: edit_of(stimulus, round).mask for stimulus in stimuli}
    return {stimulus: mask for stimulus, mask in found.items() if mask is not None}


def edit_of(stimulus: Stimulus, round: int) -> Edit:
    """Return the edit of one round."""
    rounds = stimulus.reference.get("edits", ())
    if not 0 <= round < len(rounds):
        raise StimulusError(f"{stimulus} has {len(rounds)} edits, not round {round}; rounds count from 0")
    edit: Edit = rounds[round]
    return edit
