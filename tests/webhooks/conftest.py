"""Businesses that notices are about."""

import pytest

from interlock.infra.db import Database
from tests.webhooks.linking import ALDER, BIRCH, CEDAR, link


@pytest.fixture
def linked(database: Database) -> Database:
    """Both databases, with two businesses of one firm and one of another."""
    link(database, ALDER, BIRCH, CEDAR)
    return database
