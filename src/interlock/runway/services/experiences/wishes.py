"""What a person asked for, bill by bill, turned into the wishes that are judged."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from interlock.domains.ap.ports import Wish
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money, MoneyError
from interlock.runway.services.data_orchestrators.console_rows import ConsoleBill, IntentView

BILLS_MOST = 500
"""Bills in one batch."""
# Commas only between thousands: "1,50" is somebody's 1.50, and must not be paid as 150.00.
_WRITTEN = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")


class Ask(Struct, frozen=True):
    """A bill, and what of it differs from paying what is left of it with its own pay run.

    ``amount``: major units as text; ``pay_on``: a day; ``credits``: ids of vendor credits to be applied first.
    """

    bill_id: str
    amount: str | None = None
    pay_on: date | None = None
    credits: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        return self.amount is None and self.pay_on is None and not self.credits


def wishes_of(bill: ConsoleBill, ask: Ask, pay_on: date | None, today: date) -> tuple[Wish, ...]:
    """What is asked of one bill. Without anything special: whatever waits for approval, else all that is left to decide.

    ``BadInput`` for an amount that can't be, a credit that isn't its vendor's, or a bill with nothing left.
    """
    named = f"{bill.party_name or 'Nobody named'} {bill.number or bill.id}"
    if bill.foreign:
        raise BadInput(
            f"{named} is in {bill.balance.currency}; only bills in the books' own currency are decided here."
        )
    if bill.waiting and ask.plain:
        return tuple(_again(each) for each in bill.waiting)
    open_minor = bill.rest.money.minor
    if open_minor <= 0 and bill.waiting:
        raise BadInput(f"All of {named} is proposed already; reject or withdraw that to decide on other terms.")
    if open_minor <= 0:
        raise BadInput(f"Nothing of {named} is left to decide: it is approved in full.")
    gross = open_minor if ask.amount is None else _amount(ask.amount, named, bill.balance.currency, open_minor)
    credits = _credits(bill, ask.credits, named, gross)
    paid = gross - sum(minor for _, minor in credits)
    if paid <= 0:
        raise BadInput(f"The credits named cover {named} whole; apply them in QuickBooks, no payment is needed.")
    day = ask.pay_on or pay_on or bill.run or today
    return (Wish(bill.id, paid, day, credits),)


def parsed(said: Iterable[str]) -> tuple[Ask, ...]:
    """``BILL`` or ``BILL=AMOUNT`` each, as a command takes them."""
    asks = []
    for each in said:
        bill_id, given, amount = each.partition("=")
        if not bill_id or (given and not amount):
            raise BadInput(f"{each!r} is neither a bill's id nor BILL=AMOUNT.")
        asks.append(Ask(bill_id, amount or None))
    return tuple(asks)


def bounded(asks: Sequence[Ask]) -> Sequence[Ask]:
    """Each bill once, and not more than a batch holds."""
    if len(asks) > BILLS_MOST:
        raise BadInput(f"A batch has at most {BILLS_MOST} bills; this one has {len(asks):,}. Nothing was changed.")
    seen = [each.bill_id for each in asks]
    twice = next((id_ for id_ in seen if seen.count(id_) > 1), None) if len(set(seen)) < len(seen) else None
    if twice is not None:
        raise BadInput(f"Bill {twice} is named twice in this batch. Nothing was changed.")
    return asks


def _again(intent: IntentView) -> Wish:
    return Wish(intent.bill_id, intent.amount.money.minor, intent.pay_on, intent.credits, intent.intent_id)


def _amount(said: str, named: str, currency: str, most: int) -> int:
    no_amount = BadInput(f"{said!r} is no amount of {currency}; write it like 1234.50.")
    if not _WRITTEN.fullmatch(said.strip()):
        raise no_amount
    try:
        money = Money.of(said.replace(",", "").strip(), currency)
    except MoneyError:
        raise no_amount from None
    if not 0 < money.minor <= most:
        raise BadInput(f"Of {named} between 0.01 and {Money(most, currency)} can be paid, not {money}.")
    return money.minor


def _credits(bill: ConsoleBill, ids: Sequence[str], named: str, gross: int) -> tuple[tuple[str, int], ...]:
    known = {each.credit_id: each.open.money.minor for each in bill.credits}
    found: list[tuple[str, int]] = []
    for id_ in dict.fromkeys(ids):
        if id_ not in known:
            raise BadInput(f"Credit {id_} is no open credit of the vendor of {named}.")
        minor = min(known[id_], gross - sum(each for _, each in found))
        if minor > 0:
            found.append((id_, minor))
    return tuple(found)
