"""WISE's prompts and pictures on look-alikes: its two editions are told apart, and never mixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import lookalikes
import pytest

from pytest_vlmperception import PromptSet, StimulusSet
from pytest_vlmperception.errors import MissingData, StimulusError, StimulusWarning
from pytest_vlmperception.stimuli import WISE_WEIGHTS

ROOT = Path(__file__).parents[2]
CATEGORIES = ["culture", "time", "space", "biology", "physics", "chemistry"]
TWO_OF_EACH = [category for category in CATEGORIES for _ in range(2)]

Load = Callable[..., PromptSet]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def load(tmp_path: Path, data: Path) -> Load:
    """Load a manifest of one table [[wise]], with the prompts at a path in tmp_path / "data"."""

    def load(more: str = "", path: str = "") -> PromptSet:
        (tmp_path / "set.toml").write_text(f"[[wise]]\n{more}", encoding="utf-8")
        return PromptSet.load(tmp_path / "set.toml", data={"wise": data / path})

    return load


def written(data: Path, *items: dict[str, object], name: str = "mine.json") -> None:
    """Write a list of prompts as WISE's own files have it: indented by four."""
    lookalikes.write(data, {name: json.dumps(items, indent=4)})


def item(number: int, category: str = "Biology", **more: object) -> dict[str, object]:
    return {**lookalikes.wise_items([(number, category, "State")])[0], **more}


@pytest.mark.parametrize("edition", ["legacy", "verified"])
def test_the_editions(load: Load, data: Path, edition: str) -> None:
    lookalikes.wise(data, edition)
    found = load()
    assert [prompt.groups["category"] for prompt in found] == TWO_OF_EACH
    assert {prompt.groups["edition"] for prompt in found} == {edition}
    # Pictures are called by the number.
    assert found["401"].text == "The thing of riddle 401"
    assert found["401"].reference == {"prompt": "The thing of riddle 401", "explanation": "It shows thing 401"}
    assert found["401"].groups["subcategory"] == "Horizontal time"
    assert load(f'edition = "{edition}"') == found
    assert {prompt.groups["category"] for prompt in load('categories = ["time", "space"]')} == {"time", "space"}
    assert [prompt.groups["category"] for prompt in load("per_category = 1")] == CATEGORIES


def test_a_single_file(load: Load, data: Path) -> None:
    lookalikes.wise(data, "verified")
    # The file that has all of them in another order; the folder is not read twice because of it.
    merged = load(path="merge.json")
    assert sorted(merged.names, key=int) == sorted(load().names, key=int)
    assert merged.names[0] == "641"
    assert {prompt.groups["edition"] for prompt in merged} == {"verified"}
    assert {prompt.groups["edition"] for prompt in load(path="cultural_common_sense_verified.json")} == {"verified"}


@pytest.mark.parametrize("home", ["WISE_legacy/data", "data"])
def test_the_folder_of_the_repository(load: Load, data: Path, home: str) -> None:
    lookalikes.wise(data / home)
    assert len(load()) == 12
    lookalikes.wise(data / "data_verified", "verified")
    with pytest.raises(
        StimulusError,
        match=r"there is the legacy edition in '.*data' and the verified edition in '.*data_verified'; give the folder "
        r"of one of them, which are not comparable",
    ):
        load()
    assert {prompt.groups["edition"] for prompt in load('edition = "verified"')} == {"verified"}
    assert {prompt.groups["edition"] for prompt in load(path="data_verified")} == {"verified"}


def test_weights_of_the_editions() -> None:
    # The formulas of Calculate.py and calculate_verified.py.
    assert list(WISE_WEIGHTS["legacy"].items()) == list(
        zip(CATEGORIES, (0.4, 0.167, 0.133, 0.1, 0.1, 0.1), strict=True)
    )
    assert list(WISE_WEIGHTS["verified"].items()) == list(zip(CATEGORIES, (0.4, *[0.12] * 5), strict=True))
    assert set(WISE_WEIGHTS["own"].values()) == {1 / 6}
    assert all(abs(sum(weights.values()) - 1) < 1e-12 for weights in WISE_WEIGHTS.values())


def test_rewritten_prompts_are_known(load: Load, data: Path) -> None:
    lookalikes.wise(data)
    lookalikes.wise_rewritten(data)
    assert load()["1"].text == "The thing of riddle 1"
    rewritten = load("rewritten = true")
    assert rewritten["1"].text == "Thing 1."
    assert rewritten["1"].groups["wording"] == "rewritten"
    message = (
        r"natural_science_rewrite\.json: these prompts are rewritten: they name what has to be known; give the others"
    )
    with pytest.raises(StimulusError, match=message):
        load(path="natural_science_rewrite.json")
    with pytest.raises(StimulusError, match=r"natural_science\.json: expected rewritten prompts, in a file such as"):
        load("rewritten = true", path="natural_science.json")
    # Under another name, too, where the sub-categories say so.
    (data / "cultural_common_sense_rewrite.json").rename(data / "culture.json")
    with pytest.raises(StimulusError, match=r"culture\.json, line 2: these prompts are rewritten"):
        load(path="culture.json")


@pytest.mark.parametrize(
    ("items", "more", "message"),
    [
        # 641 is of space in the legacy edition, and of biology in the verified one.
        ([item(641, "Space"), item(641 + 60)], "", None),
        ([item(641), item(568, "Space")], "", None),
        (
            [item(701), item(641, "Space"), item(650)],
            "",
            r"line 16: prompt_id = 650 of biology; the legacy edition of WISE has 701 to 800 there, and editions are not",
        ),
        (
            [item(641), item(700, "Space")],
            'edition = "verified"',
            r"line 9: prompt_id = 700 of space; the verified edition of WISE has 521 to 640 there",
        ),
        ([item(701)], "", r"the numbers of the prompts are of both editions of WISE; say edition = 'legacy' or"),
        ([item(1, "Cultural knowledge")], "", r"the numbers of the prompts are of both editions of WISE"),
        ([item(701)], 'edition = "old"', r"edition = 'old'; expected one of legacy, verified, own"),
        (
            [item(7)],
            'edition = "legacy"',
            r"line 2: prompt_id = 7 of biology; the legacy edition of WISE has 701 to 800",
        ),
    ],
)
def test_editions_are_told_by_their_numbers(
    load: Load, data: Path, items: list[dict[str, object]], more: str, message: str | None
) -> None:
    written(data, *items)
    if message is None:
        expected = "legacy" if items[0]["Category"] == "Space" else "verified"
        assert {prompt.groups["edition"] for prompt in load(more, "mine.json")} == {expected}
        return
    with pytest.raises(StimulusError, match=message):
        load(more, "mine.json")


def test_a_file_that_is_named_as_another_edition(load: Load, data: Path) -> None:
    lookalikes.wise(data, "verified")
    (data / "natural_science_verified.json").rename(data / "natural_science.json")
    with pytest.raises(StimulusError, match=r"natural_science\.json, line 2: prompt_id = 641 of biology; the legacy"):
        load(path="natural_science.json")
    with pytest.raises(StimulusError, match=r"there is the legacy edition in .* and the verified edition in"):
        load()
    with pytest.raises(StimulusError, match=r"the legacy and the verified edition of WISE are not comparable"):
        load('edition = "verified"', "natural_science.json")


def test_prompts_of_ones_own(load: Load, data: Path) -> None:
    written(data, item(1, "Cultural knowledge"), item(2, "time"), item(3))
    assert {prompt.groups["edition"] for prompt in load(path="mine.json")} == {"own"}
    written(data, item(701))
    assert {prompt.groups["edition"] for prompt in load('edition = "own"', "mine.json")} == {"own"}


BAD = {
    "no list": ('{"Prompt": "x"}', r"line 1: expected a JSON list of objects, which begins with '\['"),
    "nothing": ("\n\n", r"line 3: expected a JSON list of objects"),
    "an empty list": ("[]", r"line 1: it is no JSON: Expecting value"),
    "cut off": ('[\n{"Prompt": "a",\n', r"line 3: it is no JSON: Expecting property name"),
    "no comma": ("[\n%s\n%s\n]", r"line 3: expected ',' and the next object, or '\]' after the last"),
    "no end": ("[\n%s", r"line 2: expected ',' and the next object, or '\]' after the last"),
    "a comma too many": ("[\n%s,\n]", r"line 3: it is no JSON: Expecting value"),
    "something after": ("[\n%s\n] x", r"line 3: expected nothing after the list"),
    "texts": ('["x"]', r'line 1: "x" is no JSON object; expected one'),
    "a key twice": ('[\n{"Prompt": "a", "Prompt": "b"}]', r"line 2: a key stands there twice"),
    "NaN": ('[\n{"prompt_id": NaN}]', r"line 2: NaN is no number"),
    "deep": ("[" * 200_000, r"line 1: it is nested too deeply"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_files_that_cannot_be_used(load: Load, data: Path, text: str, message: str) -> None:
    lookalikes.write(data, {"mine.json": text.replace("%s", json.dumps(item(701)))})
    with pytest.raises(StimulusError, match=rf"^mine\.json, {message}") as caught:
        load(path="mine.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"prompt_id": "702"}, r"prompt_id = '702'; expected a whole number from 1 to 1000000"),
        ({"prompt_id": 0}, r"prompt_id = 0; expected a whole number from 1"),
        ({"prompt_id": True}, r"prompt_id = True; expected a whole number from 1"),
        ({"prompt_id": 701}, r"prompt '701' is in mine\.json, line 2, too; number them differently, or make two sets"),
        ({"Category": "Biologie"}, r"Category 'biologie' is not known; did you mean 'biology'\? known: biology, chem"),
        ({"Prompt": ""}, r"Prompt = ''; expected a text"),
        ({"Prompt": "the {thing}"}, r"Prompt = 'the \{thing\}'; expected a text without placeholders"),
        ({"Explanation": 5}, r"Explanation = 5; expected a text"),
        ({"Subcategory": None}, r"Subcategory = None; expected a text"),
        ({"prompt": "x"}, r"key 'prompt' is not known; did you mean 'Prompt'\?"),
    ],
)
def test_prompts_that_cannot_be_used(load: Load, data: Path, wrong: dict[str, object], message: str) -> None:
    written(data, item(701), item(702, **wrong))
    with pytest.raises(StimulusError, match=rf"^mine\.json, line 9: {message}"):
        load('edition = "legacy"', "mine.json")


@pytest.mark.parametrize("key", ["Prompt", "Explanation", "Category", "Subcategory", "prompt_id"])
def test_each_key_is_needed(load: Load, data: Path, key: str) -> None:
    written(data, {name: value for name, value in item(701).items() if name != key})
    with pytest.raises(StimulusError, match=rf"^mine\.json, line 2: key '{key}' is missing; expected"):
        load(path="mine.json")


def test_encodings(load: Load, data: Path) -> None:
    text = json.dumps([item(701, Prompt="a crème brûlée")], ensure_ascii=False, indent=4)
    for content in (text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode()):
        lookalikes.write(data, {"natural_science.json": content})
        assert load(path="natural_science.json")["701"].text == "a crème brûlée"
    lookalikes.write(data, {"natural_science.json": text.encode("cp1252")})
    with pytest.raises(
        StimulusError, match=r"natural_science\.json', line 3: this is not UTF-8; save the file as UTF-8"
    ):
        load(path="natural_science.json")


def test_large_files(load: Load, data: Path) -> None:
    items = ",\n".join(json.dumps(item(number)) for number in range(2_000, 7_000))
    lookalikes.write(data, {"mine.json": f"[{items}]"})
    assert len(load(path="mine.json")) == 5_000
    lookalikes.write(data, {"mine.json": "[" + " " * 17_000_000})
    with pytest.raises(StimulusError, match=r"mine\.json' has 17,000,001 bytes; at most 16,777,216 are read"):
        load(path="mine.json")


def test_files_that_are_missing(load: Load, data: Path) -> None:
    lookalikes.wise(data)
    (data / "natural_science.json").unlink()
    with pytest.warns(StimulusWarning, match=r"left out natural_science\.json: not in '.*data'"):
        assert len(load()) == 6
    for file in data.iterdir():
        file.unlink()
    with pytest.raises(
        StimulusError, match=r"there are no prompts of WISE in '.*data'; expected cultural_common_sense"
    ):
        load()
    (data.parent / "secret.json").touch()
    (data / "natural_science.json").symlink_to(data.parent / "secret.json")
    with pytest.raises(StimulusError, match=r"'natural_science\.json' leads out of the data set"):
        load()


def test_the_prompts_that_ship() -> None:
    found = PromptSet.load(ROOT / "suites/image_generation/prompt_sets/everyday_knowledge.toml")
    assert [prompt.groups["category"] for prompt in found] == [each for each in CATEGORIES for _ in range(4)]
    assert {prompt.groups["edition"] for prompt in found} == {"own"}
    texts = [prompt.text for prompt in found] + list(found.reference("explanation").values())
    assert len(set(texts)) == 48


@pytest.fixture
def pictures(tmp_path: Path, data: Path) -> Callable[[str], StimulusSet]:
    """Load the pictures in tmp_path / "made" of the prompts in tmp_path / "data"."""

    def load(more: str = "") -> StimulusSet:
        (tmp_path / "set.toml").write_text(f'[dataset]\nlayout = "wise_images"\n{more}', encoding="utf-8")
        return StimulusSet.load(tmp_path / "set.toml", data={"wise_images": tmp_path / "made", "wise": data})

    return load


def test_pictures(pictures: Callable[[str], StimulusSet], data: Path) -> None:
    lookalikes.wise(data)
    numbers = [number for listed in lookalikes.WISE_NUMBERS["legacy"].values() for number, *_ in listed]
    lookalikes.write(data.parent / "made", {f"{number}.png": lookalikes.png(number % 90) for number in numbers})
    found = pictures("")
    assert found.ids == tuple(map(str, numbers))
    last = found["1000"]
    assert last.groups == {
        "category": "chemistry",
        "subcategory": "Chemical Properties",
        "edition": "legacy",
        "prompt": "1000",
    }
    assert last.reference["explanation"] == "It shows thing 1000"
    assert last.bytes == lookalikes.png(1000 % 90)
    assert found.select(lambda each: each.groups["category"] == "time").ids == ("401", "567")
    assert pictures('prompts = { categories = ["time"] }').ids == ("401", "567")
    (data.parent / "made/1000.png").unlink()
    with pytest.warns(StimulusWarning, match="left out 1000: there is no picture of these prompts"):
        assert len(pictures("")) == 11


def test_pictures_without_prompts_or_the_other_way_round(
    pictures: Callable[[str], StimulusSet], data: Path, tmp_path: Path
) -> None:
    lookalikes.wise(data)
    (tmp_path / "made").mkdir()
    with pytest.raises(
        StimulusError, match=r"there is no picture such as '1\.png' in '.*made'; give the folder of those"
    ):
        pictures("")
    with pytest.raises(MissingData, match=r"WISE is not on this machine; .*, then give --vlm-data elsewhere=PATH"):
        pictures('prompts = { data = "elsewhere" }')
    with pytest.raises(StimulusError, match=r"set\.toml, dataset: key 'tasks' is not known"):
        pictures('tasks = ["x"]')
