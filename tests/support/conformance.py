"""What a capability promises, asked of whatever rail has it: one suite each, the same for our sandbox and for the vendor's own.

A suite only uses the capability's own methods. Money is moved nowhere here: what moves it is put to the test by each rail's own
tests, against the sandbox alone.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from interlock.infra.transport import Transport
from interlock.kernel.clock import Clock
from interlock.rails import links, listens, moves, reads, records, witnesses
from interlock.rails.errors import Rejected
from interlock.rails.facts import Fact, Page
from interlock.rails.reads import PAGE_ROWS, Part

T = TypeVar("T")

PAGES_MOST = 200
_CLOCKS_APART = timedelta(hours=26)
_NOBODY = "0000000000"


@dataclass
class Ground:
    """A rail bound to a business, and what of it a suite may look at. ``items``: the business's bank logins."""

    rail: Any
    transport: Transport
    clock: Clock
    items: list[str] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.transport.run(work, 120.0)

    def walk(self, listing: Callable[[str | None], Awaitable[Part]], kind: type[Fact]) -> list[Any]:
        """Every part of a listing by cursor, held to what all listings promise."""
        cursor: str | None = None
        found: list[Any] = []
        for _ in range(PAGES_MOST):
            part = self.run(_awaited(listing, cursor))
            found += self.checked(part.page, kind)
            if part.next is None:
                assert len({each.id for each in found}) == len(found), f"{kind.__name__}: a row came twice"
                return found
            assert part.next != cursor, f"{kind.__name__}: the cursor stands still"
            cursor = part.next
        raise AssertionError(f"{kind.__name__}: a listing of more than {PAGES_MOST} pages; does it end?")

    def checked(self, page: Page, kind: type[Fact]) -> list[Any]:
        page = page.settled()
        assert page.kind is kind
        assert page.as_of.utcoffset() == timedelta(), "instants are aware, in UTC"
        assert abs(page.as_of - self.clock.now()) < _CLOCKS_APART
        for fact in page.facts:
            assert isinstance(fact, kind)
            assert fact.id and len(fact.id) <= 40, f"an id our tables can keep, not {fact.id!r}"
            for name in fact.__struct_fields__:
                value = getattr(fact, name)
                assert not isinstance(value, float), f"{kind.__name__}.{name} is a float"
                if name == "currency":
                    assert len(value) == 3 and value.isupper(), f"{value!r} is no currency"
            assert isinstance(fact.raw, bytes) and fact.raw, "the payload is kept for lineage"  # type: ignore[attr-defined]
        return list(page.facts)


async def _awaited(listing: Callable[[str | None], Awaitable[Part]], cursor: str | None) -> Part:
    return await listing(cursor)


def _by_number(*names: str) -> Callable[[Ground], None]:
    """Listings by row number: whole pages in a stable order of ids, then an empty one beyond the end."""

    def suite(ground: Ground) -> None:
        for name in names:
            listing = getattr(ground.rail, name)
            first = ground.run(listing(1)).settled()
            ids = [fact.id for fact in ground.checked(first, first.kind)]
            assert len(ids) <= PAGE_ROWS
            assert len(set(ids)) == len(ids), f"{name}: a row came twice"
            if len(ids) > 1:
                second = ground.run(listing(2)).settled()
                assert [fact.id for fact in second.facts][: len(ids) - 1] == ids[1:], f"{name}: the order moved"
            beyond = ground.run(listing(100_000)).settled()
            assert beyond.facts == () and beyond.kind is first.kind

    return suite


def _bank_balances(ground: Ground) -> None:
    assert ground.items, "a business with a linked bank is needed here"
    for item in ground.items:
        for live in (False, True):
            found = ground.checked(ground.run(ground.rail.bank_accounts(item, live=live)), witnesses.BankAccount)
            assert found, "a login has an account"
            for each in found:
                assert each.item_id == item
                assert each.live is live
                assert each.available_minor is not None or each.current_minor is not None


def _bank_lines(ground: Ground) -> None:
    for item in ground.items:
        whole = ground.run(ground.rail.bank_lines(item, None))
        assert whole.item_id == item and whole.ready and whole.cursor
        lines = [fact for page in whole.pages for fact in ground.checked(page, witnesses.BankLine)]
        assert lines, "a bank account that is used has lines"
        ids = {each.id for each in lines}
        assert len(ids) == len(lines), "a line came twice"
        assert ids.isdisjoint(whole.removed)
        posted_from = {each.pending_id for each in lines if each.pending_id and not each.pending}
        assert posted_from.isdisjoint(each.id for each in lines if each.pending), "a pending line beside its posted one"
        again = ground.run(ground.rail.bank_lines(item, whole.cursor))
        assert sum(page.rows for page in again.pages) + len(again.removed) < len(lines), "a cursor reads on, not anew"


def _rail_vendors(ground: Ground) -> None:
    assert ground.walk(ground.rail.rail_vendors, witnesses.RailVendor)


def _rail_bills(ground: Ground) -> None:
    found = ground.walk(ground.rail.rail_bills, witnesses.RailBill)
    assert found
    one = ground.checked(ground.run(ground.rail.rail_bill(found[0].id)), witnesses.RailBill)
    assert [each.id for each in one] == [found[0].id]
    assert ground.checked(ground.run(ground.rail.funding_accounts()), witnesses.FundingAccount)


def _rail_customers(ground: Ground) -> None:
    assert ground.walk(ground.rail.rail_customers, witnesses.RailCustomer)


def _rail_invoices(ground: Ground) -> None:
    invoices = ground.walk(ground.rail.rail_invoices, witnesses.RailInvoice)
    assert invoices
    for each in invoices:
        assert each.paid_minor >= 0 and each.open_minor >= 0
    known = {each.id for each in invoices}
    for receipt in ground.walk(ground.rail.invoice_receipts, witnesses.InvoiceReceipt):
        assert receipt.invoice_id in known, "a receipt is for an invoice of this account"


def _charges(ground: Ground) -> None:
    charges = ground.walk(ground.rail.charges, witnesses.Charge)
    assert all(0 <= each.refunded_minor <= each.amount_minor for each in charges)
    ground.walk(ground.rail.refunds, witnesses.Refund)
    ground.walk(ground.rail.disputes, witnesses.Dispute)


def _payouts(ground: Ground) -> None:
    payouts = ground.walk(ground.rail.payouts, witnesses.Payout)
    for payout in [each for each in payouts if each.attributed][:3]:
        parts = ground.walk(partial(ground.rail.payout_parts, payout.id), witnesses.PayoutPart)
        assert sum(each.net_minor for each in parts) == payout.amount_minor, f"{payout.id} isn't the sum of its parts"
        assert all(each.net_minor == each.gross_minor - each.fee_minor for each in parts)


def _payments_again(ground: Ground) -> None:
    listing = "rail_bills" if reads.ReadsRailBills in type(ground.rail).__mro__ else "invoice_receipts"
    part = ground.run(_awaited(getattr(ground.rail, listing), None))
    ids = [each.id for each in part.page.settled().facts[:3]]
    found = [fact.id for page in ground.run(ground.rail.payments_again(ids)) for fact in page.settled().facts]
    assert set(ids) <= set(found), "what was listed a moment ago is there"
    assert ground.run(ground.rail.payments_again([])) == []


def _listens(ground: Ground) -> None:
    for body in (b"", b"{}", b"\xff\xfe", b'{"id": 7}', b"[" * 5_000):
        assert ground.run(ground.rail.genuine(body, {})) is False, "nothing unsigned is theirs"
        assert isinstance(list(ground.rail.hints(body)), list), "odd bytes raise nothing"


def _accounts_verified(ground: Ground) -> None:
    for item in ground.items:
        for each in ground.run(ground.rail.accounts_evidence(item)):
            assert each.found in {"verified", "tokenised", "pending", "failed", "unknown"}
            assert not (each.tokenised and each.digest), "a stand-in number equals nothing, so nothing of it is kept"


def _owners_verified(ground: Ground) -> None:
    claim = links.OwnerClaim(name="Nobody Of This Name")
    for item in ground.items:
        for each in ground.run(ground.rail.owners_evidence(item, claim)):
            scores = (each.name_score, each.email_score, each.phone_score, each.address_score)
            assert all(score is None or 0 <= score <= 100 for score in scores)


def _links_banks(ground: Ground) -> None:
    hosted = ground.run(ground.rail.begin_link(return_to=None))
    assert hosted.url.startswith("http") and hosted.token
    assert hosted.expires_at > ground.clock.now()


def _pays(ground: Ground) -> None:
    assert ground.run(ground.rail.find_payment(_NOBODY)) is None, "an instruction nobody gave isn't found"


def _hands_off(ground: Ground) -> None:
    assert ground.run(ground.rail.find_hand_off(_NOBODY)) is None, "a bill nobody handed off isn't found"


def _cancels(ground: Ground) -> None:
    try:
        ground.run(ground.rail.cancel_payment(_NOBODY))
    except Rejected:
        return
    raise AssertionError("what isn't there can't be cancelled")


def _nothing_to_find(ground: Ground) -> None:
    """What acts under a key is put to the test by the rail's own tests; here only that the methods are there."""
    acts = {name for base in type(ground.rail).__mro__ if base.__module__ == moves.__name__ for name in vars(base)}
    for name in acts:
        assert name.startswith("_") or callable(getattr(ground.rail, name))


SUITES: dict[type[Any], Callable[[Ground], None]] = {
    reads.ReadsCompany: _by_number("preferences", "terms"),
    reads.ReadsAccounts: _by_number("accounts"),
    reads.ReadsVendors: _by_number("vendors"),
    reads.ReadsBills: _by_number("bills", "bill_payments", "vendor_credits", "purchase_orders"),
    reads.ReadsCustomers: _by_number("customers"),
    reads.ReadsInvoices: _by_number("invoices", "payments", "credit_memos", "sales_receipts", "refund_receipts"),
    reads.ReadsLedgerEntries: _by_number("deposits", "purchases", "transfers", "journal_entries"),
    reads.ReadsBankBalances: _bank_balances,
    reads.ReadsBankTransactions: _bank_lines,
    reads.ReadsRailVendors: _rail_vendors,
    reads.ReadsRailBills: _rail_bills,
    reads.ReadsPayments: _payments_again,
    reads.ReadsRailCustomers: _rail_customers,
    reads.ReadsRailInvoices: _rail_invoices,
    reads.ReadsCharges: _charges,
    reads.ReadsPayouts: _payouts,
    listens.ListensForEvents: _listens,
    links.LinksBanks: _links_banks,
    links.VerifiesAccounts: _accounts_verified,
    links.VerifiesOwners: _owners_verified,
    moves.PaysBills: _pays,
    moves.HandsOffBills: _hands_off,
    moves.CancelsPayments: _cancels,
    moves.CollectsInvoices: _nothing_to_find,
    moves.RefundsPayments: _nothing_to_find,
}
"""By capability. Those of the ledger that are not here are put to the test whole: following, reports and recording."""

ELSEWHERE: frozenset[type[Any]] = frozenset(
    {
        reads.ReadsLedgerReports,
        listens.FollowsChanges,
        records.RecordsBillPayments,
        records.RecordsCustomerPayments,
    }
)
"""tests/rails/test_proof_of_completeness.py, test_traps_of_*.py, tests/recording."""
