"""Scenes of flat shapes and letters, drawn so that everything about them is known."""

import lazy_loader

# The names are in __init__.pyi. Each is loaded when it is first used: numpy takes a seventh of a second.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
