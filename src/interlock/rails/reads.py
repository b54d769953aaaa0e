"""Capabilities that read. A rail has one when its class inherits it; nothing else says so.

Listing methods return one page, in the ledger's stable order of ids, beginning with row ``start`` (1 is the first) and at
most ``PAGE_ROWS`` long. All raise the five rail errors.
"""

from datetime import date
from typing import Protocol

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
