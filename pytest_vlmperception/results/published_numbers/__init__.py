"""Numbers that others have published, to be shown beside one's own."""

from pytest_vlmperception.results.published_numbers.beside import beside
from pytest_vlmperception.results.published_numbers.tables import PublishedTable, published

__all__ = ["PublishedTable", "beside", "published"]
