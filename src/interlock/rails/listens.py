"""Capabilities that follow what happens on a rail, instead of reading all of it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from interlock.rails.facts import Changes, Fact, Page


class FollowsChanges(Protocol):
    """What changed since an instant, deletions included, and documents again by id."""

    async def changes(self, since: datetime, kinds: Sequence[type[Fact]] = ()) -> Changes: ...
    async def by_ids(self, wanted: dict[type[Fact], list[str]]) -> list[Page]: ...
