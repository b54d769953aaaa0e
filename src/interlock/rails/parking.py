"""How the build explains what can't be had: rows about what a rail's public API can't do, and what we choose not to do.

A row of the first kind doesn't make anything parked: that its rail lacks the capability is read off the rail's class.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from interlock.rails.capabilities import Capability


class ParkedRow(Struct, frozen=True, kw_only=True):
    """What people may look for and ``rail`` can't do. ``capability`` is what its class would have to inherit.

    ``reason`` and ``unparks`` are sentences, ``source`` names who says so; ``screen``: the client's page that says it.
    """

    key: str
    name: str
    rail: str
    capability: Capability
    reason: str
    source: str
    unparks: str
    screen: str | None = None


class DeclinedRow(Struct, frozen=True, kw_only=True):
    """What ``rail`` could do and Interlock chooses not to."""

    key: str
    name: str
    rail: str
    reason: str
    source: str


class Abilities(Struct, frozen=True):
    """This build: its rails' classes by name, and the rows that explain the rest."""

    rails: Mapping[str, type[Any]]
    parked: tuple[ParkedRow, ...] = ()
    declined: tuple[DeclinedRow, ...] = ()
