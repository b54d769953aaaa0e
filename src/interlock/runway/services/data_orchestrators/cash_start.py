"""Where a client's cash path starts, and what is on its way: from bank cash where a bank is linked, else from book cash."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.ap.services.outside_movements import KIND as OUTSIDE
from interlock.domains.bank.services.balance_service import BankBalance, bank_balances
from interlock.domains.bank.services.earmark_service import reserved
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.connections import SyncState
from interlock.runway.services.calculators.flows import LeftOut, Source, Start, StartPart
from interlock.runway.services.calculators.placing import Waiting
from interlock.runway.services.calculators.spendable import OnItsWay
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.cash_movements import (
    arriving,
    instructed,
    leaving,
    look,
    payouts_free,
)
from interlock.runway.services.data_orchestrators.cash_snapshot import available_at, deposits
from interlock.runway.services.data_orchestrators.history_snapshot import Accounts

BANK_UNSEEN = "bank accounts of the books that no linked bank shows"
NEVER_SHOWN = "receipts in the books that the bank should have shown by now"
BANK_FOREIGN = "bank accounts in a foreign currency"
_RAIL_BACK = timedelta(days=190)
_QBO = "qbo"


class Beginning(Struct, frozen=True):
    """``leaving``: payments that the start doesn't have off yet; ``arriving``: the books' money into bank accounts that no bank

    shows yet and still can (none where the books are the start); ``payouts``: ids that no bank line shows, ``None`` where no
    bank is linked; ``pending``: released payments that a bank shows as pending, so that the start has them off.
    """

    start: Start
    leaving: tuple[OnItsWay, ...]
    arriving: tuple[Waiting, ...]
    payouts: frozenset[str] | None
    left_out: tuple[LeftOut, ...]
    pending: frozenset[str] = frozenset()


def read_beginning(db: Session, business: Business, accounts: Accounts, now: datetime) -> Beginning:
    """From the mirror alone. A bank that says nothing of its accounts is none: the books are the start then."""
    scope = Scope(business.firm_id, business.business_id)
    home = business.home_currency
    banks = bank_balances(db, business.business_id, now)
    cash, today = deposits(banks, home), local_date(now, business.time_zone)
    held = reserved(db, scope).restricted_minor
    if not any(each.available is not None or each.current is not None for each in cash):
        return _from_books(db, business, accounts, held, now, linked=bool(cash))
    moving = look(db, scope, now)
    told = [(each, available_at(each, moving)) for each in cash]
    known = [(bank, minor) for bank, minor in told if minor is not None]
    parts = tuple(
        StartPart(bank.spoken, minor, Source("plaid", "bank_account", bank.id, bank.mask), bank.observed_at)
        for bank, minor in known
    )
    seen = [bank for bank, _ in known]
    ours = moving.ours(seen)
    unseen = [accounts.by_id[each] for each in sorted(accounts.banks - ours.keys())]
    start = Start(
        basis="bank",
        minor=sum(each.minor for each in parts) - held,
        parts=parts,
        as_of=min(bank.observed_at for bank in seen),
        words=_bank_words(told, [row.name for row in unseen if row.balance_minor], moving.accounts, held, home),
        restricted_minor=held,
    )
    out = [LeftOut(BANK_UNSEEN, home, len(unseen), sum(row.balance_minor for row in unseen))] if unseen else []
    abroad: dict[str, list[int]] = {}
    for each in banks:
        if each.deposit and each.currency != home and each.current is not None:
            abroad.setdefault(each.currency, []).append(each.current.minor)
    out += [LeftOut(BANK_FOREIGN, code, len(minors), sum(minors)) for code, minors in sorted(abroad.items())]
    coming = arriving(moving, seen, home)
    overdue = [each.minor for each in coming if each.last < today]
    out += [LeftOut(NEVER_SHOWN, home, len(overdue), sum(overdue))]
    return Beginning(
        start,
        leaving(db, scope, moving, seen, home),
        tuple(
            Waiting(each.kind, each.id, each.number, each.party, each.dated, each.currency, each.minor)
            for each in coming
            if each.last >= today
        ),
        payouts_free(moving, telling=all(bank.available is not None for bank in seen)),
        tuple(each for each in out if each.minor),
        frozenset(id_ for kind, id_ in moving.shown if kind == OUTSIDE),
    )


def _from_books(
    db: Session, business: Business, accounts: Accounts, held: int, now: datetime, *, linked: bool
) -> Beginning:
    home = business.home_currency
    rows = [accounts.by_id[each] for each in sorted(accounts.banks)]
    state = db.get(SyncState, (business.business_id, _QBO))
    as_of = state.last_sync if state else None
    parts = tuple(
        StartPart(row.name, row.balance_minor, Source(_QBO, "account", row.id), as_of)
        for row in rows
        if row.balance_minor
    )
    why = "the linked bank says nothing of its accounts" if linked else "no bank is linked"
    words = f"From book cash: {why}. {counted(len(rows), 'bank account')} as QuickBooks has them."
    return Beginning(
        Start(
            basis="books",
            minor=sum(each.minor for each in parts) - held,
            parts=parts,
            as_of=as_of,
            words=words + _held_words(held, home),
            restricted_minor=held,
        ),
        tuple(instructed(db, Scope(business.firm_id, business.business_id), now.date() - _RAIL_BACK, home)),
        (),
        None,
        (),
    )


def _bank_words(
    told: Sequence[tuple[BankBalance, int | None]],
    unseen: Sequence[str],
    linked: dict[str, str],
    held: int,
    home: str,
) -> str:
    known = [bank for bank, minor in told if minor is not None]
    said = [f"From bank cash: what is available on {counted(len(known), 'account')}."]
    silent = [bank.spoken for bank, minor in told if minor is None]
    if silent:
        said.append(f"The bank says nothing of {', '.join(silent)}: left out.")
    loose = [bank.spoken for bank in known if bank.id not in linked]
    if loose:
        said.append(
            f"{', '.join(loose)} {'is' if len(loose) == 1 else 'are'} linked to no account of the books, "
            "so payments on their way from there are not known."
        )
    if unseen:
        said.append(f"No linked bank shows {', '.join(unseen)}: left out.")
    return " ".join(said) + _held_words(held, home)


def _held_words(held: int, home: str) -> str:
    return f" Less {home} {Money(held, home)} that is restricted." if held else ""
