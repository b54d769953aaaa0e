"""The other vendors of the outside world: the banks, Ramp, Stripe. Each keeps its own state; what happens to it is journaled.

A party changes only by acts. Some are asked for (an API call, a person at the vendor's own screen), the others fall due by the
clock; an act may also write in the client's QuickBooks books, as Ramp's accounting sync does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from interlock_sandbox.sandbox import Write


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens at ``at``: an act (plain JSON, its ``act`` names it) and what it writes in QuickBooks books.

    The answers of the writes (the document, or a refusal's ``{"refused": sentence}``) reach the act as ``answers``.
    """

    at: datetime
    act: dict[str, Any]
    writes: Sequence[Write] = ()


class Party(Protocol):
    """A vendor with a state of its own. Deterministic: the same acts in the same order make the same state."""

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        """Make an act so. It was checked before it was journaled, so it can't be refused here."""
        ...

    def due(self, now: datetime) -> Step | None:
        """The earliest thing that falls due by ``now`` and has not happened; ``None`` when nothing does."""
        ...
