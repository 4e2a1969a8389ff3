from .geometry import FaceGeometry, read_face

__all__ = [
    "FaceGeometry",
    "read_face",
]
