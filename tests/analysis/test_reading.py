"""Reading descriptions: grammar, features, names, languages, and texts that are no descriptions."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_vlmperception import UsageError
from pytest_vlmperception.analysis import read_description, reading
from pytest_vlmperception.records import STATES, Percept

GUIDE = Path(__file__).parents[2] / "docs" / "descriptions.md"


@pytest.mark.parametrize(
    ("text", "leading"),
    [
        ("He isn't angry, just tired.", "tiredness"),
        ("She shows no sign of anger, fear or sadness; she is delighted.", "happiness"),
        ("Rather than angry, he looks sad.", "sadness"),
        ("He looks sad rather than angry.", "sadness"),
        ("less angry than disappointed", "sadness"),
        ("She seems more confused than angry.", "confusion"),
        ("I would not say that he is angry, only embarrassed.", "embarrassment"),
        ("It is not just fear but panic.", "fear"),
        ("She can't help but smile.", "happiness"),
        ("Any trace of anger is absent; he seems bored.", "boredom"),
        ("怒っているのではなく、困惑しています。", "confusion"),
        ("怒りや悲しみは見られず、嬉しそうです。", "happiness"),
        ("怒りというより悲しみに近い表情です。", "sadness"),
        ("喜びを隠しきれない様子です。", "happiness"),
        ("悲しんでいるのかもしれない。", "sadness"),
        ("怒っているに違いありません。", "anger"),
        ("疲れて元気がないようです。", "sadness"),
    ],
)
def test_what_is_denied_does_not_lead(text, leading):
    assert read_description(text).leading == leading


@pytest.mark.parametrize(
    "text",
    [
        "He is not angry.",
        "He doesn't look happy, sad, or angry.",
        "Neither smiling nor frowning.",
        "The person isn't showing much emotion.",
        "a poker face",
        "Deadpan.",
        "怒っているようには見えません。",
        "笑顔ではない。",
        "特に感情は見られません。",
        "無表情です。",
    ],
)
def test_a_face_without_an_emotion_is_neutral(text):
    percept = read_description(text)
    assert (percept.polarity, percept.leading) == ("neutral", "neutral")


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Although she smiles, overall she looks sad.", "negative"),
        ("She laughs, but she is furious.", "negative"),
        ("Her expression is a mix of joy and fear.", "mixed"),
        ("A forced smile; he is clearly nervous.", "negative"),
        ("Despite the frown, he is happy.", "positive"),
        ("At first glance he looks angry, but he is only amused.", "positive"),
        ("Tears of joy run down her cheeks.", "positive"),
        ("She is pleasantly surprised.", "positive"),
        ("She is surprised.", "neutral"),
        ("She is shocked and horrified.", "negative"),
        ("微笑んでいるものの、深い悲しみが感じられます。", "negative"),
        ("一見怒っているようだが、実は楽しんでいる。", "positive"),
        ("喜びと悲しみが入り混じった表情です。", "mixed"),
        ("作り笑いで、明らかに緊張している。", "negative"),
    ],
)
def test_contrast_decides_the_polarity(text, polarity):
    assert read_description(text).polarity == polarity


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("slightly sad", "sad"),
        ("sad", "devastated"),
        ("annoyed", "furious"),
        ("perhaps sad", "sad"),
        ("少し悲しそうです。", "悲しそうです。"),
        ("悲しそうです。", "絶望しています。"),
    ],
)
def test_degree_and_hedges_change_the_strength(weaker, stronger):
    less, more = read_description(weaker), read_description(stronger)
    assert less.emotions[less.leading] < more.emotions[less.leading]


@pytest.mark.parametrize(
    ("text", "hedges"),
    [
        ("He is angry.", 0),
        ("He might be angry.", 1),
        ("He appears to be angry, or perhaps sad.", 2),
        ("怒っています。", 0),
        ("怒っているようです。", 1),
        ("怒っているか、あるいは悲しんでいるのかもしれません。", 2),
    ],
)
def test_hedges_are_counted(text, hedges):
    assert read_description(text).hedges == hedges


def test_alternatives_both_count():
    assert {"surprise", "fear"} <= set(read_description("It is either surprise or fear.").emotions)


def test_a_state_counts_for_its_family():
    emotions = read_description("He looks irritated, and a bit confused.").emotions
    assert list(emotions) == ["anger", "irritation", "confusion"]
    assert emotions["anger"] >= emotions["irritation"]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        # The plain words of FACS (Ekman, Friesen & Hager 2002) by region.
        ("Her brows are furrowed.", {"brows": (4,)}),
        ("Eyebrows raised.", {"brows": (1, 2)}),
        ("The inner corners of her eyebrows are raised.", {"brows": (1,)}),
        ("Furrowed forehead", {"brows": (4,)}),
        ("His eyes are wide open.", {"eyes": (5,)}),
        ("His eyes are narrowed.", {"eyes": (7,)}),
        ("Crow's feet at the eyes", {"eyes": (6,)}),
        ("Her nose is wrinkled.", {"nose": (9,)}),
        ("His upper lip is curled.", {"mouth": (10,)}),
        ("The corners of her mouth are turned up.", {"mouth": (12,)}),
        ("The corners of the mouth are slightly turned down.", {"mouth": (15,)}),
        ("His lips are pressed together.", {"mouth": (24,)}),
        ("Lips parted", {"mouth": (25,)}),
        ("Her cheeks are raised.", {"cheeks": (6,)}),
        ("A slack jaw", {"jaw": (26,)}),
        ("眉をひそめている。", {"brows": (4,)}),
        ("眉間にしわを寄せている。", {"brows": (4,)}),
        ("眉が上がっている。", {"brows": (1, 2)}),
        ("目を見開いている。", {"eyes": (5,)}),
        ("目を細めている。", {"eyes": (7,)}),
        ("鼻にしわが寄っている。", {"nose": (9,)}),
        ("口角が上がっている。", {"mouth": (12,)}),
        ("口角が下がっている。", {"mouth": (15,)}),
        ("唇を固く結んでいる。", {"mouth": (24,)}),
    ],
)
def test_action_units_follow_the_wording(text, units):
    features = read_description(text).features
    assert {region: feature.action_units for region, feature in features.items()} == units


def test_features_quote_what_is_said():
    text = "**Eyes:** narrowed to slits\n**Mouth:** a tight line\nHis brows, for their part, are drawn together."
    features = read_description(text).features
    assert features["eyes"].said == ("Eyes: narrowed to slits",)
    assert features["mouth"].said == ("Mouth: a tight line",)
    assert features["brows"].said == ("His brows",)
    assert list(features) == ["brows", "eyes", "mouth"]


def test_a_denied_movement_is_spoken_of_and_no_action_unit():
    percept = read_description("The brows are not furrowed and she looks calm.")
    assert percept.features["brows"].action_units == ()


def test_a_heading_says_what_the_lines_under_it_speak_of():
    percept = read_description("### Eyebrows\nLowered and drawn together, it seems.\n\n### Mouth\nPressed.")
    assert {region: feature.action_units for region, feature in percept.features.items()} == {
        "brows": (4,),
        "mouth": (24,),
    }


@pytest.mark.parametrize(
    ("text", "leading"),
    [
        # Prototypes of FACS and EMFACS: 1+2+5+26 surprise, 1+2+4+5+20 fear, 6+12 happiness, 4+5+7+23 anger, 9 disgust.
        ("Eyebrows raised, eyes wide open, jaw dropped.", "surprise"),
        ("Brows raised and drawn together, eyes wide, lips stretched.", "fear"),
        ("Cheeks raised, corners of the mouth turned up.", "happiness"),
        ("Brows lowered, eyes narrowed, lips tight.", "anger"),
        ("The nose is wrinkled.", "disgust"),
    ],
)
def test_a_face_described_by_its_movements_alone_is_read_by_the_prototypes(text, leading):
    assert read_description(text).leading == leading


@pytest.mark.parametrize(
    "text",
    [
        "This is Walter White, looking grim.",
        "The actor Bryan Cranston smiles.",
        "He's smiling. The character is played by Lisa Kudrow.",
        "Monica looks angry.",
        "Sheldon's expression is one of contempt.",
        "It seems to be Saoirse Ronan, and she is sad.",
        "The man, who resembles Steve Buscemi, is frowning.",
        "Dr. House is sceptical.",
        "Detective Benson is furious; President Obama smiles.",
        "Tywin sneers at him.",
        "A worried Leonardo DiCaprio looks to the left.",
        "俳優の木村拓哉さんが笑っています。",
        "これはウォルター・ホワイトです。怒っています。",
        "『フレンズ』のチャンドラーが驚いています。",
        "リサ・クドロー演じるフィービーが笑っています。",
        "堺雅人さんが怒っています。",
        "写真のWalter Whiteは怒っています。",
    ],
)
def test_a_named_person_is_found(text):
    assert read_description(text).names_person


@pytest.mark.parametrize(
    "text",
    [
        "I can't identify the person, but he looks sad.",
        "A man in a Christmas sweater is happy.",
        "**Overall Impression:** Sad. **Facial Expression:** Downcast Eyes and a Tight Mouth.",
        "It is a Duchenne smile, as Ekman would say.",
        "The Japanese woman looks like a Mona Lisa: a faint smile.",
        "This looks like a still from Breaking Bad or The Office. The man is angry.",
        "Eyebrows are raised. Someone is surprised. Hair is tousled. Joy is written on his face.",
        "## Key Observations\n- Lips: Slightly Parted\n- Brow: Furrowed Brow\nAU12 and FACS codes suggest happiness.",
        "She might be a student from New York, and she is cheerful.",
        "俳優の男性が笑っています。",
        "女優のような女性が泣いています。",
        "お母さんが赤ちゃんに微笑んでいます。看護師さんも嬉しそうです。",
        "ドラマ『半沢直樹』の一場面のようで、男性は怒っています。",
        "たくさんの人が喜んでいます。店員さんは困り顔です。",
        "リラックスした表情で、ネガティブ・ポジティブどちらでもありません。",
    ],
)
def test_what_is_no_name_names_nobody(text):
    assert not read_description(text).names_person


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u2060\ufeff", "empty"),
        ("😀🎉", "empty"),
        ("**", "empty"),
        ("<p><b></b></p>", "empty"),
        ("I'm sorry, but I can't identify people in images.", "refusal"),
        ("I cannot determine whether he is sad or angry.", "refusal"),
        ("申し訳ありませんが、画像の人物についてはお答えできません。", "refusal"),
        ("La femme semble triste, elle pleure.", "language"),
        ("Die Frau sieht traurig aus, ihre Stirn ist gerunzelt.", "language"),
        ("La mujer está triste y llora, no parece feliz.", "language"),
        ("这位女士看起来很生气，眉头紧锁。", "language"),
        ("Она выглядит грустной.", "language"),
        ("그녀는 슬퍼 보인다.", "language"),
        ("12345", "language"),
        ("Please describe the facial expression of the person in the photo.", "no emotion stated"),
        ("Is the person happy or sad?", "no emotion stated"),
        ("Choose one: anger, disgust, fear, happiness, sadness, surprise, neutral", "no emotion stated"),
        ("anger, disgust, fear, happiness, sadness, surprise, neutral", "no emotion stated"),
        ("A man in a blue shirt sits at a table.", "no emotion stated"),
        ("I'm happy to help! Please upload the image.", "no emotion stated"),
        ("写真の人物の表情を説明してください。", "no emotion stated"),
        ("喜び、悲しみ、怒り、驚き、恐怖、嫌悪のうちどれですか。", "no emotion stated"),
    ],
)
def test_a_text_that_states_no_emotion_yields_none(text, reason):
    percept = read_description(text)
    assert (percept.polarity, percept.valence, percept.emotions, percept.reason) == (None, None, {}, reason)


def test_a_refusal_to_name_somebody_may_still_describe_him():
    percept = read_description("I can't identify the person, but he looks happy.")
    assert (percept.leading, percept.reason) == ("happiness", "")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Happy.", "en"),
        ("The AU12 is strong: 笑, as they say, a smile in the eyes.", "en"),
        ("無表情。", "ja"),
        ("AU12(lip corner puller)が見られ、笑顔です。", "ja"),
        ("ｈａｐｐｙ　ｓｍｉｌｅ", "en"),
    ],
)
def test_the_language_is_told(text, language):
    assert read_description(text).language == language


def test_a_given_language_is_taken_at_its_word():
    assert read_description("12345", language="en") == Percept(
        None, None, words=1, language="en", reason="no emotion stated"
    )


@pytest.mark.parametrize(
    "text", ["ＨＡＰＰＹ", "**hap\u200bpy**", "<b>Happy</b>", "ha\u0334ppy", "😀 happy 😀", "_happy_", "\ud800happy"]
)
def test_form_and_decoration_do_not_matter(text):
    assert read_description(text).leading == "happiness"


@pytest.mark.parametrize(
    "text",
    [
        "Her brow is furrowed and she looks sceptical.",
        "Her brows are furrowing; she looks skeptical.",
        "HER FOREHEAD IS FURROWED. SHE LOOKS SKEPTICAL.",
    ],
)
def test_spelling_and_inflection_do_not_matter(text):
    percept = read_description(text)
    assert (percept.leading, percept.features["brows"].action_units) == ("skepticism", (4,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She is **not** happy - at all.", 6),
        # Five phrases (bunsetsu): 男性は / 眉を / 強く / 寄せて / 怒っています.
        ("男性は眉を強く寄せて怒っています。", 5),
    ],
)
def test_words_are_counted(text, words):
    assert read_description(text).words == words


def test_arguments_are_checked():
    with pytest.raises(UsageError, match="text=None is a NoneType; expected the text of a description"):
        read_description(None)
    with pytest.raises(UsageError, match="language='fr'; known: en, ja"):
        read_description("triste", language="fr")


def calls_to_read(text):
    """Count the calls, of Python and C functions, that reading a text takes."""
    count = 0

    def note(frame, event, arg):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        read_description(text)
    finally:
        sys.setprofile(None)
    return count


PIECES = [
    "She is not angry, but sad, ",
    "He looks happy. Although his brows are furrowed, it might be amusement.\n",
    "no ",
    "but ",
    "eyes ",
    "<a <b ",
    "[x](",
    "((((",
    "- Eyes: wide\n",
    "Walter White ",
    "Happy ",
    "Mc-Mc-",
    "怒り、",
    "目が",
    "が、",
    "ア・",
    "木村",
    "『「",
    "、",
    "\u0301\u200d",
]


@pytest.mark.parametrize("piece", PIECES)
def test_work_grows_with_the_length_of_the_text_and_not_faster(piece):
    text = piece * (2000 // len(piece))
    read_description(text)
    assert calls_to_read(text * 4) < 4.6 * calls_to_read(text) + 2000


@pytest.mark.parametrize("piece", PIECES)
def test_a_very_long_text_is_read(piece):
    text = piece * (100_000 // len(piece.encode()) + 1)
    started = time.process_time()
    percept = read_description(text)
    # Processor seconds; most take a quarter of one. The bound only catches what grows with the square.
    assert time.process_time() - started < 5
    assert set(percept.emotions) <= set(STATES)
    assert all(
        len(feature.said) <= 5 and max(map(len, feature.said), default=0) <= 160
        for feature in percept.features.values()
    )


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(reading.__path__)])
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(f"{reading.__name__}.{module}")).failed == 0


def test_the_guide_is_true():
    assert doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8").failed == 0


def test_word_lists_are_loaded_when_a_text_is_read():
    code = "from pytest_vlmperception.analysis.reading import lexicon; print(lexicon.word_lists.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
