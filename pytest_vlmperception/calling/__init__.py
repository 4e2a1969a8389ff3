"""How calls are made: store, single flight, retry, pacing, budget, plan, recordings."""

from pytest_vlmperception.calling.budget import Budget, BudgetState
from pytest_vlmperception.calling.caller import Caller
from pytest_vlmperception.calling.cell import MemoryCell
from pytest_vlmperception.calling.estimate import PictureTokens, max_output_tokens, upper_tokens
from pytest_vlmperception.calling.explained import explain
from pytest_vlmperception.calling.keys import canonical
from pytest_vlmperception.calling.lasting import LastingStore
from pytest_vlmperception.calling.ledger import Ledger, fingerprint
from pytest_vlmperception.calling.live import Live, Purse
from pytest_vlmperception.calling.outlook import look_out
from pytest_vlmperception.calling.pace import Pace
from pytest_vlmperception.calling.picture_tokens import made_tokens
from pytest_vlmperception.calling.plan import Planned, Planner
from pytest_vlmperception.calling.promise import Promise
from pytest_vlmperception.calling.recordings import Recording, check_writable, write_recording
from pytest_vlmperception.calling.renewer import Renewer
from pytest_vlmperception.calling.replayed import Replayed
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.calling.slots import FileSlots, Slots, ThreadSlots
from pytest_vlmperception.calling.spending import Limits
from pytest_vlmperception.calling.store import CacheMode, Store, check_folder

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
