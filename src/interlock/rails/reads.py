"""Capabilities that read. A rail has one when its class inherits it; nothing else says so.

Listing methods return one page, in the ledger's stable order of ids, beginning with row ``start`` (1 is the first) and at
most ``PAGE_ROWS`` long. All raise the five rail errors.

The witnesses beside the ledger (``rails.witnesses``) list by a cursor of their own: ``None`` begins, and a part that names
no next one is the last.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from msgspec import Struct

from interlock.rails.facts import Page
from interlock.rails.totals import LedgerCounts, LedgerTotals

PAGE_ROWS = 1_000


class ReadsVendors(Protocol):
    async def vendors(self, start: int) -> Page: ...


class ReadsBills(Protocol):
    """Bills and everything that settles them."""

    async def bills(self, start: int) -> Page: ...
    async def bill_payments(self, start: int) -> Page: ...
    async def vendor_credits(self, start: int) -> Page: ...
    async def purchase_orders(self, start: int) -> Page: ...


class ReadsCustomers(Protocol):
    async def customers(self, start: int) -> Page: ...


class ReadsInvoices(Protocol):
    """Invoices, what settles them, and sales that never were invoices."""

    async def invoices(self, start: int) -> Page: ...
    async def payments(self, start: int) -> Page: ...
    async def credit_memos(self, start: int) -> Page: ...
    async def sales_receipts(self, start: int) -> Page: ...
    async def refund_receipts(self, start: int) -> Page: ...


class ReadsAccounts(Protocol):
    """The chart of accounts with book balances (not a bank's)."""

    async def accounts(self, start: int) -> Page: ...


class ReadsLedgerEntries(Protocol):
    """Cash and journal movements."""

    async def deposits(self, start: int) -> Page: ...
    async def purchases(self, start: int) -> Page: ...
    async def transfers(self, start: int) -> Page: ...
    async def journal_entries(self, start: int) -> Page: ...


class ReadsCompany(Protocol):
    """How the company keeps its books."""

    async def preferences(self, start: int) -> Page: ...
    async def terms(self, start: int) -> Page: ...


class ReadsLedgerReports(Protocol):
    """The ledger's own counts and sums."""

    async def counts(self) -> LedgerCounts: ...
    async def totals(self, report_date: date, currency: str, balances_on: date) -> LedgerTotals: ...


class Part(Struct, frozen=True):
    """One answer of a listing. ``next``: the cursor to go on with; ``None`` ends it."""

    page: Page
    next: str | None


class BankChanges(Struct, frozen=True):
    """What moved on the bank lines of one login since its cursor, whole: every page of it, or nothing.

    ``removed``: ids of lines that are no more (a pending line that was posted is one). ``ready`` is false while the bank has not
    given any of its history yet, ``whole`` until it has given all of it.
    """

    item_id: str
    pages: tuple[Page, ...]
    removed: tuple[str, ...]
    cursor: str
    ready: bool
    whole: bool = True


class ReadsBankBalances(Protocol):
    """Accounts at banks with available and current balance. ``live`` asks the bank itself: slow (30 s and more), rationed."""

    async def bank_accounts(self, item_id: str, *, live: bool = False) -> Page: ...


class ReadsBankTransactions(Protocol):
    """Bank lines, pending ones included, since ``cursor`` (``None``: all the bank gives)."""

    async def bank_lines(self, item_id: str, cursor: str | None) -> BankChanges: ...


class ReadsRailVendors(Protocol):
    """Vendors as the paying rail knows them."""

    async def rail_vendors(self, cursor: str | None) -> Part: ...


class ReadsRailBills(Protocol):
    """Bills as the paying rail has them, drafts and archived ones included, and what it may pay them from."""

    async def rail_bills(self, cursor: str | None) -> Part: ...
    async def rail_bill(self, bill_id: str) -> Page: ...
    async def funding_accounts(self) -> Page: ...


class ReadsPayments(Protocol):
    """How payments stand, by the rail's word: the rail's bills or receipts with these ids again, as they are now."""

    async def payments_again(self, ids: Sequence[str]) -> list[Page]: ...


class ReadsRailCustomers(Protocol):
    async def rail_customers(self, cursor: str | None) -> Part: ...


class ReadsRailInvoices(Protocol):
    """Invoices as the collecting rail has them, and what payments did to them."""

    async def rail_invoices(self, cursor: str | None) -> Part: ...
    async def invoice_receipts(self, cursor: str | None) -> Part: ...


class ReadsCharges(Protocol):
    """Money taken from customers, given back, or contested."""

    async def charges(self, cursor: str | None) -> Part: ...
    async def refunds(self, cursor: str | None) -> Part: ...
    async def disputes(self, cursor: str | None) -> Part: ...


class ReadsPayouts(Protocol):
    """What the collecting rail sends to the bank, and the parts each payout is made of."""

    async def payouts(self, cursor: str | None) -> Part: ...
    async def payout_parts(self, payout_id: str, cursor: str | None) -> Part: ...
