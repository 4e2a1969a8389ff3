"""Raw votes: what is read, how it is counted, and the scale values that come of it."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import lookalikes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception import StimulusSet, UsageError, Votes, human_ceiling, human_scale, read_votes
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Vote

HEADER = "observer,session_id,scene,condition_A,condition_B,is_A_selected,criterion"

# Three observers, two scenes. Of scene s: a over b 3 : 1, a over c 2 : 0, b over c 1 : 1.
ROWS = """
ann,1,s,a,b,1,contrast
ann,1,s,b,a,0,contrast
ann,1,s,a,c,1,contrast
bob,1,s,b,a,1,contrast
bob,1,s,c,a,0,contrast
bob,1,s,b,c,1,contrast
cid,2,s,a,b,1,contrast
cid,2,s,c,b,1,contrast
cid,2,t,x,y,1,contrast
ann,1,t,x,y,0,sharpness
"""


def write(path: Path, rows: str = ROWS, header: str = HEADER) -> Path:
    path.write_text(f"{header}\n{rows.strip()}\n", encoding="utf-8")
    return path


@pytest.fixture
def votes(tmp_path: Path) -> Votes:
    return read_votes(write(tmp_path / "votes.csv"))


def test_what_is_there(votes: Votes) -> None:
    assert (len(votes), votes.name) == (10, "votes")
    assert votes.observers == ("ann", "bob", "cid")
    assert votes.scenes == ("s", "t")
    assert votes.attributes == ("contrast", "sharpness")
    assert votes.votes[6] == Vote("cid", "a", "b", True, "s", "contrast", "2")
    assert repr(votes.of(scene="t", attribute="sharpness")) == "<Votes 'votes' of 1>"


def test_wins(votes: Votes) -> None:
    of_s = votes.of(scene="s")
    assert of_s.conditions == ("a", "b", "c")
    assert of_s.pairs == (("s", "a", "b"), ("s", "a", "c"), ("s", "b", "c"))
    assert of_s.wins() == ((0, 3, 2), (1, 0, 1), (0, 1, 0))


def test_choices_of_observers(votes: Votes) -> None:
    ann, bob, cid = votes.of(scene="s").choices()
    assert ann[:2] == (1.0, 1.0)
    assert math.isnan(ann[2])
    assert bob == (0.0, 1.0, 1.0)
    assert cid[0] == 1.0
    assert math.isnan(cid[1])
    assert cid[2] == 0.0


def test_choices_over_scenes(votes: Votes) -> None:
    of_contrast = votes.of(attribute="contrast")
    assert [scene for scene, *_ in of_contrast.pairs] == ["s", "s", "s", "t"]
    assert [row[-1] for row in of_contrast.choices()][2] == 1.0
    again = Votes([*of_contrast.votes, Vote("cid", "y", "x", True, "t", "contrast")])
    # Once for each: a half.
    assert again.choices()[2][3] == 0.5


def test_scenes_and_attributes_share_no_scale(votes: Votes) -> None:
    with pytest.raises(
        UsageError, match=r"'votes' has votes on 2 scenes, which share no scale; take one: \.of\(scene='s'"
    ):
        votes.wins()
    with pytest.raises(
        UsageError, match=r"'votes' has votes on 2 attributes, .*; take one: \.of\(attribute='contrast'"
    ):
        votes.of(scene="t").choices()
    with pytest.raises(UsageError, match=r"'votes' has no scene 'S'; known: s, t"):
        votes.of(scene="S")
    with pytest.raises(UsageError, match=r"'votes' has no attribute 'sharpnes'; did you mean 'sharpness'\?"):
        votes.of(attribute="sharpnes")
    with pytest.raises(UsageError, match=r"'none' has no vote; expected at least one"):
        Votes([], "none")


def test_the_fewest_columns(tmp_path: Path) -> None:
    rows = "1,a,b,1\n2,a,b,0"
    votes = read_votes(write(tmp_path / "own.csv", rows, "observer,condition_A,condition_B,is_A_selected"))
    assert votes.scenes == votes.attributes == ("",)
    assert votes.wins() == ((0, 1), (1, 0))


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROWS.strip()}\n".replace("\n", "\r\n")
    (tmp_path / "excel.csv").write_bytes(text.encode("utf-8-sig"))
    assert len(read_votes(tmp_path / "excel.csv")) == 10


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", r"votes '.*votes\.csv' has no rows; expected a header and one row for each vote"),
        ("ann,1,s,a,b,yes,c", r"votes\.csv, line 2: is_A_selected is 'yes'; expected 1 or 0"),
        ("ann,1,s,a,b,0.5,c", r"votes\.csv, line 2: is_A_selected is '0\.5'; expected 1 or 0"),
        ("ann,1,s,a,a,1,c", r"votes\.csv, line 2: 'a' is compared with itself; expected two conditions"),
        ("ann,1,s,a,,1,c", r"votes\.csv, line 2: column 'condition_B' is empty; give its name"),
        (",1,s,a,b,1,c", r"votes\.csv, line 2: column 'observer' is empty; give its name"),
        ("ann,1,s,a,b,1", r"votes\.csv, line 2: there are 6 cells; expected 7"),
    ],
)
def test_votes_that_cannot_be_used(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(StimulusError, match=f"^{message}"):
        read_votes(write(tmp_path / "votes.csv", rows))


def test_tables_that_are_no_votes(tmp_path: Path) -> None:
    with pytest.raises(StimulusError, match=r"votes\.csv, line 1: there is no column 'condition_A'; did you mean"):
        read_votes(write(tmp_path / "votes.csv", "1,a,b,1", "observer,condition_a,condition_b,is_A_selected"))
    with pytest.raises(StimulusError, match=r"votes '.*no\.csv' cannot be read \(No such file"):
        read_votes(tmp_path / "no.csv")
    (tmp_path / "utf16.csv").write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(StimulusError, match=r"utf16\.csv', line 1: this is not UTF-8; save the file as UTF-8"):
        read_votes(tmp_path / "utf16.csv")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80).map(lambda tail: f"{HEADER}\n".encode() + tail))
def test_any_bytes_are_votes_or_a_stimulus_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "votes.csv"
    path.write_bytes(content)
    try:
        message = repr(read_votes(path))
    except StimulusError as error:
        message = str(error)
    assert "\n" not in message


def pictures(tmp_path: Path, text: str = 'pictures = "{scene}/{condition}.png"') -> StimulusSet:
    data = lookalikes.write(
        tmp_path / "data", {f"{name}.png": lookalikes.png() for name in ("s/a", "s/b", "s/c", "t/x", "t/y")}
    )
    write(data / "votes.csv")
    (tmp_path / "lab.toml").write_text(f'[dataset]\nlayout = "votes"\ndata = "lab"\n{text}', encoding="utf-8")
    return StimulusSet.load(tmp_path / "lab.toml", data={"lab": data})


def test_pictures_that_were_voted_on(tmp_path: Path) -> None:
    found = pictures(tmp_path)
    assert found.ids == ("s-a", "s-b", "s-c", "t-x", "t-y")
    assert found["t-y"].groups == {"scene": "t", "condition": "y"}
    assert len(found.pairs(within="scene")) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"lab\.toml, dataset: key 'pictures' is missing; expected a text"),
        ('pictures = "{scene}.png"', r"pictures = '\{scene\}\.png'; expected a path such as"),
        ('pictures = "{condition}.png"', r"pictures = '\{condition\}\.png'; expected a path such as"),
        ('pictures = "../{scene}{condition}.png"', r"votes\.csv: '\.\./sa\.png' leads out of the data set"),
        ('pictures = "{scene}/{condition}.jpg"', r"votes\.csv: there is no file 's/a\.jpg' in"),
        ('pictures = "{scene}/{condition}.png"\ntable = "v.csv"', r"there is no file 'v\.csv' in"),
    ],
)
def test_pictures_of_votes_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StimulusError, match=message):
        pictures(tmp_path, text)


def test_scale_of_people_by_hand(tmp_path: Path, votes: Votes) -> None:
    found = pictures(tmp_path)
    scale = human_scale(votes, found, "contrast", unanimous="half")
    # Quantiles: 3 of 4 is 0.6745; 2 of 2 by (f + 1/2) / (N + 1) = 5/6 is 0.9674; 1 of 2 is 0; rows over n = 3.
    assert [scale[found[id_]] for id_ in ("s-a", "s-b", "s-c")] == pytest.approx([0.5473, -0.2248, -0.3225], abs=1e-4)
    assert scale[found["t-x"]] == -scale[found["t-y"]] > 0
    only_t = found.select(["t-x", "t-y"])
    assert dict(human_scale(votes, only_t, "contrast")).keys() == set(only_t)


def agreeing(flipped: bool) -> Votes:
    """Four people on five conditions of two scenes; each has one pair of their own on which they differ."""
    names = "edcba" if flipped else "abcde"
    pairs = list(itertools.combinations(range(5), 2))
    return Votes([
        Vote(f"o{observer}", names[one], names[other], (number == observer), scene, "contrast")
        for observer in range(4)
        for scene in ("s", "t")
        for number, (one, other) in enumerate(pairs)
    ])


def test_ceiling_does_not_depend_on_which_condition_is_called_first() -> None:
    found, flipped = human_ceiling(agreeing(flipped=False)), human_ceiling(agreeing(flipped=True), "contrast")
    assert found.leave_one_out.value == pytest.approx(flipped.leave_one_out.value)
    assert (found.split_half.n, found.split_half.unit) == (2, "scene")
    # Votes v = +-1 for one of ten pairs, over both ways round of mean 0: one observer with the mean m of the other three
    # has r = <v, m> / (|v| |m|) with <v, m> = 6 * 1 + 3 * 1/3 - 1 = 6 and |v|^2 = 10, |m|^2 = 7 + 3 / 9.
    assert found.leave_one_out.value == pytest.approx(6 / math.sqrt(10 * (7 + 3 / 9)))
    assert human_ceiling(agreeing(flipped=False).of(scene="s")).split_half.unit == "pair"


def test_ceiling_of_what_cannot_have_one(votes: Votes) -> None:
    with pytest.raises(UsageError, match=r"has votes on 2 attributes"):
        human_ceiling(votes)
    with pytest.raises(UsageError, match=r"a noise ceiling needs 2 observers"):
        human_ceiling(Votes((Vote("ann", "p", "q", True), Vote("ann", "p", "r", True))))


def test_scale_of_people_without_their_pictures(votes: Votes, tmp_path: Path) -> None:
    others = StimulusSet([stimulus for stimulus in pictures(tmp_path) if stimulus.id == "s-a"])
    relabelled = Votes((Vote("ann", "p", "q", True, "s", "contrast"),), "other")
    with pytest.raises(UsageError, match=r"'other' has no vote on any of the stimuli, but on p, q"):
        human_scale(relabelled, others)
    with pytest.raises(UsageError, match=r"has votes on 2 attributes"):
        human_scale(votes.of(scene="t"), pictures(tmp_path))
