"""The same thing seen on two rails: a link from a rail's id to the ledger's, decided once, logged and reversible.

Exact keys link by themselves; what merely looks alike is suggested with a score and waits for a person. A refused pair is
remembered, so that it is not suggested again. Each slice keeps the links of what it owns.
"""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from interlock.infra.db.base import Scoped
from interlock.infra.db.types import Instant, Whole

LINKED = "linked"
REFUSED = "refused"
UNDONE = "undone"


class IdentityRow(Scoped):
    """A decided pair. ``rule``: what linked it (an exact key's name, or ``person``); ``score``: 0 to 100; ``evidence``: JSON."""

    rail: Mapped[str] = mapped_column(String(10), primary_key=True, sort_order=-90)
    rail_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-89)
    ledger_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-88)
    state: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(40))
    score: Mapped[int] = mapped_column(Whole)
    evidence: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index]:
        return (Index(None, "business_id", "ledger_id"),)
