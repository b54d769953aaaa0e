"""The mirror's side of a proof of completeness: our rows, our agings and our accounts, to hold against QuickBooks' own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Vendor
from interlock.domains.ap.services.aging_service import PayablesAging
from interlock.domains.ar.models import Customer
from interlock.domains.ar.services.aging_service import ReceivablesAging
from interlock.domains.bank.models import Account
from interlock.domains.firm.aging import AgingRow
from interlock.domains.firm.services.business_service import business_of
from interlock.domains.firm.services.proof_service import ACCOUNT, differences, keep_proof
from interlock.kernel.scope import Scope
from interlock.rails.mirror import SliceMirror
from interlock.rails.ports import Comparison
from interlock.rails.totals import LedgerTotals

# QuickBooks shows what a liability owes as a negative book balance and a positive line of its balance sheet (qbo.md §10).
_SIGN = {"Asset": 1, "Liability": -1}
# No recording says with which sign it shows what a card owes, so cards are compared by size.
_CARD = "Credit Card"


class HouseProofs:
    """``rails.mirror.Proves`` over all slices of this house."""

    def __init__(self, slices: Sequence[SliceMirror]) -> None:
        self._slices = slices

    def compare(self, session: Session, scope: Scope, theirs: LedgerTotals) -> Comparison:
        """Both sides with everything that can be compared. Equity cannot: the sheet computes retained earnings and net

        income, and moves one into the other at a year's end. Accounts in other currencies cannot: the sheet values them at
        rates of its own.
        """
        assert scope.business_id is not None, "a proof is about one business"
        home = business_of(session, scope.business_id).home_currency
        payables = PayablesAging(session, scope.business_id).as_of(theirs.report_date)
        receivables = ReceivablesAging(session, scope.business_id).as_of(theirs.report_date)
        accounts = _standing(session, Account, scope)
        compared = {row.id: row for row in accounts if row.classification in _SIGN and row.currency == home}
        apart = {row.id for row in accounts} - compared.keys()
        held = {
            kind.entity: part.count(session, scope, kind)
            for part in self._slices
            for kind in part.shelves
            if kind.entity in theirs.counts or kind.entity in theirs.lacking
        }
        ours = LedgerTotals(
            as_of=theirs.as_of,
            report_date=theirs.report_date,
            counts={entity: number for entity, number in held.items() if entity in theirs.counts},
            payables_minor=payables.total.total_minor,
            receivables_minor=receivables.total.total_minor,
            by_vendor=_by_party(payables.rows),
            by_customer=_by_party(receivables.rows),
            balances={
                id_: _as_on_the_sheet(row, (theirs.balances or {}).get(id_, 0))
                for id_, row in compared.items()
                if row.balance_minor
            },
            balances_on=theirs.balances_on,
        )
        shown = theirs.balances
        if shown is not None:
            theirs = structs.replace(theirs, balances={id_: minor for id_, minor in shown.items() if id_ not in apart})
        names = {
            "vendor": {row.id: row.name for row in _standing(session, Vendor, scope)},
            "customer": {row.id: row.full_name for row in _standing(session, Customer, scope)},
            ACCOUNT: {row.id: row.full_name for row in accounts},
        }
        foreign = sorted(row.full_name for row in accounts if row.classification in _SIGN and row.currency != home)
        return Comparison(theirs, ours, differences(theirs, ours, names), tuple(_left_out(theirs, foreign, held)))

    def keep(self, session: Session, scope: Scope, comparison: Comparison) -> None:
        keep_proof(session, scope, comparison)


def _as_on_the_sheet(account: Account, shown: int) -> int:
    """Our book balance with the sign that the balance sheet uses; ``shown`` is what it says."""
    ours = account.balance_minor * _SIGN[account.classification or ""]
    return shown if account.kind == _CARD and abs(ours) == abs(shown) else ours


def _standing(session: Session, model: type[Any], scope: Scope) -> Sequence[Any]:
    return session.scalars(
        select(model).where(model.business_id == scope.business_id, model.buried_at.is_(None)).order_by(model.id)
    ).all()


def _by_party(rows: Iterable[AgingRow]) -> dict[str, int]:
    """A party may have several rows (its documents carry the name it had); nobody's rows stand in the total alone."""
    found: dict[str, int] = {}
    for row in rows:
        if row.party_id is not None:
            found[row.party_id] = found.get(row.party_id, 0) + row.total_minor
    return {party: minor for party, minor in found.items() if minor}


def _left_out(theirs: LedgerTotals, foreign: Sequence[str], held: Mapping[str, int]) -> Iterable[str]:
    yield "Equity and net income: QuickBooks computes retained earnings and this year's result for its balance sheet only."
    if foreign:
        yield f"Accounts in other currencies ({', '.join(foreign)}): the balance sheet values them at rates of its own."
    if theirs.balances is None:
        yield "The balance sheet: QuickBooks answered for another day, or without its accounts' ids."
    for entity in theirs.lacking:
        kept = f" Those read before ({held[entity]}) are kept as they were." if held.get(entity) else ""
        yield (
            f"Rows of the kind {entity.replace('_', ' ')}: this company's QuickBooks plan, or the access of who connected it, "
            f"doesn't include them.{kept}"
        )
    if theirs.by_vendor is None:
        yield "Payables by vendor: QuickBooks' report names no vendors' ids."
    if theirs.by_customer is None:
        yield "Receivables by customer: QuickBooks' report names no customers' ids."
