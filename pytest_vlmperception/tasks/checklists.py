"""Checklists of atomic questions, made from the metadata that say what a picture has to show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.errors import PromptError, choices_hint
from pytest_vlmperception.records import RELATIONS, Prompt, Stimulus
from pytest_vlmperception.records.stimulus import PLACEHOLDER
from pytest_vlmperception.tasks.rubric import Rubric
from pytest_vlmperception.tasks.rubric_files import read_rubric, shipped_file
from pytest_vlmperception.tasks.rubric_questions import RubricQuestion

__all__ = ["checklist"]

CLAUSE_KEYS = ("class", "color", "colour", "count", "position", "text")

# More objects of one class than anybody counts.
MAX_COUNT = 1000


@dataclass(frozen=True)
class Clause:
    """What a picture has to show: objects of one class, or a line of text.

    Attributes
    ----------
    kind, text : str
        The class, or the text: one of them is empty.
    count : int
        How many.
    colour : str
        Empty where any will do.
    position : tuple of (str, int) or None
        Its relation, as the viewer sees it, to the clause of that number.
    """

    kind: str
    text: str
    count: int
    colour: str
    position: tuple[str, int] | None


def checklist(metadata: Mapping[str, Any] | Stimulus | Prompt) -> Rubric:
    """Return the yes/no questions of which all must hold for a picture to be right.

    Parameters
    ----------
    metadata : mapping, Stimulus or Prompt
        In GenEval's form [1]_; of a stimulus or a prompt, its `reference`. ``include`` lists what there has to be:
        ``class`` and ``count``, and perhaps ``color`` (or ``colour``) and ``position``, a relation and the number of
        the clause that it is to; or else ``text``. ``exclude`` lists the counts that a class must stay below. With
        both, ``include`` of 3 and ``exclude`` of 4 are: exactly three. Other keys are not looked at.

    Returns
    -------
    Rubric
        Its questions ask for one thing each, with what decides it as `check`; those about an object have the question
        whether there is one as their parent. Their skills are object, counting, colour, attribute binding
        (colours of several), position and text.

    Raises
    ------
    PromptError
        If there is nothing to ask, or a clause is none.

    References
    ----------
    .. [1] Ghosh, D., Hajishirzi, H. and Schmidt, L. (2023). GenEval: an object-focused framework for evaluating
       text-to-image alignment. NeurIPS 36. :DOI:`10.48550/arXiv.2310.11513`

    Examples
    --------
    >>> [question.id for question in checklist({"include": [{"class": "star", "count": 1, "color": "red"}]}).questions]
    ['object_1', 'colour_1']
    """
    table = metadata.reference if isinstance(metadata, Stimulus | Prompt) else metadata
    if not isinstance(table, Mapping):
        raise PromptError(f"checklist() got {metadata!r}; expected GenEval's metadata, or a stimulus that has them")
    include = [clause_of("include", number, entry) for number, entry in enumerate(listed(table, "include"))]
    exclude = [clause_of("exclude", number, entry) for number, entry in enumerate(listed(table, "exclude"))]
    if not include and not exclude:
        raise PromptError("the metadata have neither include nor exclude; a checklist needs what there has to be")
    _, fields = read_rubric(shipped_file("checklist"))
    return Rubric(**{**fields, "questions": tuple(questions_of(include, exclude))})


def listed(table: Mapping[str, Any], key: str) -> Sequence[Any]:
    """Return the clauses of one kind; none where there are none."""
    entries = table.get(key, ())
    if isinstance(entries, str | Mapping) or not isinstance(entries, Sequence):
        raise PromptError(f"metadata: {key} is {entries!r}; expected a list such as [{{'class': 'bench', 'count': 1}}]")
    return entries


def clause_of(key: str, number: int, entry: Any) -> Clause:
    """Return one clause, or say what is wrong with it."""
    where = f"metadata: {key}[{number}]"
    if not isinstance(entry, Mapping):
        raise PromptError(f"{where} is {entry!r}; expected a mapping such as {{'class': 'bench', 'count': 1}}")
    unknown = [name for name in entry if name not in CLAUSE_KEYS]
    if unknown:
        raise PromptError(f"{where} has {unknown[0]!r}; {choices_hint(str(unknown[0]), CLAUSE_KEYS)}")
    kind, text = word_in(entry, "class", where), word_in(entry, "text", where)
    if bool(kind) == bool(text):
        raise PromptError(
            f"{where} has {'both class and text' if kind else 'no class'}; expected one of class and text"
        )
    count = entry.get("count", 1)
    if type(count) is not int or not 1 <= count <= MAX_COUNT:
        raise PromptError(f"{where}: count is {count!r}; expected a whole number from 1 to {MAX_COUNT}")
    colour = word_in(entry, "color", where) or word_in(entry, "colour", where)
    return Clause(kind, text, count, colour, position_in(entry, number, where))


def word_in(entry: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text of one line; empty where there is none."""
    value = entry.get(key, "")
    if (
        not isinstance(value, str)
        or not value.isprintable()
        or len(value) > 200
        or (key in entry and not value.strip())
    ):
        raise PromptError(f"{where}: {key} is {value!r}; expected a text of one line and at most 200 characters")
    if PLACEHOLDER.search(value):
        raise PromptError(f"{where}: {key} is {value!r}; expected a text without a placeholder in braces")
    return value.strip()


def position_in(entry: Mapping[str, Any], number: int, where: str) -> tuple[str, int] | None:
    """Return the relation of a clause to an earlier one; None where there is none."""
    match entry.get("position"):
        case None:
            return None
        case [str() as relation, int() as target] if relation in RELATIONS and 0 <= target < number:
            return relation, target
        case position:
            known = ", ".join(RELATIONS)
            raise PromptError(
                f"{where}: position is {position!r}; expected [relation, number of an earlier clause], one of {known}"
            )


def questions_of(include: Sequence[Clause], exclude: Sequence[Clause]) -> Iterator[RubricQuestion]:
    """Yield the questions: first what there is, then what it is like."""
    ids: dict[str, str] = {}
    for clause in include:
        if clause.kind and clause.kind not in ids:
            ids[clause.kind] = f"object_{len(ids) + 1}"
            yield object_question(ids[clause.kind], clause.kind)
    yield from count_questions(include, exclude, ids)
    colours = {clause.colour for clause in include} - {""}
    skill = "attribute binding" if len(colours) > 1 else "colour"
    for number, clause in enumerate(include, 1):
        if clause.text:
            yield from text_questions(number, clause)
        elif clause.colour:
            yield colour_question(f"colour_{number}", clause, skill, ids[clause.kind])
        if clause.position is not None:
            yield position_question(f"position_{number}", clause, include[clause.position[1]], ids)


def object_question(name: str, kind: str) -> RubricQuestion:
    """Return the question whether there is one object of a class."""
    text = f"Is there at least one {kind} in the picture?"
    return RubricQuestion(name, text, skill="object", check={"class": kind, "at_least": 1})


def count_questions(
    include: Sequence[Clause], exclude: Sequence[Clause], ids: Mapping[str, str]
) -> Iterator[RubricQuestion]:
    """Yield the questions how many there are, one for each class that has a count."""
    wanted: dict[str, int] = {}
    for clause in include:
        if clause.kind:
            wanted[clause.kind] = wanted.get(clause.kind, 0) + clause.count
    limits = {clause.kind: clause.count for clause in exclude}
    for number, kind in enumerate(dict.fromkeys([*wanted, *limits]), 1):
        text, check = count_asked(kind, wanted.get(kind, 0), limits.get(kind))
        if text:
            parents = (ids[kind],) if kind in ids else ()
            yield RubricQuestion(f"count_{number}", text, skill="counting", parents=parents, check=check)


def count_asked(kind: str, count: int, limit: int | None) -> tuple[str, Mapping[str, Any]]:
    """Return the question about a number of objects, and its check; nothing where one of them is enough."""
    if limit == 1 and not count:
        return f"Is the picture without any {kind}?", {"class": kind, "count": 0}
    words, check = "", {}
    if limit == count + 1:
        words, check = f"exactly {count}", {"class": kind, "count": count}
    elif limit is not None:
        words, check = f"fewer than {limit}", {"class": kind, "fewer_than": limit}
    elif count > 1:
        words, check = f"at least {count}", {"class": kind, "at_least": count}
    return f"Count every {kind} in the picture: are there {words}?" if words else "", check


def colour_question(name: str, clause: Clause, skill: str, parent: str) -> RubricQuestion:
    """Return the question whether the objects of a clause have their colour."""
    kind, colour, count = clause.kind, clause.colour, clause.count
    text = f"Is there at least one {kind} that is {colour}?"
    if count > 1:
        text = f"Count every {kind} that is {colour}: are there at least {count}?"
    check = {"class": kind, "colour": colour, "at_least": count}
    return RubricQuestion(name, text, skill=skill, parents=(parent,), check=check)


def position_question(name: str, clause: Clause, target: Clause, ids: Mapping[str, str]) -> RubricQuestion:
    """Return the question whether an object lies where it should, as seen from another."""
    if not clause.kind or not target.kind:
        raise PromptError("metadata: a position is given for a text; expected one of a class to another class")
    relation = clause.position[0] if clause.position else ""
    check = {"class": clause.kind, "relation": relation, "of": target.kind}
    one, other = clause.kind, target.kind
    # A colour that is wrong is another question, unless it alone tells the two apart.
    if clause.kind == target.kind:
        one, other = f"{clause.colour} {one}".strip(), f"{target.colour} {other}".strip()
        colours = {"colour": clause.colour, "of_colour": target.colour}
        check |= {key: colour for key, colour in colours.items() if colour}
    text = f"Seen by the viewer, is the {one} {relation} the {other}?"
    parents = tuple(dict.fromkeys((ids[clause.kind], ids[target.kind])))
    return RubricQuestion(name, text, skill="position", parents=parents, check=check)


def text_questions(number: int, clause: Clause) -> Iterator[RubricQuestion]:
    """Yield the questions whether a line of text stands there, and has its colour."""
    written = json.dumps(clause.text, ensure_ascii=False)
    text = f"Does the picture show the writing {written}, spelt exactly so?"
    yield RubricQuestion(f"text_{number}", text, skill="text", check={"text": clause.text})
    if clause.colour:
        check = {"text": clause.text, "colour": clause.colour}
        text = f"Is the writing {written} {clause.colour}?"
        yield RubricQuestion(f"colour_{number}", text, skill="colour", parents=(f"text_{number}",), check=check)
