"""Plaid's answers as facts: sign, amounts, times. Pure; field by field in MAPPINGS.md."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar

import msgspec

from interlock.domains.plaid import wire
from interlock.kernel.money import MoneyError, decimals, to_minor
from interlock.rails.errors import ContractBroken
from interlock.rails.facts import Page, Unread
from interlock.rails.witnesses import BankAccount, BankLine

RAIL = "plaid"

T = TypeVar("T")

UNNAMED = "A bank"

_OWED = {"credit", "loan"}
_CURRENCY_LETTERS = 3
# A double's own dust (28.340000000000003) is cleared away; a real digit too many is not.
_DUST = Decimal("0.000001")
_EVERYDAY = 10**15


class NoCurrency(Exception):
    """An amount in something that is no currency of ISO 4217: points, a coin."""


def utc(instant: datetime | None) -> datetime | None:
    """Plaid's times carry an offset; one without is UTC (plaid.md §1)."""
    if instant is None:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def minor(amount: Decimal, currency: str) -> int:
    """Whole minor units; ``MoneyError`` where digits would be lost."""
    places = Decimal(1).scaleb(-decimals(currency))
    if amount.is_finite() and abs(amount) < _EVERYDAY:
        nearest = amount.quantize(places, rounding=ROUND_HALF_EVEN)
        if abs(amount - nearest) < _DUST:
            amount = nearest
    return to_minor(amount, currency)


def accounts_page(
    rows: Sequence[msgspec.Raw], item: wire.Item, *, observed_at: datetime, live: bool, as_of: datetime
) -> Page:
    """The accounts of one login. What can't be kept exactly is named as unread, and the others stand.

    ``observed_at``: how old the figures are, where the bank doesn't say so account by account.
    """
    facts: list[BankAccount] = []
    unread: list[Unread] = []
    for row in rows:
        raw = bytes(row)
        account = _decoded(raw, wire.Account, "accounts")
        try:
            facts.append(account_fact(account, raw, item, observed_at=observed_at, live=live))
        except (NoCurrency, MoneyError) as trouble:
            unread.append(Unread(BankAccount, account.account_id, f"{account.name} was left out: {trouble}"))
    return Page(BankAccount, tuple(facts), as_of, tuple(unread))


def account_fact(
    account: wire.Account, raw: bytes, item: wire.Item, *, observed_at: datetime, live: bool
) -> BankAccount:
    """One account; of a card or loan ``current`` is owed, so it turns below zero here."""
    held = account.balances
    currency = _currency(held.iso_currency_code, held.unofficial_currency_code)
    said_at = utc(held.last_updated_datetime)
    observed = min(said_at, observed_at) if said_at is not None else observed_at
    sign = -1 if account.type in _OWED else 1
    current = None if held.current is None else sign * minor(held.current, currency)
    return BankAccount(
        id=account.account_id,
        version="",
        created_at=None,
        updated_at=None,
        item_id=item.item_id,
        institution_id=item.institution_id,
        institution=institution_of(item),
        name=account.name or account.official_name or "An account",
        mask=account.mask,
        kind=account.type,
        sub_kind=account.subtype,
        lasting_id=account.persistent_account_id,
        currency=currency,
        available_minor=None if held.available is None else minor(held.available, currency),
        current_minor=current,
        limit_minor=None if held.limit is None else minor(held.limit, currency),
        observed_at=observed,
        live=live,
        raw=_stamped(raw, observed, live),
    )


def institution_of(item: wire.Item) -> str:
    """What people call the bank; its id where Plaid gives no name."""
    return item.institution_name or item.institution_id or UNNAMED


def lines_page(rows: Sequence[msgspec.Raw], as_of: datetime) -> Page:
    """Bank lines as one answer gave them."""
    facts: list[BankLine] = []
    unread: list[Unread] = []
    for row in rows:
        raw = bytes(row)
        line = _decoded(raw, wire.Transaction, "transactions")
        try:
            facts.append(line_fact(line, raw))
        except (NoCurrency, MoneyError) as trouble:
            unread.append(Unread(BankLine, line.transaction_id, f"A line of {line.date} was left out: {trouble}"))
    return Page(BankLine, tuple(facts), as_of, tuple(unread))


def line_fact(line: wire.Transaction, raw: bytes) -> BankLine:
    """One line; Plaid counts money out as positive, we count money in."""
    currency = _currency(line.iso_currency_code, line.unofficial_currency_code)
    meta = line.payment_meta or wire.PaymentMeta()
    return BankLine(
        id=line.transaction_id,
        version="",
        created_at=None,
        updated_at=None,
        account_id=line.account_id,
        dated=line.date,
        authorised=line.authorized_date,
        amount_minor=-minor(line.amount, currency),
        currency=currency,
        name=(line.original_description or line.name or line.merchant_name or "").strip(),
        counterparty=_counterparty(line, meta),
        check_number=line.check_number or None,
        reference=meta.reference_number or None,
        channel=line.payment_channel,
        pending=line.pending,
        pending_id=line.pending_transaction_id,
        raw=raw,
    )


def _counterparty(line: wire.Transaction, meta: wire.PaymentMeta) -> str | None:
    named = line.counterparties[0].name if line.counterparties else None
    return line.merchant_name or named or meta.payee or meta.payer or meta.by_order_of or None


def _currency(official: str | None, unofficial: str | None) -> str:
    if official is not None and len(official) == _CURRENCY_LETTERS:
        return official.upper()
    raise NoCurrency(f"it is in {unofficial or official or 'no currency that was named'}, which is no currency.")


def _stamped(raw: bytes, observed_at: datetime, live: bool) -> bytes:
    """The payload beside what Plaid doesn't stamp: the same figures seen later are news, since they are still true then."""
    stamp = {"observed_at": observed_at, "live": live, "account": msgspec.Raw(raw)}
    return msgspec.json.encode(stamp)


def _decoded(raw: bytes, shape: type[T], field: str) -> T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as trouble:
        raise ContractBroken(RAIL, f"Plaid sent a row we can't read: {trouble}.", field) from trouble
