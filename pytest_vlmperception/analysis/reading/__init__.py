"""Reading descriptions of faces: word lists, a little grammar, no weights."""

from pytest_vlmperception.analysis.reading.reader import read_description

__all__ = ["read_description"]
