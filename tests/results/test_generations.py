"""Pictures that models make: results by prompt, and stimuli for other verbs while they are being made."""

from __future__ import annotations

import io
import threading
import time

import pytest
from fakes import FakeModel, World, painted, plain_png, said
from PIL import Image

from pytest_vlmperception import Prompt, Refused, Reply, Stimulus, Truncated, Unavailable, Unparsed, UsageError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.image_verbs import ImageModel
from pytest_vlmperception.models import Identity
from pytest_vlmperception.records import Made, Picture
from pytest_vlmperception.stimuli import StimulusSet
from pytest_vlmperception.stimuli.controls import resized
from pytest_vlmperception.verbs import VisionModel

LIMIT_S = 20.0


class Ahead:
    """Look-ahead as in a test's body, or as in a fixture for the items of some names."""

    def __init__(self, names=None):
        self.names = names

    def ahead(self, items):
        return [item for item in items if self.names is None or str(item) in self.names]

    def reader(self):
        return ""

    def saw(self, answers, item):
        pass


@pytest.fixture
def worlds(tmp_path):
    """Make models; ``worlds.paint`` one that makes pictures, ``worlds.see`` one that looks at them."""
    made = []

    class Worlds:
        def world(self, answer, threads=4, identity=None):
            fake = FakeModel(answer)
            fake.identity = identity or fake.identity
            world = World(tmp_path / f"{len(made)}", fake, "run", threads=threads)
            made.append(world)
            return world, fake

        def paint(self, answer=painted, ahead=None, **settings):
            world, fake = self.world(answer, **settings)
            model = ImageModel(world.caller, ahead or Ahead())
            model.fake, model.world = fake, world
            return model

        def see(self, answer, ahead=None, **settings):
            world, fake = self.world(answer, **settings)
            model = VisionModel(world.caller, ahead or Ahead())
            model.fake, model.world = fake, world
            return model

    yield Worlds()
    for world in made:
        world.caller.stop()
    for world in made:
        world.__exit__()


def within_limit(function):
    """Call a function that may hang; fail the test where it does."""
    outcome = []

    def run():
        try:
            outcome.append((function(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    assert not thread.is_alive(), "it hangs"
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def gated(answer):
    """Return an answerer that waits until its event is set."""
    opened = threading.Event()

    def wait(question):
        assert opened.wait(LIMIT_S)
        return answer(question)

    return wait, opened


def refusing(word):
    return lambda question: (
        Reply("filtered", "SAFETY", finish_reason="SAFETY") if word in question.prompt else painted(question)
    )


# Results


def test_pictures_by_prompt(worlds):
    clock = Prompt("clock", "a photo of a clock", groups={"task": "single"}, reference={"count": 1})
    made = worlds.paint().generate([clock, "a red bench"], repeats=2)
    assert [str(prompt) for prompt in made] == ["clock", "a red bench"]
    assert made[clock].status == made["a red bench"].status == "answered"
    assert len({draw.value.sha256 for prompt in made for draw in made[prompt].draws}) == 4
    assert Image.open(io.BytesIO(made[clock].value.data)).size == (16, 16)
    assert made.valid_share() == 1.0


def test_stimuli_have_what_their_prompts_know(worlds):
    clock = Prompt("clock", "a photo of a clock", groups={"task": "single"}, reference={"count": 1})
    stimuli = worlds.paint().generate([clock, "A red bench!"], repeats=2).stimuli
    assert stimuli.ids == ("clock-0", "clock-1", "a-red-bench-0", "a-red-bench-1")
    assert stimuli["clock-1"].groups == {"task": "single", "prompt": "clock"}
    assert stimuli["clock-1"].reference == {"prompt": "a photo of a clock", "count": 1}
    assert stimuli["a-red-bench-0"].bytes.startswith(b"\x89PNG")
    assert stimuli["a-red-bench-0"].media_type == "image/png"


def test_prompts_that_look_alike_have_ids_of_their_own(worlds):
    stimuli = worlds.paint().generate(["A cat", "a cat!", "猫", "犬"]).stimuli
    assert len(set(stimuli.ids)) == 4
    assert all(id_.isascii() for id_ in stimuli.ids)


def test_a_picture_is_no_text_in_a_table(worlds, tmp_path):
    made = worlds.paint().generate(["a cat"])
    made.to_csv(tmp_path / "made.csv")
    header, row = (tmp_path / "made.csv").read_text().splitlines()
    assert header.startswith("prompt,order,repeat,text,value,status")
    assert made["a cat"].value.sha256 in row


def test_draws_of_a_prompt_are_not_independent(worlds):
    stimuli = worlds.paint().generate(["a cat", "a dog"], repeats=5).stimuli
    described = worlds.see(said("x")).describe(stimuli, "Describe it.")
    assert described.share(lambda stimulus, description: True).n == 2


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "got no prompts; give a Prompt, a text, or a list"),
        (["a", "a"], "got the prompt 'a' twice; use repeats="),
        ([3], "prompt=3; expected a Prompt"),
        ("  ", "prompt='  '; expected a Prompt"),
        (7, "prompt=7; expected a Prompt"),
    ],
)
def test_prompts_are_checked(worlds, prompts, message):
    with pytest.raises(UsageError, match=message):
        worlds.paint().generate(prompts)


# Outcomes


@pytest.mark.parametrize(
    ("reply", "status", "kind", "outcome"),
    [
        (Reply("refused", "I do not draw that."), "refused", "refused", Refused),
        (Reply("filtered", "SAFETY"), "refused", "filtered", Refused),
        (Reply("answered", "Here is your picture!"), "unparsed", "unparsed", Unparsed),
        (
            Reply("answered", "", pictures=(Made("image/png", plain_png("x")[:60]),)),
            "truncated",
            "truncated",
            Truncated,
        ),
        (Reply("answered", "", pictures=(Made("image/png", b"no picture"),)), "truncated", "truncated", Truncated),
    ],
)
def test_each_failure_is_an_outcome_of_its_own(worlds, reply, status, kind, outcome):
    made = worlds.paint(lambda question: reply).generate("a cat")
    assert (made["a cat"].status, made["a cat"].draws[0].kind) == (status, kind)
    with pytest.raises(outcome):
        _ = made["a cat"].value
    with pytest.raises(outcome):
        _ = made.stimuli["a-cat-0"].bytes


@pytest.mark.parametrize(
    ("parameters", "size", "reason"),
    [
        ({"size": "16x16"}, (16, 16), ""),
        ({"size": "auto"}, (48, 16), ""),
        ({"size": "16x16"}, (24, 16), "wrong size: asked 16x16, got 24x16"),
        # Gemini's table of sizes: 16:9 is 1344 x 768.
        ({"aspect_ratio": "16:9"}, (1344, 768), ""),
        ({"aspect_ratio": "16:9"}, (1024, 1024), "wrong size: asked 16:9, got 1024x1024"),
    ],
)
def test_wrong_size(worlds, parameters, size, reason):
    reply = Reply("answered", "", pictures=(Made("image/png", plain_png("x", size)),))
    model = worlds.paint(lambda question: reply, identity=Identity("fake", "m", parameters))
    draw = model.generate("a cat")["a cat"].draws[0]
    assert (draw.kind, draw.reason) == ("wrong size" if reason else "answered", reason)


def test_one_bad_picture_does_not_cost_the_others(worlds):
    made = worlds.paint(refusing("gun")).generate(["a cat", "a gun", "a dog"])
    described = worlds.see(said("fine")).describe(made.stimuli, "Describe it.")
    assert [described[stimulus].status for stimulus in made.stimuli] == ["answered", "refused", "answered"]
    draw = described["a-gun-0"].draws[0]
    assert draw.kind == "filtered"
    assert draw.reason == "picture a-gun-0 was not made: filtered: SAFETY"


def test_what_could_not_be_had_is_unavailable_everywhere(worlds, tmp_path):
    def fail(question):
        raise CallError("no such model", "model")

    made = worlds.paint(fail).generate("a cat")
    described = worlds.see(said("fine")).describe(made.stimuli, "Describe it.")
    assert described["a-cat-0"].status == "unavailable"
    with pytest.raises(Unavailable, match="was not made: model: no such model"):
        _ = described["a-cat-0"].text
    described.to_csv(tmp_path / "described.csv")
    assert "was not made" in (tmp_path / "described.csv").read_text()


# While pictures are still being made


def test_questions_wait_for_their_pictures_and_keep_nobody_waiting(worlds):
    answer, opened = gated(painted)
    painter, viewer = worlds.paint(answer), worlds.see(said("seen"))
    made = painter.generate(["a cat", "a dog"])
    described = viewer.describe(made.stimuli, "Describe it.")
    other = Stimulus("other", Picture("other", lambda: ("image/png", plain_png("other"))))
    assert within_limit(lambda: viewer.describe(other, "Describe it.")["other"].text) == "seen"
    assert len(viewer.fake.asked) == 1
    opened.set()
    assert within_limit(lambda: [described[stimulus].text for stimulus in made.stimuli]) == ["seen", "seen"]
    assert {question.pictures[0].sha256 for question in viewer.fake.asked[1:]} == {
        stimulus.sha256 for stimulus in made.stimuli
    }


def test_pairs_wait_for_both(worlds):
    answer, opened = gated(painted)
    stimuli = worlds.paint(answer).generate(["a cat", "a dog"]).stimuli
    compared = worlds.see(said("A")).compare(stimuli.pairs(within=None), "Which is more colourful?")
    opened.set()
    assert within_limit(lambda: compared.valid_share()) == 1.0


def test_a_changed_picture_waits_too(worlds):
    answer, opened = gated(painted)
    made = worlds.paint(answer).generate("a cat").stimuli["a-cat-0"]
    viewer = worlds.see(said("seen"))
    described = viewer.describe(resized(made, 0.5), "Describe it.")
    time.sleep(0.05)
    assert not viewer.fake.asked
    opened.set()
    assert within_limit(lambda: next(iter(described.values())).text) == "seen"


def test_a_picture_that_nobody_read_is_asked_for_when_it_is_shown(worlds):
    painter = worlds.paint(ahead=Ahead(names=["a cat"]))
    made = painter.generate(["a cat", "a dog"])
    described = worlds.see(said("seen")).describe(made.stimuli, "Describe it.")
    assert within_limit(lambda: described["a-dog-0"].text) == "seen"
    assert len(painter.fake.asked) == 2


@pytest.mark.parametrize("threads", [1, 4])
def test_rounds_of_edits_by_one_model(worlds, threads):
    painter = worlds.paint(lambda question: (time.sleep(0.01), painted(question))[1], threads=threads)
    stimuli = painter.generate(["a cat", "a dog"], repeats=2).stimuli
    for k in range(5):
        stimuli = painter.edit(stimuli, f"Change {k}.").stimuli
    assert within_limit(lambda: len({stimulus.sha256 for stimulus in stimuli})) == 4
    assert stimuli.ids[0] == "a-cat-0-0-0-0-0-0"
    assert stimuli[0].groups == {"prompt": "a-cat", "source": "a-cat-0-0-0-0-0"}
    assert len(painter.fake.asked) == 4 * 6


def test_a_lost_round_loses_those_after_it_only(worlds):
    painter = worlds.paint(refusing("gun"))
    first = painter.generate(["a cat", "a dog"])
    second = painter.edit(first.stimuli, {"a-cat-0": "Add a gun.", "a-dog-0": "Add a hat."})
    third = painter.edit(second.stimuli, "Make it night.")
    assert within_limit(lambda: [third[stimulus].status for stimulus in third]) == ["refused", "answered"]
    assert third["a-cat-0-0"].draws[0].kind == "filtered"
    assert len(painter.fake.asked) == 5


def test_two_models_edit_each_others_pictures(worlds):
    one, other = worlds.paint(threads=1), worlds.paint(threads=1)
    stimuli = one.generate(["a cat", "a dog"]).stimuli
    for model in (other, one, other, one):
        stimuli = model.edit(stimuli, "Brighter.").stimuli
    assert within_limit(lambda: len({stimulus.sha256 for stimulus in stimuli})) == 2


def test_closing_settles_what_waits(worlds):
    answer, opened = gated(painted)
    painter, viewer = worlds.paint(answer), worlds.see(said("seen"))
    described = viewer.describe(painter.edit(painter.generate("a cat").stimuli, "Brighter.").stimuli, "Describe it.")
    viewer.world.caller.stop()
    assert within_limit(lambda: described["a-cat-0-0"].status) == "unavailable"
    painter.world.caller.stop()
    opened.set()
    within_limit(painter.world.caller.close)
    within_limit(viewer.world.caller.close)
    assert not viewer.fake.asked


def test_nothing_new_is_asked_once_all_were_stopped(worlds):
    answer, opened = gated(painted)
    painter, viewer = worlds.paint(answer), worlds.see(said("seen"))
    described = viewer.describe(painter.generate("a cat").stimuli, "Describe it.")
    painter.world.caller.stop()
    viewer.world.caller.stop()
    opened.set()
    within_limit(painter.world.caller.close)
    assert described["a-cat-0"].draws[0].kind == "ended"
    assert not viewer.fake.asked


# Edits


def photograph(name):
    return Stimulus(
        name, Picture(name, lambda: ("image/png", plain_png(name))), {"scene": name[0]}, {"polarity": "positive"}
    )


PHOTOGRAPHS = StimulusSet([photograph("a1"), photograph("a2"), photograph("b1")])


def test_edits_by_source(worlds):
    painter = worlds.paint()
    edited = painter.edit(PHOTOGRAPHS, "Make it night.", repeats=2)
    assert list(edited) == list(PHOTOGRAPHS)
    assert edited.stimuli.ids[:2] == ("a1-0", "a1-1")
    assert edited.stimuli["a1-0"].groups == {"scene": "a", "source": "a1"}
    assert edited.stimuli["a1-0"].reference == {"polarity": "positive", "instruction": "Make it night."}
    assert edited["a1"].value == edited.stimuli["a1-0"].picture.draw().value
    assert {question.task.verb for question in painter.fake.asked if question} == {"edit"}
    assert edited.valid_share().unit == "scene"


def test_masks_and_instructions_by_stimulus_or_id(worlds):
    painter = worlds.paint()
    mask = Picture("mask", lambda: ("image/png", plain_png("mask")))
    instructions = {PHOTOGRAPHS[0]: "One.", "a2": Prompt("two", "Two."), "b1": "Three."}
    edited = painter.edit(PHOTOGRAPHS, instructions, masks={"a2": Stimulus("m", mask), PHOTOGRAPHS[2]: mask})
    edited.wait()
    asked = {question.prompt: question for question in painter.fake.asked}
    assert [asked[text].mask for text in ("One.", "Two.", "Three.")] == [None, mask, mask]
    assert asked["Two."].task.prompt == "two"


@pytest.mark.parametrize(
    ("instructions", "masks", "message"),
    [
        ({"a1": "x"}, None, r"instructions has none for 'a2' \(2 of 3\); add it"),
        ({"a1": "x", "zz": "y"}, None, "instructions has 'zz', which is none of the pictures; known: a1, a2, b1"),
        ("x", {"zz": photograph("m")}, "masks has 'zz', which is none of the pictures"),
        ("x", {"a1": "mask.png"}, r"masks\['a1'\] is 'mask.png'; expected a Picture, or a Stimulus"),
        ("x", [photograph("m")], "masks=.*; expected a mapping from stimulus or id"),
        (None, None, "prompt=None; expected a Prompt"),
    ],
)
def test_arguments_of_edits_are_checked(worlds, instructions, masks, message):
    with pytest.raises(UsageError, match=message):
        worlds.paint().edit(PHOTOGRAPHS, instructions, masks=masks)


def test_what_was_made_is_shown_by_its_stimuli(worlds):
    painter = worlds.paint()
    edited = painter.edit(PHOTOGRAPHS, "Make it night.")
    with pytest.raises(UsageError, match=r"got <Generations of 3 stimuli by fake/m>.*give its \.stimuli"):
        worlds.see(said("x")).describe(edited, "Describe it.")
    with pytest.raises(UsageError, match=r"give its \.stimuli"):
        painter.edit(edited, "Make it day.")


def test_the_text_only_control_has_nothing_to_edit(worlds):
    from pytest_vlmperception.stimuli.controls import text_only

    with pytest.raises(UsageError, match="got text-only to edit, which has no picture"):
        worlds.paint().edit(text_only(), "Brighter.")
