"""What the bank slice asks of those above it: the movements that only they keep."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from interlock.domains.bank.matching.values import Movement
from interlock.kernel.scope import Scope


class StatesMovements(Protocol):
    """Movements dated ``since`` or later on ``accounts`` (ledger ids), and those that name no account. Voided, failed and

    deleted ones are not among them.
    """

    def __call__(self, db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]: ...
