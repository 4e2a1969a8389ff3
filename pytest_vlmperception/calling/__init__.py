"""How calls are made: store, single flight, retry, pacing, look-ahead."""

from pytest_vlmperception.calling.caller import Caller
from pytest_vlmperception.calling.cell import MemoryCell
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pace import Pace
from pytest_vlmperception.calling.slots import FileSlots, Slots, ThreadSlots
from pytest_vlmperception.calling.store import CacheMode, Store

__all__ = [
    "CacheMode",
    "Caller",
    "FileSlots",
    "Ledger",
    "MemoryCell",
    "Pace",
    "Slots",
    "Store",
    "ThreadSlots",
]
