"""Frozen values that pass between the rooms."""

from pytest_vlmperception.records.answer import CANNOT_JUDGE, Answer, Draw, Status
from pytest_vlmperception.records.comparison import Comparison, ComparisonVerdict
from pytest_vlmperception.records.edit import Edit
from pytest_vlmperception.records.emotions import FAMILIES, STATES, State
from pytest_vlmperception.records.ending import UNDECIDED, Ending
from pytest_vlmperception.records.estimate import JUDGE, Estimate, Judge, Verdict, check_decidable
from pytest_vlmperception.records.made import Made
from pytest_vlmperception.records.measurement import Batch, Measurement, Observation
from pytest_vlmperception.records.outlook import Outlook
from pytest_vlmperception.records.percept import REGIONS, Feature, Percept, Polarity
from pytest_vlmperception.records.places import RELATIONS, relative_position
from pytest_vlmperception.records.progress import Cost, Figures, Progress
from pytest_vlmperception.records.question import Hint, Question, Reply, ReplyKind, Usage
from pytest_vlmperception.records.run import ModelRecord, RunRecord
from pytest_vlmperception.records.scene import BACKGROUNDS, COLOURS, KINDS, Detection, Lettering, Scene, Shape
from pytest_vlmperception.records.stimulus import NoPicture, Picture, Prompt, Stimulus
from pytest_vlmperception.records.totals import ModelTotals, Totals
from pytest_vlmperception.records.votes import Vote, Votes
from pytest_vlmperception.records.wording import counted, plural

__all__ = [
    "BACKGROUNDS",
    "CANNOT_JUDGE",
    "COLOURS",
    "FAMILIES",
    "JUDGE",
    "KINDS",
    "REGIONS",
    "RELATIONS",
    "STATES",
    "UNDECIDED",
    "Answer",
    "Batch",
    "Comparison",
    "ComparisonVerdict",
    "Cost",
    "Detection",
    "Draw",
    "Edit",
    "Ending",
    "Estimate",
    "Feature",
    "Figures",
    "Hint",
    "Judge",
    "Lettering",
    "Made",
    "Measurement",
    "ModelRecord",
    "ModelTotals",
    "NoPicture",
    "Observation",
    "Outlook",
    "Percept",
    "Picture",
    "Polarity",
    "Progress",
    "Prompt",
    "Question",
    "Reply",
    "ReplyKind",
    "RunRecord",
    "Scene",
    "Shape",
    "State",
    "Status",
    "Stimulus",
    "Totals",
    "Usage",
    "Verdict",
    "Vote",
    "Votes",
    "check_decidable",
    "counted",
    "plural",
    "relative_position",
]
