"""Capabilities that follow what happens on a rail, instead of reading all of it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from interlock.rails.facts import Changes, Fact, Page


class FollowsChanges(Protocol):
    """What changed since an instant, deletions included, and documents again by id."""

    async def changes(self, since: datetime, kinds: Sequence[type[Fact]] = ()) -> Changes: ...
    async def by_ids(self, wanted: dict[type[Fact], list[str]]) -> list[Page]: ...


class ListensForEvents(Protocol):
    """Notices the rail sends us. They are hints: what they say is read again.

    ``hints`` reads a delivery after ``genuine`` said that it is the rail's own; both are given the raw bytes and headers with names
    in lower case. ``genuine`` may have to ask the rail for a key.
    """

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool: ...
    def hints(self, body: bytes) -> "Sequence[Hint]": ...


class Hint(Struct, frozen=True):
    """A notice as a rail's own module reads it. ``external_id`` is the rail's name of the company; ``concerns`` is false

    for what we keep nothing of, which then asks for no sync. Texts longer than their column are cut when kept.
    """

    event_id: str
    external_id: str
    entity: str
    entity_id: str
    operation: str
    happened_at: datetime | None = None
    concerns: bool = True
