from .reading import SceneReading, Seen, detect_shapes, read_lettering, read_scene

__all__ = ["SceneReading", "Seen", "detect_shapes", "read_lettering", "read_scene"]
