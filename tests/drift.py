"""Descriptions of one face in many words: phrases written by hand, put together by a seeded grammar.

For each emotion there are phrases that name it and phrases for three regions of the face; frames set them into
sentences as terse, bulleted, analytic, hedged and contrasting descriptions do. The phrases were written from what
people say of such faces, without regard to the word lists that read them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Ways to say one emotion.

    Attributes
    ----------
    named : tuple of str
        The emotion as a noun phrase; in Japanese as the stem of a sentence.
    seen : mapping of str to tuple of str
        What is said of each region, each a clause without an end.
    """

    named: tuple[str, ...]
    seen: Mapping[str, tuple[str, ...]]


ENGLISH = {
    "anger": Phrases(
        ("anger", "irritation", "fury", "hostility", "rage", "annoyance"),
        {
            "brows": (
                "the eyebrows are pulled down and together",
                "the brows are furrowed",
                "her brow is knitted tightly",
                "the forehead shows deep lines between lowered brows",
            ),
            "eyes": (
                "the eyes glare",
                "the eyelids are tense and the eyes are hard",
                "the eyes are narrowed to slits",
                "the eyes are fixed in an intense stare",
            ),
            "mouth": (
                "the lips are pressed together",
                "the mouth is a tight line",
                "the lips are thin and tight",
                "the mouth is clenched shut",
            ),
        },
    ),
    "contempt": Phrases(
        ("contempt", "disdain", "scorn", "a contemptuous attitude", "condescension"),
        {
            "brows": (
                "one eyebrow is raised",
                "a single brow is lifted slightly",
                "one brow sits higher than the other",
                "the left eyebrow is arched",
            ),
            "eyes": (
                "the eyes look down at the viewer",
                "the eyelids are half lowered",
                "the eyes are slightly narrowed",
                "the eyes seem unimpressed",
            ),
            "mouth": (
                "one corner of the mouth is tightened and raised",
                "there is a lopsided smirk",
                "one side of the lips is pulled up",
                "the mouth curls in a sneer on one side",
            ),
        },
    ),
    "disgust": Phrases(
        ("disgust", "revulsion", "repulsion", "distaste", "strong aversion"),
        {
            "nose": (
                "the nose is wrinkled",
                "the nostrils are flared and the nose is scrunched up",
                "creases run along the sides of the nose",
                "her nose crinkles",
            ),
            "eyes": (
                "the eyes are squinted",
                "the eyes are narrowed",
                "the lower eyelids are pushed up",
                "the eyes are almost closed",
            ),
            "mouth": (
                "the upper lip is raised",
                "the upper lip is curled",
                "the mouth is pulled into a grimace",
                "the lips are drawn back with the lower lip pushed out",
            ),
        },
    ),
    "fear": Phrases(
        ("fear", "fright", "terror", "alarm", "anxiety"),
        {
            "brows": (
                "the eyebrows are raised and drawn together",
                "the brows are lifted and pinched",
                "her inner brows are pulled up",
                "the forehead is creased above raised brows",
            ),
            "eyes": (
                "the eyes are wide open",
                "the upper eyelids are raised, showing the whites of the eyes",
                "the eyes are opened wide and tense",
                "the eyes bulge",
            ),
            "mouth": (
                "the lips are stretched back",
                "the mouth is open and tense",
                "the mouth is drawn sideways",
                "the lips are parted and trembling",
            ),
        },
    ),
    "happiness": Phrases(
        ("happiness", "joy", "delight", "cheerfulness", "amusement"),
        {
            "cheeks": (
                "the cheeks are raised",
                "the cheeks are lifted and round",
                "his cheeks are pushed up",
                "full cheeks bulge upwards",
            ),
            "eyes": (
                "there are crow's feet at the outer corners of the eyes",
                "the eyes crinkle",
                "the eyes are bright and narrowed",
                "the eyes sparkle",
            ),
            "mouth": (
                "the corners of the mouth are turned up",
                "the mouth forms a broad smile",
                "the lips are parted in a grin",
                "the mouth is open in laughter",
            ),
        },
    ),
    "sadness": Phrases(
        ("sadness", "sorrow", "grief", "dejection", "unhappiness"),
        {
            "brows": (
                "the inner corners of the eyebrows are raised",
                "the brows slant upwards in the middle",
                "the inner brows are drawn up and together",
                "the eyebrows are oblique",
            ),
            "eyes": (
                "the eyes are downcast",
                "the upper eyelids droop",
                "the eyes look watery",
                "the eyes are dull and half closed",
            ),
            "mouth": (
                "the corners of the mouth are turned down",
                "the mouth droops",
                "the lips tremble",
                "the lips are pulled down at the corners",
            ),
        },
    ),
    "surprise": Phrases(
        ("surprise", "astonishment", "amazement", "a startled reaction"),
        {
            "brows": (
                "the eyebrows are raised high",
                "the brows are arched upwards",
                "the eyebrows shoot up",
                "horizontal wrinkles cross the forehead under lifted brows",
            ),
            "eyes": (
                "the eyes are wide open",
                "the eyes are round",
                "the eyelids are opened wide",
                "the white of the eyes shows all around",
            ),
            "mouth": (
                "the jaw has dropped and the mouth hangs open",
                "the mouth forms an O",
                "the lips are parted",
                "the mouth is agape",
            ),
        },
    ),
    "neutral": Phrases(
        ("a neutral state", "calm", "composure", "no particular emotion", "a neutral mood"),
        {
            "brows": (
                "the eyebrows are relaxed",
                "the brows are at rest",
                "the brows lie flat",
                "the forehead and brows are smooth",
            ),
            "eyes": (
                "the eyes look straight ahead",
                "the eyes are open normally",
                "the eyelids are relaxed",
                "the eyes are steady",
            ),
            "mouth": (
                "the mouth is closed and level",
                "the lips rest together",
                "the lips are in a straight, relaxed line",
                "the mouth is relaxed",
            ),
        },
    ),
}

JAPANESE = {
    "anger": Phrases(
        ("怒り", "苛立ち", "激しい怒り", "憤り"),
        {
            "brows": ("眉が下がって寄せられており", "眉間に深いしわがあり", "眉をひそめており"),
            "eyes": ("目は鋭くにらんでおり", "目が細められており", "視線が鋭く、目に力が入っており"),
            "mouth": ("唇は固く結ばれています", "口元が引き締まっています", "口をきつく閉じています"),
        },
    ),
    "contempt": Phrases(
        ("軽蔑", "侮蔑", "見下すような気持ち", "軽蔑の念"),
        {
            "brows": ("片方の眉が上がっており", "片眉を上げており", "左の眉だけが少し高く"),
            "eyes": ("目は半ば閉じられており", "目を細めて見下ろしており", "目つきが冷たく"),
            "mouth": ("口の片側だけが引き上げられています", "口角の片方が上がっています", "口元に冷笑が浮かんでいます"),
        },
    ),
    "disgust": Phrases(
        ("嫌悪", "嫌悪感", "強い不快感", "拒絶感"),
        {
            "nose": ("鼻にしわが寄っており", "鼻をしかめており", "鼻の両側にしわができており"),
            "eyes": ("目は細められており", "下まぶたが持ち上がり、目が細く", "目をしかめており"),
            "mouth": ("上唇が引き上げられています", "口が歪んでいます", "上唇がめくれています"),
        },
    ),
    "fear": Phrases(
        ("恐怖", "恐れ", "不安", "怯え"),
        {
            "brows": ("眉が上がって寄っており", "眉は引き上げられ", "眉がこわばって上がっており"),
            "eyes": ("目が大きく見開かれており", "上まぶたが上がって白目が見え", "目を見張っており"),
            "mouth": ("口は横に引かれています", "唇が震えています", "口が開いてこわばっています"),
        },
    ),
    "happiness": Phrases(
        ("喜び", "幸せ", "嬉しさ", "楽しさ"),
        {
            "cheeks": ("頬が持ち上がっており", "頬が盛り上がり", "頬が上がって丸くなっており"),
            "eyes": ("目尻にしわが寄り", "目が細くなっており", "目が輝いており"),
            "mouth": ("口角が上がっています", "口元に大きな笑みが浮かんでいます", "歯を見せて口を開けて笑っています"),
        },
    ),
    "sadness": Phrases(
        ("悲しみ", "悲しさ", "深い悲嘆", "落胆"),
        {
            "brows": ("眉の内側が上がっており", "眉が八の字になっており", "眉頭が引き上げられ"),
            "eyes": ("目は伏せられており", "まぶたが垂れて目に力がなく", "目が潤んでおり"),
            "mouth": ("口角が下がっています", "口元が垂れ下がっています", "唇の両端が下を向いています"),
        },
    ),
    "surprise": Phrases(
        ("驚き", "驚愕", "驚いた様子", "びっくりした気持ち"),
        {
            "brows": ("眉が高く上がっており", "眉は弓なりに引き上げられ", "両眉が持ち上がり"),
            "eyes": ("目が大きく見開かれており", "目を丸くしており", "まぶたが大きく開き、目が丸く"),
            "mouth": ("口がぽかんと開いています", "顎が落ちて口が開いています", "口は丸く開いています"),
        },
    ),
    "neutral": Phrases(
        ("中立的な状態", "落ち着き", "平静さ", "穏やかで中立的な気分"),
        {
            "brows": ("眉は自然な位置にあり", "眉に力みがなく", "眉は緩んでおり"),
            "eyes": ("目はまっすぐ前を見ており", "目は普通に開いており", "目元は落ち着いており"),
            "mouth": ("口は自然に閉じています", "唇は軽く閉じられています", "口元は緩んでいます"),
        },
    ),
}

Clauses = list[tuple[str, str]]
Frame = Callable[[str, Clauses], str]


def sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def listed(clauses: Clauses) -> str:
    *most, last = [clause for _, clause in clauses]
    return ", ".join(most) + ", and " + last


ENGLISH_FRAMES: tuple[Frame, ...] = (
    lambda named, seen: f"The person's expression conveys {named}: {listed(seen)}.",
    lambda named, seen: f"{sentence(listed(seen))} Overall the face expresses {named}.",
    lambda named, seen: "\n".join(["**Expression:** " + named, *(f"- **{r.title()}:** {c}" for r, c in seen)]),
    lambda named, seen: (
        "## Analysis\n\n"
        + "\n".join(f"{sentence(c)}" for _, c in seen)
        + f"\n\n## Conclusion\n\nThese cues suggest {named}."
    ),
    lambda named, seen: f"This appears to be an expression of {named}, since {listed(seen)}.",
    lambda named, seen: f"What I notice is {named}. " + " ".join(sentence(c) for _, c in seen),
)

JAPANESE_FRAMES: tuple[Frame, ...] = (
    lambda named, seen: f"この人物は{named}を感じているように見えます。{'、'.join(c for _, c in seen)}。",
    lambda named, seen: f"{'、'.join(c for _, c in seen)}。全体として{named}を表しています。",
    lambda named, seen: f"表情：{named}\n" + "\n".join(f"- {c}" for _, c in seen),
    lambda named, seen: f"{'、'.join(c for _, c in seen)}。これらの特徴から、{named}がうかがえます。",
    lambda named, seen: f"表情からは{named}が読み取れます。{'、'.join(c for _, c in seen)}。",
)

LANGUAGES = {"en": (ENGLISH, ENGLISH_FRAMES), "ja": (JAPANESE, JAPANESE_FRAMES)}
EMOTIONS = tuple(ENGLISH)


def described(language: str, emotion: str, rng: random.Random) -> str:
    """Describe a face once: another call uses other words for the same."""
    phrases, frames = LANGUAGES[language][0][emotion], LANGUAGES[language][1]
    seen = [(region, rng.choice(clauses)) for region, clauses in phrases.seen.items()]
    if language == "en":
        # A Japanese chain of clauses ends with its last one.
        rng.shuffle(seen)
    return rng.choice(frames)(rng.choice(phrases.named), seen)
