"""One firm of twelve, built once for all stories told about it."""

from __future__ import annotations

from datetime import date

import pytest

from interlock_sandbox.world import Firm, build

AS_OF = date(2026, 11, 24)


@pytest.fixture(scope="session")
def as_of() -> date:
    return AS_OF


@pytest.fixture(scope="session")
def firm() -> Firm:
    """Read only: a test that changes books builds its own."""
    return build(seed=7, clients=12, as_of=AS_OF)
