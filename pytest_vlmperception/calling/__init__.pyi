from .budget import Budget, BudgetState
from .caller import Caller
from .cell import MemoryCell
from .estimate import PictureTokens, max_output_tokens, upper_tokens
from .explained import explain
from .keys import canonical
from .lasting import LastingStore
from .ledger import Ledger, fingerprint
from .live import Live, Purse
from .outlook import look_out
from .pace import Pace
from .picture_tokens import made_tokens
from .plan import Planned, Planner
from .promise import Promise
from .recordings import Recording, check_writable, write_recording
from .renewer import Renewer
from .replayed import Replayed
from .rows import Row
from .slots import FileSlots, Slots, ThreadSlots
from .spending import Limits
from .store import CacheMode, Store, check_folder

__all__ = [
    "Budget",
    "BudgetState",
    "CacheMode",
    "Caller",
    "FileSlots",
    "LastingStore",
    "Ledger",
    "Limits",
    "Live",
    "MemoryCell",
    "Pace",
    "PictureTokens",
    "Planned",
    "Planner",
    "Promise",
    "Purse",
    "Recording",
    "Renewer",
    "Replayed",
    "Row",
    "Slots",
    "Store",
    "ThreadSlots",
    "canonical",
    "check_folder",
    "check_writable",
    "explain",
    "fingerprint",
    "look_out",
    "made_tokens",
    "max_output_tokens",
    "upper_tokens",
    "write_recording",
]
