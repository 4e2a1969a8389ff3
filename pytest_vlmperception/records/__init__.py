"""Frozen values that pass between the rooms."""

from pytest_vlmperception.records.answer import CANNOT_JUDGE, Answer, Draw, Status
from pytest_vlmperception.records.estimate import JUDGE, Estimate, Judge, Verdict, check_decidable
from pytest_vlmperception.records.outlook import Outlook
from pytest_vlmperception.records.progress import Cost, Figures, Progress
from pytest_vlmperception.records.question import Hint, Question, Reply, ReplyKind, Usage
from pytest_vlmperception.records.stimulus import Picture, Prompt, Stimulus
from pytest_vlmperception.records.totals import ModelTotals, Totals
from pytest_vlmperception.records.votes import Vote, Votes
from pytest_vlmperception.records.wording import counted, plural

__all__ = [
    "CANNOT_JUDGE",
    "JUDGE",
    "Answer",
    "Cost",
    "Draw",
    "Estimate",
    "Figures",
    "Hint",
    "Judge",
    "ModelTotals",
    "Outlook",
    "Picture",
    "Progress",
    "Prompt",
    "Question",
    "Reply",
    "ReplyKind",
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
]
