"""Schematic faces, read from pixels alone: this room knows nothing of how they are drawn."""

from pytest_vlmperception.pictures.face_reading.geometry import FaceGeometry, read_face

__all__ = ["FaceGeometry", "read_face"]
