"""The engines of `tests/storage`, for the index."""

from tests.storage.conftest import address, database, documents, engine, pytest_collection_modifyitems

__all__ = ["address", "database", "documents", "engine", "pytest_collection_modifyitems"]
