from .answer import CANNOT_JUDGE, Answer, Draw, Status
from .comparison import Comparison, ComparisonVerdict
from .edit import Edit
from .emotions import FAMILIES, STATES, State
from .ending import UNDECIDED, Ending
from .estimate import JUDGE, Estimate, Judge, Verdict, check_decidable
from .made import Made
from .measurement import Batch, Measurement, Observation
from .outlook import Outlook
from .percept import REGIONS, Feature, Percept, Polarity
from .places import RELATIONS, relative_position
from .progress import Cost, Figures, Progress
from .question import Hint, Question, Reply, ReplyKind, Usage
from .run import ModelRecord, RunRecord
from .scene import BACKGROUNDS, COLOURS, KINDS, Detection, Lettering, Scene, Shape
from .stimulus import NoPicture, Picture, Prompt, Stimulus
from .totals import ModelTotals, Totals
from .votes import Vote, Votes
from .wording import counted, plural

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
