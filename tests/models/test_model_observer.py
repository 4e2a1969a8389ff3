"""The built-in observer: what it answers, what it refuses, and its noise."""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.observer import JND, NORMS, WEIGHTS, normal
from pytest_vlmperception.records import Hint, Picture, Question, Reply, Usage


def picture(pixels: np.ndarray, name: str = "x") -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    content = buffer.getvalue()
    return Picture(name, lambda: ("image/png", content))


def greys(low: int, high: int) -> Picture:
    """A picture half of one grey, half of another."""
    pixels = np.full((16, 16, 3), low, np.uint8)
    pixels[:, 8:] = high
    return picture(pixels)


def stripes(red: int, green: int, blue: int) -> Picture:
    """A picture half grey, half of a colour."""
    pixels = np.full((16, 16, 3), 128, np.uint8)
    pixels[:, 8:] = (red, green, blue)
    return picture(pixels)


WIDE, NARROW = greys(20, 235), greys(110, 145)
VIVID, PALE = stripes(255, 20, 20), stripes(140, 120, 120)


def ask(
    *pictures: Picture,
    attribute: str = "",
    direction: str = "",
    prompt: str = "Q",
    verb: str = "compare",
    name: str = "observer",
    repeat: int = 0,
) -> Reply:
    hint = Hint(verb, attribute, direction)
    return create(parse(name, trusted=True)).ask(Question(prompt, pictures, ("A", "B"), repeat, hint))


@pytest.mark.parametrize(
    ("attribute", "more", "less"),
    [("contrast", WIDE, NARROW), ("colorfulness", VIVID, PALE), ("preference", VIVID, PALE)],
)
def test_it_answers_the_letter_of_the_picture(attribute: str, more: Picture, less: Picture) -> None:
    assert ask(more, less, attribute=attribute).text == "A"
    assert ask(less, more, attribute=attribute).text == "B"
    assert ask(more, less, attribute=attribute, direction="more").text == "A"
    assert ask(more, less, attribute=attribute, direction="less").text == "B"
    assert ask(less, more, attribute=attribute, direction="less").text == "A"


@pytest.mark.parametrize(
    ("spelling", "attribute"),
    [
        ("colourfulness", "colorfulness"),
        ("Colorful", "colorfulness"),
        ("perceived_colourfulness", "colorfulness"),
        ("CONTRAST", "contrast"),
        ("rms-contrast", "contrast"),
        (" contrast ", "contrast"),
        ("preferred", "preference"),
    ],
)
def test_spellings_of_an_attribute(spelling: str, attribute: str) -> None:
    name = "observer?noise=3&seed=5"
    for repeat in range(8):
        replies = [ask(WIDE, VIVID, attribute=a, name=name, repeat=repeat).text for a in (spelling, attribute)]
        assert replies[0] == replies[1]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Which picture has more contrast? Answer A or B.", "A"),
        ("Which picture has less contrast?", "B"),
        ("Which picture has the LOWEST contrast?", "B"),
        ("Look at least twice. Which has more contrast? Do not explain.", "A"),
        ("Which one is contrastier, with higher contrast, A or B?", "A"),
    ],
)
def test_a_plain_prompt_is_read(prompt: str, answer: str) -> None:
    assert ask(WIDE, NARROW, prompt=prompt).text == answer


@pytest.mark.parametrize("prompt", ["Which is more colourful?", "Which has higher colorfulness?"])
def test_a_plain_prompt_in_both_spellings(prompt: str) -> None:
    assert ask(VIVID, PALE, prompt=prompt).text == "A"


def test_the_front_matter_goes_before_the_prompt() -> None:
    assert ask(WIDE, NARROW, attribute="contrast", prompt="Which has less of it?").text == "A"
    assert ask(WIDE, NARROW, direction="less", prompt="Which has more contrast?").text == "B"


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"attribute": "sharpness"}, "cannot judge 'sharpness'; it judges colorfulness, contrast, preference"),
        ({"attribute": "contrast", "direction": "sideways"}, "does not know the direction 'sideways'"),
        ({"prompt": "Which is nicer?"}, "names no attribute"),
        ({"prompt": "More contrast, or more colourful?"}, "names colorfulness and contrast"),
        ({"prompt": "Which has less contrast, not more?"}, "may ask for more or for less"),
        ({"verb": "describe", "attribute": "contrast"}, "it was asked to describe"),
    ],
)
def test_what_it_cannot_judge_it_refuses(settings: dict[str, str], match: str) -> None:
    reply = ask(WIDE, NARROW, **settings)
    assert reply.kind == "refused"
    assert match in reply.text


@pytest.mark.parametrize("count", [0, 1, 3])
def test_it_compares_two_pictures(count: int) -> None:
    reply = ask(*[WIDE] * count, attribute="contrast")
    assert (reply.kind, reply.text) == ("refused", f"the observer compares two pictures; it was shown {count}")


def test_without_a_task_it_refuses() -> None:
    reply = create(parse("observer", trusted=True)).ask(Question("Which has more contrast?", (WIDE, NARROW)))
    assert reply.kind == "refused"


def test_a_reply_has_a_latency_and_no_tokens() -> None:
    reply = ask(WIDE, NARROW, attribute="contrast")
    assert reply.latency_s > 0
    assert (reply.kind, reply.model, reply.usage) == ("answered", "observer", Usage(0, 0))


def test_bytes_that_are_no_picture() -> None:
    broken = Picture("broken.png", lambda: ("image/png", b"no picture"))
    with pytest.raises(CallError, match=r"broken\.png") as caught:
        ask(broken, WIDE, attribute="contrast")
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("request", False, False)


def test_names_do_not_matter() -> None:
    other = Picture("/elsewhere/low_contrast.png", lambda: (WIDE.media_type, WIDE.bytes))
    for repeat in range(8):
        name = "observer?noise=5"
        assert (
            ask(WIDE, NARROW, attribute="contrast", name=name, repeat=repeat).text
            == ask(other, NARROW, attribute="contrast", name=name, repeat=repeat).text
        )


# Measures


def test_contrast_is_the_spread_of_lightness() -> None:
    # Two pictures that differ by less than a tenth in the SD of scikit-image's L*.
    first, second = greys(60, 180), greys(60, 181)
    spread = [color.rgb2lab(np.asarray(Image.open(io.BytesIO(p.bytes))))[..., 0].std() for p in (first, second)]
    assert 0 < spread[1] - spread[0] < 0.3
    assert ask(first, second, attribute="contrast").text == "B"


def test_the_norms_are_those_of_four_photographs() -> None:
    def colorfulness(rgb: np.ndarray) -> float:
        """M3 of Hasler and Suesstrunk (2003), written anew."""
        r, g, b = (rgb[..., i].astype(float) for i in range(3))
        rg, yb = r - g, (r + g) / 2 - b
        return math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean())

    photographs = [data.astronaut(), data.chelsea(), data.coffee(), data.rocket()]
    measured = {
        "contrast": [color.rgb2lab(rgb)[..., 0].std() for rgb in photographs],
        "colorfulness": [colorfulness(rgb) for rgb in photographs],
    }
    for name, values in measured.items():
        assert NORMS[name].mean == pytest.approx(np.mean(values), rel=0.05)
        assert NORMS[name].sd == pytest.approx(np.std(values, ddof=1), rel=0.06)


def test_one_just_noticeable_difference_is_one_share_of_the_spread() -> None:
    share = JND["contrast"] / NORMS["contrast"].sd
    assert JND["colorfulness"] == pytest.approx(share * NORMS["colorfulness"].sd, rel=0.02)
    assert JND["preference"] == pytest.approx(share * sum(WEIGHTS.values()), rel=0.02)


# Noise


def test_noise_is_reproducible_and_differs_by_repeat_and_seed() -> None:
    def letters(name: str) -> list[str]:
        return [ask(WIDE, WIDE_TOO, attribute="contrast", name=name, repeat=r).text for r in range(40)]

    assert letters("observer?noise=1&seed=1") == letters("observer?noise=1&seed=1")
    assert letters("observer?noise=1&seed=1") != letters("observer?noise=1&seed=2")
    assert len(set(letters("observer?noise=1&seed=1"))) == 2


WIDE_TOO = greys(20, 234)


def test_noise_follows_thurstone() -> None:
    # P(A) = Phi((m_A - m_B) / (JND * noise * sqrt(2))): here 0.76 for noise 1, over 400 repeats.
    first, second = greys(60, 180), greys(60, 176)
    spread = [color.rgb2lab(np.asarray(Image.open(io.BytesIO(p.bytes))))[..., 0].std() for p in (first, second)]
    noise = 0.5
    expected = NormalDist().cdf((spread[0] - spread[1]) / (2.3 * noise * math.sqrt(2)))
    provider = create(parse(f"observer?noise={noise}&seed=3", trusted=True))
    hint = Hint("compare", "contrast")
    answers = [provider.ask(Question("Q", (first, second), repeat=r, task=hint)).text for r in range(400)]
    # Four standard errors of a share over 400.
    assert answers.count("A") / 400 == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 400))


def test_more_and_less_are_one_percept() -> None:
    for repeat in range(20):
        name = "observer?noise=5"
        more = ask(WIDE, NARROW, attribute="contrast", name=name, repeat=repeat).text
        less = ask(WIDE, NARROW, attribute="contrast", name=name, direction="less", repeat=repeat).text
        assert more != less


def test_a_tie_is_a_fair_coin() -> None:
    provider = create(parse("observer", trusted=True))
    hint = Hint("compare", "contrast")
    answers = [provider.ask(Question("Q", (WIDE, WIDE), repeat=r, task=hint)).text for r in range(400)]
    # Four standard errors of a fair coin over 400 throws.
    assert abs(answers.count("A") - 200) < 40


def test_normal_numbers_are_finite_at_both_ends() -> None:
    assert normal(b"\0" * 8) == -normal(b"\xff" * 8)
    assert normal(b"\xff" * 8) == pytest.approx(8.2, abs=0.2)


def test_threads_agree() -> None:
    provider = create(parse("observer?noise=1", trusted=True))
    questions = [Question("Q", (WIDE, NARROW), repeat=r, task=Hint("compare", "contrast")) for r in range(32)]
    with ThreadPoolExecutor(8) as pool:
        together = [reply.text for reply in pool.map(provider.ask, questions)]
    assert together == [provider.ask(question).text for question in questions]


# Identity


def test_the_identity() -> None:
    identity = create(parse("observer?noise=0.5&seed=1", trusted=True)).identity
    assert identity.parameters == {"noise": 0.5, "seed": 1}
    assert (identity.provider, identity.model, identity.base_url, identity.sees_task) == ("observer", "", "", True)
    assert create(parse("observer", trusted=True)).identity.parameters == {"noise": 0.0, "seed": 0}


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("observer?noise=-1", "of at least 0"),
        ("observer?noise=inf", "expected a finite number"),
        ("observer?sead=1", "did you mean 'seed'"),
        ("observer/7", "there is one observer"),
    ],
)
def test_a_name_is_refused(name: str, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        create(parse(name, trusted=True))


@pytest.mark.parametrize(
    ("prompt", "other"),
    [
        ("Ignore contrast; which one is brighter?", "'ignore'"),
        ("Which picture is sharper, regardless of colorfulness?", "'sharper'"),
    ],
)
def test_a_plain_prompt_that_names_something_else_too_is_refused(prompt: str, other: str) -> None:
    reply = ask(WIDE, NARROW, prompt=prompt)
    assert reply.kind == "refused"
    assert f"but also {other}; say attribute in the front matter" in reply.text
