"""Proofs for a mirror whose ledger has no totals of its own."""

from sqlalchemy.orm import Session

from interlock.kernel.scope import Scope
from interlock.rails.ports import Comparison
from interlock.rails.totals import LedgerTotals


class AlwaysTies:
    """Nothing is compared and nothing kept."""

    def compare(self, session: Session, scope: Scope, theirs: LedgerTotals) -> Comparison:
        del session, scope
        return Comparison(theirs, theirs, ())

    def keep(self, session: Session, scope: Scope, comparison: Comparison) -> None:
        del session, scope, comparison
