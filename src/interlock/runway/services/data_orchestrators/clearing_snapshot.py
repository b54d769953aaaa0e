"""Which payments of the books no bank line shows, and whether an account's lines speak with the books' sign."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.bank import matches
from interlock.domains.bank.matching.values import LEDGER, Key, Movement
from interlock.domains.bank.witness_models import BankLine
from interlock.kernel.scope import Scope
from interlock.runway.matching import matching_service
from interlock.runway.services.calculators.witnessed import LineEntry, Uncleared

LOOK_BACK = timedelta(days=400)
_DOCUMENT = {"transfer_out": "transfer", "transfer_in": "transfer"}


class Clearing:
    """The books' movements on linked accounts, from the first day that each bank shows. ``currencies``: by bank account.

    A payment in another currency than its account's leaves a line of an amount that the payment doesn't say.
    """

    def __init__(self, db: Session, scope: Scope, today: date, currencies: Mapping[str, str]) -> None:
        accounts = matches.linked_accounts(db, scope)
        self._bank_of = {ledger_id: bank_id for bank_id, ledger_id in accounts.items()}
        begins = _history_begins(db, scope)
        self._served = matches.served_keys(db, scope)
        stated = matching_service(db, scope).movements(accounts, today - LOOK_BACK)
        self._movements = {
            key: each
            for key, each in stated.items()
            if each.book == LEDGER
            and each.account_id in self._bank_of
            and begins.get(self._bank_of[each.account_id], date.max) <= each.dated <= today
            and each.currency == currencies.get(self._bank_of[each.account_id])
        }

    def uncleared(self) -> tuple[Uncleared, ...]:
        """Payments out of an account that serve no bank line, oldest first."""
        found = [
            Uncleared(
                _DOCUMENT.get(each.kind, each.kind),
                each.id.partition(":")[0],
                each.number,
                each.party,
                each.dated,
                each.currency,
                -each.minor,
                each.paper,
                self._bank_of[each.account_id or ""],
            )
            for key, each in self._movements.items()
            if each.minor < 0 and key not in self._served
        ]
        return tuple(sorted(found, key=lambda each: (each.dated, each.kind, each.id)))

    def opposed(self, lines: Iterable[LineEntry]) -> Mapping[str, tuple[int, int]]:
        """By bank account: lines that are matched, and unmatched ones that a free movement equals but for its sign."""
        free: dict[tuple[str, int], list[Movement]] = {}
        for key, each in self._movements.items():
            if key not in self._served:
                free.setdefault((self._bank_of[each.account_id or ""], each.minor), []).append(each)
        agree: Counter[str] = Counter()
        oppose: Counter[str] = Counter()
        used: set[Key] = set()
        for line in lines:
            if line.matched:
                agree[line.account_id] += 1
                continue
            for each in free.get((line.account_id, -line.amount_minor), ()):
                if each.key not in used and each.first <= line.dated <= each.last:
                    used.add(each.key)
                    oppose[line.account_id] += 1
                    break
        return {account: (agree[account], oppose[account]) for account in agree.keys() | oppose.keys()}


def _history_begins(db: Session, scope: Scope) -> dict[str, date]:
    """The first day that each bank account shows a line of."""
    query = (
        select(BankLine.account_id, func.min(BankLine.dated))
        .where(BankLine.business_id == scope.business_id, BankLine.buried_at.is_(None))
        .group_by(BankLine.account_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}
