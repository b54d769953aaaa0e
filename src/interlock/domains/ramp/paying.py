"""Acts at Ramp under keys of ours: a bill made with its payment, a draft handed to Ramp's people, a bill archived (ramp.md §3, §4).

Ramp has no idempotency. Our key is the bill's ``remote_id``, and bills with it are looked for before each POST, after it, and when
no answer came. The look-up believes no filter (Ramp ignores query parameters it doesn't know): every row says itself whose it is.
A bill that isn't found after a lost answer may still be on its way: it stays ``OutcomeUnknown``, and is never sent again by itself.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeVar

from interlock.domains.ramp import mapper, wire
from interlock.domains.ramp.client import RampClient, Still
from interlock.domains.ramp.mapper import RAIL, decoded
from interlock.domains.ramp.refusals import GONE, INCOMPLETE, UNKNOWN_FIELD
from interlock.kernel.errors import Busy
from interlock.rails.errors import ContractBroken, OutcomeUnknown, RailError, Rejected
from interlock.rails.moves import BillHandOff, Instructed, PaymentInstruction
from interlock.rails.witnesses import RailBill

Alone = Callable[[str], AbstractContextManager[Still | None]]
"""Held while one key is sent, over all processes; raises ``Busy`` at once when somebody else holds it.

What it gives says right before each sending whether the key may still be sent; ``None``: nobody ever gives it up.
"""

METHODS = {"ach": "ACH", "check": "CHECK", "wire": "DOMESTIC_WIRE"}
LONGEST_NUMBER = 20
_LONGEST_MEMO = 1_000
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}")
_PAGES_MOST = 200
_BEGUN_AGAIN_MOST = 3

Found = TypeVar("Found")


class Paying:
    """What may be done at one business's Ramp. ``alone``: see ``Alone``."""

    def __init__(self, client: RampClient, alone: Alone) -> None:
        self._client = client
        self._alone = alone

    async def pay_bill(self, instruction: PaymentInstruction) -> Instructed:
        """Makes an approved bill and instructs its payment; Ramp's own approvals are not asked for it.

        ``Rejected``: certainly nothing was made. ``OutcomeUnknown``: find it by its key.
        """
        _check(instruction)
        if instruction.method != "check" and not instruction.vendor_account_id:
            raise Rejected(RAIL, "Paid by ACH or wire, a vendor needs an account in Ramp. Nothing was made.", "account")
        async with _only(self._alone, instruction.key) as still:
            stands = await self._standing(instruction.key)
            if stands is None:
                return await self._make(instruction, still)
            _hold_against(instruction, stands)
            return _instructed(instruction.key, stands, found=True)

    async def find_payment(self, key: str) -> Instructed | None:
        """The bill under this key, archived ones included: one that was cancelled is not made again."""
        stands = await self._standing(key)
        return None if stands is None else _instructed(key, stands, found=True)

    async def hand_off_bill(self, bill: BillHandOff) -> Instructed:
        """Makes a draft and submits it to the business's own approvals. One that was cut off is completed, not made twice.

        ``Rejected`` after a draft was made says that it stands there. Whatever else keeps it from being submitted is
        ``OutcomeUnknown``: people there may submit it, so it is not *nothing*.
        """
        _check(bill)
        async with _only(self._alone, bill.key) as still:
            stands = await self._standing(bill.key)
            if stands is not None:
                _of_its_vendor(bill, stands)
                return _instructed(bill.key, stands, found=True)
            drafts = await self._drafts(bill.key)
            if len(drafts) > 1:
                raise _twice(bill.key, drafts)
            found = bool(drafts)
            if found:
                _of_its_vendor(bill, drafts[0])
            draft_id = drafts[0].id if drafts else await self._make_draft(bill, still)
            return await self._submit(bill.key, draft_id, still, found=found)

    async def find_hand_off(self, key: str) -> Instructed | None:
        """The bill under this key, or the draft that was not submitted; ``OutcomeUnknown`` where there is more than one."""
        drafts = await self._drafts(key)  # first: one that is submitted meanwhile shows as a bill
        stands = await self._standing(key)
        if stands is not None:
            return _instructed(key, stands, found=True)
        if len(drafts) > 1:
            raise _twice(key, drafts)
        return _instructed(key, drafts[0], found=True) if drafts else None

    async def cancel_payment(self, bill_id: str) -> None:
        """Archives the bill, and reads back that it is. ``Rejected`` when it is too late, or part of a batch."""
        if (await self._bill(bill_id)).archived_at is not None:
            return
        try:
            await self._client.act("DELETE", "bills/{id}", None, bill_id, bill_id)
        except OutcomeUnknown as unknown:
            await self._see_archived(bill_id, unknown)
        else:
            await self._see_archived(bill_id, None)

    async def _make(self, instruction: PaymentInstruction, still: Still | None) -> Instructed:
        try:
            raw = await self._send(instruction, still)
            made = mapper.bill(raw)
        except (OutcomeUnknown, ContractBroken) as lost:
            stands = await self._look_again(instruction.key, lost)
            _hold_against(instruction, stands)
            return _instructed(instruction.key, stands, found=True)
        found = await self._look_after(instruction.key)
        others = [each for each in found if each.id != made.id and each.archived_at is None]
        if others:
            raise _twice(instruction.key, [made, *others])
        # The listing may lag behind the answer, which is as good.
        seen = next((each for each in found if each.id == made.id), made)
        _hold_against(instruction, seen)
        return _instructed(instruction.key, seen, found=False)

    async def _send(self, instruction: PaymentInstruction, still: Still | None) -> bytes:
        """POST the bill. Ramp's models of 2026 no longer name ``payment_method``, those of 2025 need it: it is sent, and left out

        where Ramp refuses just that, which made nothing.
        """
        body = _body(instruction)
        try:
            return await self._client.act("POST", "bills", body, instruction.key, still=still)
        except Rejected as refusal:
            if refusal.reason != f"{UNKNOWN_FIELD}payment_method":
                raise
        without = {name: value for name, value in body.items() if name != "payment_method"}
        return await self._client.act("POST", "bills", without, instruction.key, still=still)

    async def _make_draft(self, bill: BillHandOff, still: Still | None) -> str:
        try:
            raw = await self._client.act("POST", "bills/drafts", _draft_body(bill), bill.key, still=still)
            return decoded(raw, wire.Named).id
        except (OutcomeUnknown, ContractBroken) as lost:
            drafts = await self._or_unknown(self._drafts, bill.key, lost)
            if len(drafts) > 1:
                raise _twice(bill.key, drafts) from lost
            if not drafts:
                raise _unknown(bill.key, lost) from lost
            return drafts[0].id

    async def _submit(self, key: str, draft_id: str, still: Still | None, *, found: bool) -> Instructed:
        try:
            await self._client.act("POST", "bills/drafts/{id}/submit", None, key, draft_id, still=still)
        except Rejected as refusal:
            submitted = await self.find_payment(key)  # by somebody else meanwhile
            if submitted is not None:
                return submitted
            what = "isn't complete" if refusal.reason == INCOMPLETE else "can't be submitted"
            raise Rejected(
                RAIL,
                f"The draft {draft_id} stands in Ramp and {what}; complete it there, or hand the bill off again."
                f" {refusal.sentence}",
                refusal.reason,
            ) from refusal
        except OutcomeUnknown as lost:
            return _instructed(key, await self._look_again(key, lost), found=True)
        except RailError as waiting:
            raise OutcomeUnknown(
                RAIL, f"The draft {draft_id} stands in Ramp and wasn't submitted: {waiting.sentence} Look it up.", key
            ) from waiting
        stands = await self._look_after(key)
        if not stands:
            raise OutcomeUnknown(RAIL, f"Ramp took the draft {draft_id} and shows no bill of it yet. Look it up.", key)
        if len(stands) > 1:
            raise _twice(key, stands)
        return _instructed(key, stands[0], found=found)

    async def _look_again(self, key: str, lost: RailError) -> RailBill:
        found = await self._or_unknown(self._standing, key, lost)
        if found is None:
            raise _unknown(key, lost) from lost
        return found

    async def _or_unknown(self, look: Callable[[str], Awaitable[Found]], key: str, lost: RailError) -> Found:
        """A look-up that fails leaves what was sent unknown, whatever else is wrong."""
        try:
            return await look(key)
        except OutcomeUnknown:
            raise
        except RailError as trouble:
            raise _unknown(key, lost, trouble.sentence) from trouble

    async def _look_after(self, key: str) -> list[RailBill]:
        """Every bill under the key once one was made; a look-up that fails here leaves two bills possible."""
        try:
            return await self._tagged(key)
        except RailError as trouble:
            raise OutcomeUnknown(
                RAIL, f"Ramp took it, and whether it stands there once couldn't be read back: {trouble.sentence}", key
            ) from trouble

    async def _see_archived(self, bill_id: str, lost: OutcomeUnknown | None) -> None:
        try:
            stands = await self._bill(bill_id)
        except Rejected as refusal:
            if refusal.reason == GONE and lost is None:
                return  # archived, and no longer shown by its id
            raise _unknown(bill_id, lost or refusal) from refusal
        except RailError as trouble:
            raise _unknown(bill_id, lost or trouble, trouble.sentence) from trouble
        if stands.archived_at is None and stands.state != "archived":
            said = lost.sentence if lost else "Ramp said that it is archived."
            raise OutcomeUnknown(RAIL, f"{said} It still shows the bill as {stands.state}; look again.", bill_id)

    async def _standing(self, key: str) -> RailBill | None:
        """The one bill under the key, or of none but archived ones the last."""
        found = await self._tagged(key)
        standing = [each for each in found if each.archived_at is None] or found[-1:]
        if len(standing) > 1:
            raise _twice(key, standing)
        return standing[0] if standing else None

    async def _tagged(self, key: str) -> list[RailBill]:
        """Bills under the key, standing ones first, each once: one that is archived while we look shows in both lists."""
        found: dict[str, RailBill] = {}
        for archived in ("false", "true"):
            async for raw in self._rows("bills", {"remote_id": key, "is_archived": archived}):
                if decoded(raw, wire.Tagged).remote_id == key:
                    each = mapper.bill(raw)
                    found[each.id] = each
        return sorted(found.values(), key=lambda each: each.archived_at is not None)

    async def _drafts(self, key: str) -> list[RailBill]:
        found: dict[str, RailBill] = {}
        async for raw in self._rows("bills/drafts", {"remote_id": key}):
            if decoded(raw, wire.Tagged).remote_id == key:
                each = mapper.draft(raw)
                found[each.id] = each
        return list(found.values())

    async def _rows(self, resource: str, params: dict[str, str]) -> AsyncIterator[bytes]:
        """Every row. Where the one that a page ended with is archived meanwhile, Ramp refuses the next page: it begins again."""
        following: str | None = None
        again = 0
        for _ in range(_PAGES_MOST):
            try:
                page = await self._client.listing(resource, params, following)
            except Rejected:
                again += 1
                if following is None or again > _BEGUN_AGAIN_MOST:
                    raise
                following = None
                continue
            for each in page.data:
                yield bytes(each)
            following = page.page.next
            if following is None:
                return
        raise ContractBroken(RAIL, f"Ramp has too many {resource} to find one among them; look there.", resource)

    async def _bill(self, bill_id: str) -> RailBill:
        return mapper.bill(await self._client.one("bills/{id}", bill_id))


@asynccontextmanager
async def _only(alone: Alone, key: str) -> AsyncIterator[Still | None]:
    """One at a time sends this key: two that looked and found nothing would both send."""
    guard = alone(key)
    entering = asyncio.ensure_future(asyncio.to_thread(guard.__enter__))
    try:
        still = await asyncio.shield(entering)
    except asyncio.CancelledError:  # the thread goes on, and what it takes is to be given back
        entering.add_done_callback(lambda done: done.exception() or guard.__exit__(None, None, None))
        raise
    except Busy as busy:
        raise Busy("The same instruction is being sent to Ramp now; look it up when that has ended.") from busy
    try:
        yield still
    finally:
        await asyncio.to_thread(guard.__exit__, None, None, None)


def _body(instruction: PaymentInstruction) -> dict[str, Any]:
    """Dates as days, the amount in major units as text (mapper.major): the one place where Ramp is told an amount to pay."""
    details = {
        "source_bank_account_id": instruction.funding_account_id,
        "payment_arrival_date": instruction.arrives_on.isoformat(),
    }
    if instruction.method != "check":
        details["vendor_account_id"] = str(instruction.vendor_account_id)
    return {
        **_draft_body(instruction),
        "payment_method": METHODS[instruction.method],
        "payment_details": details,
    }


def _draft_body(bill: PaymentInstruction | BillHandOff) -> dict[str, Any]:
    body: dict[str, Any] = {
        "vendor_id": bill.vendor_id,
        "entity_id": bill.entity_id,
        "invoice_number": bill.number,
        "invoice_currency": bill.amount.currency,
        "issued_at": bill.dated.isoformat(),
        "due_at": bill.due.isoformat(),
        "remote_id": bill.key,
        "line_items": [{"amount": mapper.major(bill.amount)}],
    }
    if bill.memo:
        body["memo"] = bill.memo[:_LONGEST_MEMO]
    return body


def _check(bill: PaymentInstruction | BillHandOff) -> None:
    """What Ramp would refuse, or not find again; said before anything is sent."""
    if not _KEY.fullmatch(bill.key):
        raise ValueError(f"A key has 1 to 120 letters, digits, '-', '_' or '.', not {bill.key!r}.")
    if bill.amount.minor <= 0:
        raise Rejected(RAIL, "An amount above zero is needed. Nothing was made.", "amount")
    if not 0 < len(bill.number) <= LONGEST_NUMBER:
        raise Rejected(
            RAIL, f"Ramp takes invoice numbers of 1 to {LONGEST_NUMBER} characters. Nothing was made.", "number"
        )


def _hold_against(instruction: PaymentInstruction, bill: RailBill) -> None:
    """A bill over another amount is not what was asked for: cents taken for dollars would show here."""
    if (bill.total_minor, bill.currency) != (instruction.amount.minor, instruction.amount.currency):
        raise OutcomeUnknown(
            RAIL,
            f"Ramp's bill {bill.id} is over {bill.currency} {bill.total_minor} in minor units, and"
            f" {instruction.amount.currency} {instruction.amount.minor} were asked for; look at it there.",
            instruction.key,
        )
    _of_its_vendor(instruction, bill)


def _of_its_vendor(asked: PaymentInstruction | BillHandOff, bill: RailBill) -> None:
    """What stands under a key that was used for another vendor is not this order's. Of a bill that was handed off nothing more

    is held: Ramp's people may have put its amount right.
    """
    if bill.vendor_id not in (None, asked.vendor_id):
        raise OutcomeUnknown(
            RAIL,
            f"Under this key stands Ramp's bill {bill.id} of vendor {bill.vendor_id}, and {asked.vendor_id} was asked for;"
            " look at it there.",
            asked.key,
        )


def _instructed(key: str, bill: RailBill, *, found: bool) -> Instructed:
    return Instructed(key, bill.id, bill.state, bill.url, found)


def _unknown(key: str, lost: RailError, then: str = "") -> OutcomeUnknown:
    looked = f"looking it up failed: {then}" if then else "it isn't there yet, and may still come."
    return OutcomeUnknown(RAIL, f"{lost.sentence} Then: {looked} Look it up again; it is not sent a second time.", key)


def _twice(key: str, bills: list[RailBill]) -> OutcomeUnknown:
    ids = ", ".join(sorted(each.id for each in bills))
    return OutcomeUnknown(
        RAIL, f"Ramp has more than one bill under {key}: {ids}. Look at them there and archive all but one.", key
    )
