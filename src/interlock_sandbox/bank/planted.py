"""What is wrong at the banks on purpose, by the client's place in the firm's list; each is listed with its check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from interlock_sandbox.bank.accounts import account_of
from interlock_sandbox.bank.model import BankAccount, BankLine, Truth, hashed
from interlock_sandbox.bank.timing import POSTING_HOUR_UTC, at_hour, later
from interlock_sandbox.world.workdays import on_or_before

if TYPE_CHECKING:
    from interlock_sandbox.bank.bank import Vault

FEE_MINOR = -3_500
FEE_DAYS_AGO = 16
DRIFT_MINOR = 187_340
OLD_CHECK_DAYS = (35, 90)
STALE_CHECK_DAYS = (185, 300)
TWICE_DAYS = (8, 40)
TWICE_ABOVE_MINOR = 5_000
LAPSES = 4
RESERVE_NAME = "Tax Reserve"


def plant(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """Put this client's truths in place; the fourth client is tidy and has none."""
    found: list[Truth] = []
    for truth in PLANTS.get(index % 12, ()):
        found += truth(vault, index, as_of)
    return found


def login_lapses(index: int) -> bool:
    """Whether this client's bank wants to be logged in to again a day after it was linked (C02)."""
    return index % 12 == LAPSES


def _lapse(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """The login at this bank ends (C02); Plaid lets it happen, see ``login_lapses``."""
    del index, as_of
    note = "The bank asks for a new login a day after it was linked."
    return [Truth("C02", account.id, None, None, 0, note) for account in vault.accounts[:1]]


def _fee(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """The bank charged a fee that nobody booked (C06)."""
    del index
    account = _checking(vault)
    if account is None:
        return []
    day = on_or_before(as_of - timedelta(days=FEE_DAYS_AGO))
    line = _own_line(vault, account, "fee", FEE_MINOR, "WIRE INVESTIGATION FEE", day)
    return [Truth("C06", account.id, line.id, None, FEE_MINOR, "The bank charged a fee that is not in the books.")]


def _uncleared(low: int, high: int, note: str) -> Callable[[Vault, int, date], list[Truth]]:
    def never_clears(vault: Vault, index: int, as_of: date) -> list[Truth]:
        del index
        earliest, latest = as_of - timedelta(days=high), as_of - timedelta(days=low)
        checks = [
            line
            for line in vault.lines.values()
            if line.check_number and earliest <= vault.written.get(line.id, as_of) <= latest and line.amount_minor < 0
        ]
        if not checks:
            return []
        line = min(checks, key=lambda each: (abs(each.amount_minor), each.id))
        del vault.lines[line.id]
        entity, _, ref_id = line.source.partition("/")
        return [Truth("C05", line.account, None, (entity, ref_id), line.amount_minor, note)]

    return never_clears


def _twice(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """The bank posted a line twice (C07)."""
    del index
    first = at_hour(as_of - timedelta(days=TWICE_DAYS[1]), 0)
    last = at_hour(as_of - timedelta(days=TWICE_DAYS[0]), 0)
    usual = [
        line
        for line in vault.lines.values()
        if line.check_number is None and line.posted_at is not None and first <= line.posted_at <= last
        and line.amount_minor < -TWICE_ABOVE_MINOR
    ]  # fmt: skip
    if not usual:
        return []
    line = min(usual, key=lambda each: (abs(each.amount_minor), each.id))
    again = replace(line, id=hashed("twice", line.id, length=24), source="bank/twice")
    vault.lines[again.id] = again
    return [Truth("C07", line.account, again.id, None, line.amount_minor, f"Line {line.id} was posted twice.")]


def _drift(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """The books began with a balance the bank never had (C04)."""
    del index, as_of
    account = _checking(vault)
    if account is None:
        return []
    vault.opening[account.id] = vault.opening.get(account.id, 0) + DRIFT_MINOR
    return [Truth("C04", account.id, None, None, DRIFT_MINOR, "The bank holds more than the books began with.")]


def _unmapped(vault: Vault, index: int, as_of: date) -> list[Truth]:
    """An account at the bank that is not in the books (C08)."""
    account = account_of(vault.seed, index, vault.books, None, "savings", RESERVE_NAME)
    vault.accounts.append(account)
    vault.opening[account.id] = 1_250_000
    for months in range(6):
        day = later(as_of.replace(day=1) - timedelta(days=30 * months), 4)
        if day < as_of:
            _own_line(vault, account, f"interest {months}", 1_042, "INTEREST PAID", day)
    return [Truth("C08", account.id, None, None, 1_250_000, "An account at the bank that the books don't know.")]


def _checking(vault: Vault) -> BankAccount | None:
    return next((account for account in vault.accounts if account.kind == "checking"), None)


def _own_line(vault: Vault, account: BankAccount, word: str, cents: int, name: str, day: date) -> BankLine:
    posted = at_hour(day, POSTING_HOUR_UTC)
    made = BankLine(
        hashed("planted", vault.seed, account.id, word, length=24), account.id, cents, account.currency, name, None,
        posted, day, source="bank/own",
    )  # fmt: skip
    vault.lines[made.id] = made
    return made


_old_check = _uncleared(*OLD_CHECK_DAYS, "A check that was never presented, more than 30 days old.")
_stale_check = _uncleared(*STALE_CHECK_DAYS, "A check that was never presented, 180 days old or more.")

PLANTS: dict[int, tuple[Callable[[Vault, int, date], list[Truth]], ...]] = {
    0: (_fee, _unmapped),
    1: (_old_check, _stale_check),
    2: (_twice, _drift),
    LAPSES: (_fee, _twice, _old_check, _lapse),
    7: (_fee,),
    8: (_old_check, _unmapped),
    10: (_stale_check,),
}
