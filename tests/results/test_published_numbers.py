"""Published numbers: as printed, and one's own beside them."""

from __future__ import annotations

import math

import pytest

from pytest_vlmperception import Estimate, UsageError, beside, published
from pytest_vlmperception.stimuli import WISE_WEIGHTS

# By table: how many models, and the row of one as its source prints it.
# GPT-ImgEval (arXiv 2504.02782 v2), figures GenEval.jpg, WISE-New.jpg and EvalScore_bar.jpg; leadboard.md of WISE.
PRINTED = {
    "geneval": (23, "GPT-4o", {
        "overall": 0.84, "single_object": 0.99, "two_object": 0.92, "counting": 0.85, "colors": 0.92, "position": 0.75,
        "color_attr": 0.61,
    }),
    "wise": (17, "GPT-4o", {
        "culture": 0.81, "time": 0.71, "space": 0.89, "biology": 0.83, "physics": 0.79, "chemistry": 0.74,
        "overall": 0.80,
    }),
    "wise_verified": (23, "FLUX.1-dev", {
        "overall": 0.4160, "culture": 0.5225, "time": 0.4000, "space": 0.5333, "biology": 0.1750, "physics": 0.3750,
        "chemistry": 0.2417,
    }),
    "reason_edit": (8, "GPT-4o", {"overall": 0.929}),
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_rows_as_printed(name: str) -> None:
    table, (count, model, row) = published(name), PRINTED[name]
    assert len(table.rows) == count
    assert table.row(model) == row
    assert list(table.row(model)) == list(table.columns)
    assert table.notes
    assert table.doi.startswith("10.48550/arXiv.")
    assert all(0 <= value <= 1 or math.isnan(value) for numbers in table.rows.values() for value in numbers.values())


def test_the_overall_number_follows_from_the_tasks() -> None:
    # Six tasks alike: .840; .4 x .81 + .167 x .71 + .133 x .89 + .1 x (.83 + .79 + .74) = .797.
    assert published("geneval").mean("GPT-4o") == pytest.approx(0.840, abs=5e-4)
    assert published("wise").mean("GPT-4o") == pytest.approx(0.797, abs=5e-4)
    # Both ends are rounded to two digits, so that they differ by one in the last. One row was printed otherwise.
    for name in ("geneval", "wise", "wise_verified"):
        table = published(name)
        gaps = {model: abs(table.mean(model) - row["overall"]) for model, row in table.rows.items()}
        assert [model for model, gap in gaps.items() if gap > 0.0101] == (["TokenFlow-XL"] if name == "geneval" else [])


def test_weights_are_those_of_the_prompts() -> None:
    assert published("wise").weights == WISE_WEIGHTS["legacy"]
    assert published("wise_verified").weights == WISE_WEIGHTS["verified"]


def test_what_was_not_published_is_not_a_number() -> None:
    table = published("geneval")
    assert table.row("Transfusion")["overall"] == 0.63
    assert math.isnan(table.row("Transfusion")["counting"])
    assert math.isnan(table.mean("Chameleon"))
    assert math.isnan(published("reason_edit").mean("GPT-4o"))


def test_version_traps_are_told() -> None:
    assert any(".89" in note and ".80" in note for note in published("wise").notes)
    assert any("not comparable" in note for note in published("wise").notes)
    assert any("17.7 points" in note for note in published("geneval").notes)
    assert published("wise").row("FLUX.1-dev")["overall"] == 0.50
    # The other edition has another number of the same model.
    assert "FLUX.1-dev has .50 there and .416 here" in " ".join(published("wise_verified").notes)


OWN = {
    "overall": Estimate(0.7, 0.6, 0.8, n=6, unit="task"),
    "counting": Estimate(math.nan, n=3, unit="prompt", reason="no\x1b[31m data\nyet"),
    "colors": Estimate(1.0, n=20, unit="prompt"),
}


def test_beside_published_numbers() -> None:
    lines = beside(OWN, published("geneval"), model="painter", rows=["GPT-4o", "Transfusion"])
    assert lines[0] == "GenEval in GPT-ImgEval: share of pictures that are right, 0 to 1"
    assert "https://doi.org/10.48550/arXiv.2504.02782" in lines[1]
    table = lines[-7:-2]
    assert [line.split() for line in table] == [
        ["model", "overall", "single_object", "two_object", "counting", "colors", "position", "color_attr"],
        ["painter", "0.70", "-", "-", "-", "1.00", "-", "-"],
        ["interval", "[0.60,", "0.80]"],
        ["GPT-4o", "0.84", "0.99", "0.92", "0.85", "0.92", "0.75", "0.61"],
        ["Transfusion", "0.63", "-", "-", "-", "-", "-", "-"],
    ]
    # Numbers stand below the ends of their columns.
    assert len({table[0].index("overall") + 7, table[1].index("0.70") + 4, table[3].index("0.84") + 4}) == 1
    assert lines[-2:] == [
        "counting: no number: no\\x1b[31m data yet",
        "this run: overall 6 tasks, counting 3 prompts, colors 20 prompts",
    ]


def test_all_models_best_first() -> None:
    lines = beside({}, published("reason_edit"))
    names = [line.split()[0] for line in lines[lines.index("model       overall") + 3 :]]
    assert names == ["GPT-4o", "SmartEdit", "GoT", "MagicBrush", "CosXL-Edit", "IP2P", "MGIE", "SEED-X"]
    assert lines[-1].split() == ["SEED-X", "0.239"]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            lambda: published("wise2"),
            r"there are no published numbers of 'wise2'; did you mean 'wise'\? known: geneval, ",
        ),
        (
            lambda: published("wise").row("GPT4o"),
            r"WISE, legacy edition, .* has no model 'GPT4o'; did you mean 'GPT-4o'\?",
        ),
        (
            lambda: beside({"count": Estimate(1.0)}, published("geneval")),
            r"GenEval in GPT-ImgEval has no column 'count'; did you mean 'counting'\? known: color_attr, colors",
        ),
        (lambda: beside({}, published("geneval"), rows=["SDXL2"]), r"has no model 'SDXL2'; did you mean 'SDXL'\?"),
    ],
)
def test_what_is_not_there(use, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        use()
