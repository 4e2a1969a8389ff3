"""The vocabulary of emotions: seven families, and the finer states that people report.

A state has a family only where observers commonly label a face that shows it with that family's name: irritation is a
kind of anger. Confusion, skepticism or embarrassment stand by themselves, although trees made of *words* put them
somewhere [1]_, [2]_, since a face that is called confused has not been called surprised.

Valences lie in [-1, 1]. Those of anger, disgust, fear, happiness and sadness are the pleasure values of [3]_ as they
are commonly quoted; surprise is set to 0, since a surprised *face* is read either way, whatever the norm of the word.
All others were placed between them for this project.

References
----------
.. [1] Shaver, P., Schwartz, J., Kirson, D. & O'Connor, C. (1987). Emotion knowledge: further exploration of a prototype
   approach. J. Pers. Soc. Psychol. 52, 1061-1086. :DOI:`10.1037/0022-3514.52.6.1061`
.. [2] Demszky, D. et al. (2020). GoEmotions: a dataset of fine-grained emotions. Proc. ACL, 4040-4054.
   :DOI:`10.18653/v1/2020.acl-main.372`
.. [3] Russell, J. A. & Mehrabian, A. (1977). Evidence for a three-factor theory of emotions. J. Res. Pers. 11, 273-294.
   :DOI:`10.1016/0092-6566(77)90037-X`
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAMILIES", "STATES", "State"]

FAMILIES = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")


@dataclass(frozen=True)
class State:
    """One emotion or state of mind.

    Attributes
    ----------
    valence : float
        From -1 (unpleasant) to 1 (pleasant).
    family : str
        The family that it belongs to, itself for a family; empty where there is none.
    """

    valence: float
    family: str = ""


STATES = {
    "anger": State(-0.51, "anger"),
    "frustration": State(-0.5, "anger"),
    "irritation": State(-0.45, "anger"),
    "jealousy": State(-0.5, "anger"),
    "sternness": State(-0.35, "anger"),
    "contempt": State(-0.55, "contempt"),
    "smugness": State(-0.25, "contempt"),
    "disgust": State(-0.6, "disgust"),
    "fear": State(-0.64, "fear"),
    "anxiety": State(-0.5, "fear"),
    "happiness": State(0.76, "happiness"),
    "amusement": State(0.65, "happiness"),
    "excitement": State(0.7, "happiness"),
    "pride": State(0.6, "happiness"),
    "relief": State(0.5, "happiness"),
    "tenderness": State(0.6, "happiness"),
    "sadness": State(-0.63, "sadness"),
    "disappointment": State(-0.5, "sadness"),
    "distress": State(-0.55, "sadness"),
    "grief": State(-0.7, "sadness"),
    "guilt": State(-0.5, "sadness"),
    "loneliness": State(-0.5, "sadness"),
    "pain": State(-0.6, "sadness"),
    "resignation": State(-0.35, "sadness"),
    "surprise": State(0.0, "surprise"),
    "awe": State(0.3, "surprise"),
    "disbelief": State(-0.2, "surprise"),
    "shock": State(-0.35, "surprise"),
    "boredom": State(-0.35),
    "calm": State(0.1),
    "concentration": State(0.0),
    "confidence": State(0.35),
    "confusion": State(-0.4),
    "contemplation": State(0.0),
    "curiosity": State(0.05),
    "determination": State(0.0),
    "displeasure": State(-0.5),
    "embarrassment": State(-0.4),
    "neutral": State(0.0),
    "seriousness": State(-0.1),
    "skepticism": State(-0.45),
    "sympathy": State(-0.1),
    "tiredness": State(-0.3),
}
