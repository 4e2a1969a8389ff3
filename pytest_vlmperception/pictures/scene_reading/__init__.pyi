from .edges import plain_edges
from .reading import SceneReading, detect_shapes, read_lettering, read_scene

__all__ = ["SceneReading", "detect_shapes", "plain_edges", "read_lettering", "read_scene"]
