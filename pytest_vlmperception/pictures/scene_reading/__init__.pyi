from .reading import SceneReading, detect_shapes, read_lettering, read_scene

__all__ = ["SceneReading", "detect_shapes", "read_lettering", "read_scene"]
