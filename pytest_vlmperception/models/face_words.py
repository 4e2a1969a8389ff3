"""What an observer says of a face: sentences on its features, then on what they express."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_vlmperception.models.face_signs import Signs

__all__ = ["describe_signs"]

# A movement is mentioned from this strength on; it is faint below the second number, and strong from the third.
MENTIONED, FAINT, STRONG = 0.25, 0.45, 0.9

# Eyes with less than this share of their opening at rest are closed.
CLOSED = 0.8

IMPRESSION = {
    "anger": "negative",
    "contempt": "negative",
    "disgust": "negative",
    "fear": "negative",
    "happiness": "positive",
    "sadness": "negative",
    "surprise": "neither positive nor negative",
}


def describe_signs(signs: Signs, emotion: str, strength: float) -> str:
    """Return the description of a face.

    Parameters
    ----------
    signs : Signs
        What it shows.
    emotion : str
        What that speaks for.
    strength : float
        How much, 0 to 1.
    """
    clauses = [
        brows(signs),
        f"the eyes are {eyes(signs)}",
        *(["the cheeks are raised"] if signs.cheeks >= MENTIONED else []),
        *(["the nose is wrinkled"] if signs.nose >= MENTIONED else []),
        *(["the upper lip is raised"] if signs.upper_lip >= MENTIONED else []),
        mouth(signs),
        *(["the chin is pushed up"] if signs.chin >= MENTIONED else []),
    ]
    features = listed(clauses)
    return f"{features[0].upper()}{features[1:]}. {verdict(emotion, strength)}"


def listed(clauses: Sequence[str]) -> str:
    """Return clauses joined by commas, the last by "and"."""
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"


def brows(signs: Signs) -> str:
    """Say how the eyebrows are."""
    drawn = " and drawn together" if signs.frown >= MENTIONED else ""
    if signs.outer_brows >= MENTIONED:
        return f"the eyebrows are raised{drawn}"
    if signs.inner_brows >= MENTIONED:
        return f"the inner corners of the eyebrows are raised{drawn}"
    if signs.inner_brows <= -MENTIONED:
        return f"the eyebrows are lowered{drawn}"
    return f"the eyebrows are {'drawn together' if drawn else 'level'}"


def eyes(signs: Signs) -> str:
    """Say how the eyes are."""
    if signs.closing >= CLOSED:
        return "closed"
    if signs.upper_lids >= MENTIONED:
        return "wide open"
    return "narrowed" if signs.lower_lids >= MENTIONED else "open"


def mouth(signs: Signs) -> str:
    """Say how the mouth is: its corners where they moved, else the lips."""
    is_open = signs.opening >= MENTIONED
    if signs.lopsided >= MENTIONED:
        return "one corner of the mouth is raised and tightened"
    if signs.smile >= MENTIONED:
        return f"the corners of the {'open ' if is_open else ''}mouth are turned up in a smile"
    if signs.droop >= MENTIONED:
        return f"the corners of the {'open ' if is_open else ''}mouth are turned down"
    if signs.stretch >= MENTIONED:
        return f"the lips are {'parted and ' if is_open else ''}stretched sideways"
    if is_open:
        return "the mouth is open"
    return "the lips are pressed tightly together" if signs.stretch <= -MENTIONED else "the mouth is straight"


def verdict(emotion: str, strength: float) -> str:
    """Say what the face expresses."""
    if emotion == "neutral":
        return "The expression is neutral."
    degree = "slight " if strength < FAINT else "strong " if strength >= STRONG else ""
    return f"The expression suggests {degree}{emotion}; the overall impression is {IMPRESSION[emotion]}."
