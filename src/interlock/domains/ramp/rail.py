"""What Ramp can do for a business (ramp.md, capability table). It pays bills and hands them off; it approves none, releases none,

tells no balance, and verifies no account.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from interlock.domains.ramp import mapper, notifications, wire
from interlock.domains.ramp.client import RampClient
from interlock.domains.ramp.mapper import RAIL, CannotKeep, decoded
from interlock.domains.ramp.paying import Alone, Paying
from interlock.domains.ramp.refusals import GONE
from interlock.infra.transport import Usage
from interlock.rails import reads
from interlock.rails.errors import ContractBroken, Rejected, Unavailable
from interlock.rails.facts import Fact, Page, Unread
from interlock.rails.listens import Hint, ListensForEvents
from interlock.rails.moves import (
    BillHandOff,
    CancelsPayments,
    HandsOffBills,
    Instructed,
    PaymentInstruction,
    PaysBills,
)
from interlock.rails.reads import Part
from interlock.rails.witnesses import FundingAccount, RailBill, RailVendor

# Drafts first: one that is submitted meanwhile shows again as a bill. Archived last, for the same reason.
_LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "drafts": ("bills/drafts", {}),
    "bills": ("bills", {"is_archived": "false"}),
    "archived": ("bills", {"is_archived": "true"}),
}
_PAGES_MOST = 100
_AGAIN_MOST = 500


class BusinessFacts(Struct, frozen=True):
    """The business that the app belongs to."""

    id: str
    name: str


class PayeeAccount(Struct, frozen=True):
    """Where a vendor can be paid. Ramp tells no number of it. ``method``: ``ach``, ``domestic_wire``, … or ``unknown``."""

    id: str
    name: str
    currency: str
    method: str
    default: bool


class RampRail(
    reads.ReadsRailVendors,
    reads.ReadsRailBills,
    reads.ReadsPayments,
    PaysBills,
    HandsOffBills,
    CancelsPayments,
    ListensForEvents,
):
    """One business's Ramp. ``now``: the house's clock; ``hook_secret``: of its webhook subscription; ``alone``: see ``Paying``."""

    def __init__(
        self,
        client: RampClient,
        business_id: str,
        now: Callable[[], datetime],
        alone: Alone,
        *,
        hook_secret: str = "",
    ) -> None:
        self.business_id = business_id
        self._client = client
        self._now = now
        self._paying = Paying(client, alone)
        self._hook_secret = hook_secret

    @property
    def usage(self) -> Usage:
        return self._client.usage

    async def business(self) -> BusinessFacts:
        it = decoded(await self._client.one("business"), wire.Business)
        if not 0 < len(it.id) <= 80:
            raise ContractBroken(RAIL, "Ramp doesn't say which business the app belongs to.", "business.id")
        named = (it.business_name_legal, it.name_legal, it.business_name_on_card)
        name = next((each.strip() for each in named if each and each.strip()), it.id)
        return BusinessFacts(it.id, name)

    async def try_reading(self) -> None:
        """Ask for a row or two of everything a sync reads: an app that lacks a scope says so here."""
        for resource in ("entities", "bank-accounts", "vendors", "bills", "bills/drafts"):
            await self._client.listing(resource, {}, rows=2)

    async def rail_vendors(self, cursor: str | None) -> Part:
        """Without their accounts, which are asked for vendor by vendor (``payee_accounts``)."""
        answer = await self._client.listing("vendors", {}, cursor)
        rows = tuple(mapper.vendor(bytes(each)) for each in answer.data)
        return Part(Page(RailVendor, rows, self._now()), answer.page.next)

    async def payee_accounts(self, vendor_id: str) -> tuple[PayeeAccount, ...]:
        """Where a vendor can be paid; none of a vendor that is gone."""
        found = [decoded(each, wire.VendorAccount) for each in await self._account_rows(vendor_id)]
        return tuple(
            PayeeAccount(
                each.id,
                each.account_nickname or each.nickname or "",
                each.currency or "USD",
                (each.payment_method or "unknown").lower(),
                each.is_default,
            )
            for each in found
        )

    async def _account_rows(self, vendor_id: str) -> list[bytes]:
        try:
            return await self._all("vendors/{id}/accounts", vendor_id)
        except Rejected as refusal:
            if refusal.reason == GONE:
                return []
            raise

    async def accounts_of(self, vendor_ids: Sequence[str]) -> dict[str, str]:
        """The accounts of each at Ramp, as ``mapper.payee_accounts`` tells them. One call a vendor, a few side by side."""
        asking = [asyncio.ensure_future(self._account_rows(each)) for each in vendor_ids]
        try:
            found = await asyncio.gather(*asking)
        finally:  # when one fails, none of the others outlives us
            for each in asking:
                each.cancel()
        return {vendor_id: mapper.payee_accounts(rows) for vendor_id, rows in zip(vendor_ids, found, strict=True)}

    async def rail_bills(self, cursor: str | None) -> Part:
        """Drafts, then bills, then archived ones. Traces aren't among what a listing tells."""
        which, _, following = (cursor or next(iter(_LISTS))).partition(" ")
        resource, params = _LISTS[which]
        answer = await self._client.listing(resource, params, following or None)
        page = self._bills([bytes(each) for each in answer.data], draft=which == "drafts")
        if answer.page.next is not None:
            return Part(page, f"{which} {answer.page.next}")
        names = list(_LISTS)
        after = names.index(which) + 1
        return Part(page, names[after] if after < len(names) else None)

    async def rail_bill(self, bill_id: str) -> Page:
        """One bill as it is now, its trace included; an empty page when there is none. Drafts have ids of their own."""
        try:
            raw = await self._client.one("bills/{id}", bill_id)
        except Rejected as refusal:
            if refusal.reason == GONE:
                return Page(RailBill, (), self._now())
            raise
        return self._bills([raw], draft=False)

    async def funding_accounts(self) -> Page:
        entities, accounts = await self._all("entities"), await self._all("bank-accounts")
        facts = tuple(mapper.funding_accounts(entities, accounts))
        return Page(FundingAccount, facts, self._now())

    async def payments_again(self, ids: Sequence[str]) -> list[Page]:
        """Bills by id with their payments, as they are now; those that are gone are left out. At most 500 at once."""
        if len(ids) > _AGAIN_MOST:
            raise ValueError(f"At most {_AGAIN_MOST} bills are read again at once, not {len(ids)}.")
        pages = [await self.rail_bill(each) for each in dict.fromkeys(ids)]
        return [page for page in pages if page.rows]

    async def pay_bill(self, instruction: PaymentInstruction) -> Instructed:
        return await self._paying.pay_bill(instruction)

    async def find_payment(self, key: str) -> Instructed | None:
        return await self._paying.find_payment(key)

    async def hand_off_bill(self, bill: BillHandOff) -> Instructed:
        return await self._paying.hand_off_bill(bill)

    async def find_hand_off(self, key: str) -> Instructed | None:
        return await self._paying.find_hand_off(key)

    async def cancel_payment(self, rail_id: str) -> None:
        await self._paying.cancel_payment(rail_id)

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """``Unavailable`` while the secret is being asked for: Ramp sends its challenge again then."""
        if self._hook_secret == notifications.BEING_SUBSCRIBED:
            raise Unavailable(RAIL, "This address is being subscribed to Ramp's notices; send it again.")
        return notifications.is_genuine(body, headers, self._hook_secret)

    def hints(self, body: bytes) -> Sequence[Hint]:
        return notifications.hints(body, self.business_id)

    def _bills(self, rows: Sequence[bytes], *, draft: bool) -> Page:
        facts: list[Fact] = []
        unread: list[Unread] = []
        for raw in rows:
            try:
                facts.append(mapper.draft(raw) if draft else mapper.bill(raw))
            except CannotKeep as trouble:
                unread.append(Unread(RailBill, decoded(raw, wire.Named).id, trouble.sentence))
        return Page(RailBill, tuple(facts), self._now(), tuple(unread))

    async def _all(self, resource: str, id_: str | None = None) -> list[bytes]:
        """Every row of a short list."""
        found: list[bytes] = []
        following: str | None = None
        for _ in range(_PAGES_MOST):
            answer = await self._client.listing(resource, {}, following, id_=id_)
            found += [bytes(each) for each in answer.data]
            following = answer.page.next
            if following is None:
                return found
        raise ContractBroken(RAIL, f"Ramp's {resource} have no end.", "page.next")
