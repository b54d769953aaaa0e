"""Ramp as a party: what is asked of it and what falls due changes it, one act at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.books import Books
from interlock_sandbox.books.record import Happened
from interlock_sandbox.notices.notices import Notices
from interlock_sandbox.parties import Step
from interlock_sandbox.ramp import accounting, billing, events, paying
from interlock_sandbox.ramp.life import arrives, leaves
from interlock_sandbox.ramp.model import Bill, Business, Token
from interlock_sandbox.ramp.opening import has_account, opened, seeds_of
from interlock_sandbox.ramp.planted import plant


class Due(NamedTuple):
    """Something that will happen to a bill by itself."""

    at: datetime
    kind: str
    realm: str
    bill: str


class Ramp:
    """Deterministic from the seed, the books at opening, what is written there since, and the acts."""

    def __init__(
        self,
        seed: int,
        as_of: date,
        companies: Sequence[Books],
        flawed: Sequence[frozenset[str]],
        bank: Bank,
        notices: Notices,
        pays: Callable[[str, str], None],
    ) -> None:
        """``pays`` is told (realm, the books' bill) of every bill whose payment is under way or done."""
        self.seed = seed
        self.bank = bank
        self.notices = notices
        self.pays = pays
        self.books = {books.realm_id: books for books in companies}
        self.businesses: dict[str, Business] = {}
        self.tokens: dict[str, Token] = {}
        self.minted = 0
        self._next: Due | None = None
        self._stale = True
        for index, books in enumerate(companies):
            if has_account(index):
                business = opened(seed, index, books, as_of, flawed[index])
                plant(seeds_of(seed, index, books, as_of, flawed[index]), index, business, bank)
                self.businesses[books.realm_id] = business

    # --- look-ups -----------------------------------------------------------------------------------------------

    def of_client(self, client_id: str) -> Business | None:
        return next((each for each in self.businesses.values() if each.client_id == client_id), None)

    def linking(self, realm: str) -> dict[str, Any] | None:
        """What an app needs to link a client."""
        business = self.businesses.get(realm)
        if business is None:
            return None
        return {
            "business_id": business.id, "client_id": business.client_id, "client_secret": business.client_secret,
            "entity_id": business.entity_id,
        }  # fmt: skip

    def holds_open(self, realm: str, qbo_id: str) -> Bill | None:
        """The bill Ramp has as open for a document of the books."""
        business = self.businesses.get(realm)
        if business is None:
            return None
        found = (bill for bill in business.bills.values() if bill.qbo_id == qbo_id)
        return next((bill for bill in found if bill.paid_at is None and bill.archived_at is None), None)

    # --- what happens -------------------------------------------------------------------------------------------

    def hears(self, realm: str, happened: Happened) -> None:
        """A payment of a bill was entered in QuickBooks: Ramp learns of it with its next sync."""
        if happened.entity != "BillPayment" or happened.operation != "Create" or realm not in self.businesses:
            return
        for qbo_id in accounting.paid_by(self.books[realm], happened.id):
            bill = self.holds_open(realm, qbo_id)
            if bill is not None and not bill.unaware:
                self.businesses[realm].elsewhere.append((happened.at, bill.id))
                self._stale = True

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        self._stale = True
        business = self.businesses[str(act["realm"])]
        business.acts += 1
        if business.since is None:
            business.since = at
            for bill in business.bills.values():
                if bill.payment is not None and bill.payment.progress != "scheduled" and bill.qbo_id is not None:
                    self.pays(business.realm, bill.qbo_id)
        for module in (billing, paying, accounting, events):
            if act["act"] in module.ACTS:
                module.ACTS[act["act"]](self, business, act, at)
                return
        raise KeyError(f"Ramp knows no act {act['act']}")

    def due(self, now: datetime) -> Step | None:
        """The earliest payment to leave or arrive, sync to be made, return to come."""
        if self._stale:
            self._next = min(self._all_coming(), default=None)
            self._stale = False
        return self._step(self._next) if self._next is not None and self._next.at <= now else None

    def tell(self, business: Business, kind: str, object_id: str, at: datetime) -> None:
        """Send an event to whoever subscribed."""
        events.tell(self, business, kind, object_id, at)

    # --- how ----------------------------------------------------------------------------------------------------

    def _all_coming(self) -> Iterator[Due]:
        """Nothing is stamped before the account came to life: a watermark taken meanwhile would hide it."""
        for business in self.businesses.values():
            if business.since is not None:
                for due in self._coming(business):
                    yield due._replace(at=max(due.at, business.since))

    def _coming(self, business: Business) -> Iterator[Due]:
        settings = business.settings
        for bill in business.bills.values():
            payment = bill.payment
            if payment is not None:
                free = bill.approval == "APPROVED" and not bill.on_hold and not bill.blocked
                if free and bill.archived_at is None and (at := leaves(payment)) is not None:
                    yield Due(at, "leave", business.realm, bill.id)
                if (at := arrives(payment)) is not None and not payment.provider_hold:
                    yield Due(at, "arrive", business.realm, bill.id)
                if payment.returns_at is not None and payment.progress == "completed":
                    yield Due(payment.returns_at, "come_back", business.realm, bill.id)
            if settings.accounting_sync and (at_kind := accounting.next_sync(bill, settings)) is not None:
                yield Due(*at_kind, business.realm, bill.id)
        if settings.imports_payments:
            for heard, bill_id in business.elsewhere:
                yield Due(heard + settings.sync_delay, "import", business.realm, bill_id)

    def _step(self, due: Due) -> Step:
        business = self.businesses[due.realm]
        bill = business.bills[due.bill]
        act: dict[str, Any] = {"act": due.kind, "realm": due.realm, "bill": due.bill}
        known = business.settings.imports_payments and any(paid == bill.id for _, paid in business.elsewhere)
        if due.kind == "leave" and known:
            # Days may pass in one leap: Ramp doesn't pay what it would have learnt is paid.
            return Step(due.at, {**act, "act": "import"})
        if due.kind == "export":
            found, writes = accounting.export_of(business, self.books[due.realm], bill, due.at)
            return Step(due.at, {**act, "found": found}, writes)
        if due.kind == "record":
            return Step(due.at, act, accounting.record_of(business, self.books[due.realm], bill, due.at))
        return Step(due.at, act)
