"""Frozen values that pass between the rooms."""

import lazy_loader

# The names are in __init__.pyi. Each is loaded when it is first used: a test needs few of them.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
