"""GenEval's decision whether the objects found in a picture make it what its prompt asked for.

References
----------
.. [1] Ghosh, D., Hajishirzi, H. and Schmidt, L. (2023). GenEval: an object-focused framework for evaluating
   text-to-image alignment. NeurIPS. arXiv 2310.11513; the rules are those of its ``evaluation/evaluate_images.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import RELATIONS, Detection, relative_position

__all__ = ["GenEvalCheck", "geneval_check"]

# Confidence above which a detection counts, and above which it does where objects are counted.
CONFIDENT, COUNTING_CONFIDENT = 0.3, 0.9
MOST_OF_A_CLASS = 16

Objects = Mapping[str, Sequence[Detection]]


@dataclass(frozen=True)
class GenEvalCheck:
    """What the decision came to.

    Attributes
    ----------
    correct : bool
        Whether every demand is met.
    reason : str
        Every demand that is not met, separated by ``; ``; empty where it is correct.
    """

    correct: bool
    reason: str


@dataclass(frozen=True)
class Clause:
    """One demand of the metadata.

    Attributes
    ----------
    name : str
        Class of the objects.
    count : int
        How many.
    colour : str
        Of all of them; empty for any.
    relation : str
        Where they are, seen from the objects of another clause; empty for anywhere.
    target : int
        Index of that clause.
    """

    name: str
    count: int
    colour: str = ""
    relation: str = ""
    target: int = -1


def geneval_check(metadata: Mapping[str, Any], detections: Sequence[Detection]) -> GenEvalCheck:
    """Decide whether a picture shows what a line of GenEval's metadata asks for.

    Of each class the 16 most confident detections above 0.3 (0.9 where the tag is ``counting``) are its objects.

    - ``include``: the first `count` objects of the class, the most confident ones; fewer are wrong. With a ``color``
      all of them have to have it; with a ``position`` each has to have this relation to each object that the clause
      of that index took. Every clause has to hold.
    - ``exclude``: `count` objects or more of the class are wrong.

    Parameters
    ----------
    metadata : mapping
        ``tag``, ``include`` and ``exclude`` as in ``evaluation_metadata.jsonl``; other keys are not looked at.
    detections : sequence of Detection
        What was found. Of equal confidence, the earlier one counts first.

    Raises
    ------
    UsageError
        If the metadata cannot be used, or asks for the colour of an object whose colour was not looked for.
    """
    include, exclude = (clauses_of(metadata, key) for key in ("include", "exclude"))
    if not include and not exclude:
        raise UsageError("the metadata demands nothing; expected clauses in 'include' or 'exclude'")
    objects = objects_of(detections, COUNTING_CONFIDENT if metadata.get("tag") == "counting" else CONFIDENT)
    wrong: list[str] = []
    # What each clause took: None where it does not hold, so that nothing can have a position to it.
    taken: list[Sequence[Detection] | None] = []
    for clause in include:
        found = objects.get(clause.name, ())[: clause.count]
        reason = missing(clause, found) or miscoloured(clause, found) or misplaced(clause, found, include, taken)
        wrong.extend([reason] if reason else [])
        taken.append(None if reason else found)
    for clause in exclude:
        found = objects.get(clause.name, ())
        if len(found) >= clause.count:
            wrong.append(f"expected {clause.name} < {clause.count}, found {len(found)}")
    return GenEvalCheck(not wrong, "; ".join(wrong))


def objects_of(detections: Sequence[Detection], confident: float) -> Objects:
    """Return the detections that count by class, the most confident first."""
    found: dict[str, list[Detection]] = {}
    for detection in sorted(detections, key=lambda each: -each.score):
        members = found.setdefault(detection.kind, [])
        if detection.score > confident and len(members) < MOST_OF_A_CLASS:
            members.append(detection)
    return found


def missing(clause: Clause, found: Sequence[Detection]) -> str:
    """Say that there are too few objects."""
    return f"expected {clause.name} >= {clause.count}, found {len(found)}" if len(found) < clause.count else ""


def miscoloured(clause: Clause, found: Sequence[Detection]) -> str:
    """Say that not all objects have the colour."""
    if not clause.colour:
        return ""
    if not all(each.colour for each in found):
        raise UsageError(f"a {clause.name} has no colour, but {clause.colour} is asked for; give Detection(colour=...)")
    having = sum(each.colour == clause.colour for each in found)
    others = ", ".join(sorted({each.colour for each in found} - {clause.colour}))
    return f"expected {clause.colour} {clause.name} >= {clause.count}, found {having} and {others}" if others else ""


def misplaced(
    clause: Clause, found: Sequence[Detection], include: Sequence[Clause], taken: Sequence[Sequence[Detection] | None]
) -> str:
    """Say that an object does not have the relation to every object of the clause it refers to."""
    if not clause.relation:
        return ""
    targets, name = taken[clause.target], include[clause.target].name
    if targets is None:
        return f"no {name} for {clause.name} to be {clause.relation}"
    for each in found:
        for target in targets:
            relations = relative_position(each, target)
            if clause.relation not in relations:
                seen = " and ".join(sorted(relations)) or "in no relation to"
                return f"expected {clause.name} {clause.relation} {name}, found {seen}"
    return ""


def clauses_of(metadata: Mapping[str, Any], key: str) -> list[Clause]:
    """Return the clauses of ``include`` or ``exclude``, checked."""
    clauses = metadata.get(key, [])
    if not isinstance(clauses, Sequence) or isinstance(clauses, str | bytes):
        raise UsageError(f"{key}: {clauses!r}; expected a list of clauses such as {{'class': 'dog', 'count': 1}}")
    return [clause_of(clause, f"{key}[{index}]", index) for index, clause in enumerate(clauses)]


def clause_of(clause: Any, where: str, index: int) -> Clause:
    """Return one clause, checked."""
    if not isinstance(clause, Mapping):
        raise UsageError(f"{where}: {clause!r}; expected a clause such as {{'class': 'dog', 'count': 1}}")
    name, count, colour = clause.get("class"), clause.get("count"), clause.get("color", "")
    if not isinstance(name, str) or not name:
        raise UsageError(f"{where}: class={name!r}; expected the name of a class")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise UsageError(f"{where}: count={count!r}; expected a whole number of at least 1")
    if not isinstance(colour, str):
        raise UsageError(f"{where}: color={colour!r}; expected the name of a colour")
    if "position" not in clause:
        return Clause(name, count, colour)
    return Clause(name, count, colour, *position_of(clause["position"], where, index))


def position_of(position: Any, where: str, index: int) -> tuple[str, int]:
    """Return the relation and the index of the clause that it is to."""
    match position:
        case [str(relation), int(target)] if not isinstance(target, bool) and 0 <= target < index:
            if relation not in RELATIONS:
                raise UsageError(f"{where}: position {relation!r} is not known; {choices_hint(relation, RELATIONS)}")
            return relation, target
    raise UsageError(f"{where}: position={position!r}; expected [relation, index of an earlier clause]")
