"""From Ramp's objects to facts, pure (fields and sources: ``MAPPINGS.md``).

What a fact can't do without and an object doesn't have is ``ContractBroken``; a status we don't know is ``unknown``. What is kept
of a payload leaves out what changes by itself with every reading: signed addresses, running totals of spend.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from interlock.domains.ramp import wire
from interlock.kernel.money import Money, decimals
from interlock.rails import witnesses
from interlock.rails.errors import ContractBroken
from interlock.rails.witnesses import UNKNOWN

RAIL = "ramp"
DRAFT = "draft"
PAYS_BILLS = "BILL_PAY_BANK_ACCOUNT"

BILL_STATES = frozenset(
    {
        "approval_pending",
        "approval_rejected",
        "archived",
        "awaiting_release",
        "blocked",
        "held_by_provider",
        "on_hold",
        "payment_completed",
        "payment_details_missing",
        "payment_error",
        "payment_not_instructed",
        "payment_processing",
        "payment_ready",
        "payment_scheduled",
        "pending_vendor_approval",
        "waiting_for_transaction_match",
        "waiting_for_vendor",
    }
)
APPROVALS = frozenset({"initialized", "pending", "approved", "rejected", "terminated"})
PAYMENT_STATES = frozenset({"open", "paid"})
SYNC_STATES = frozenset({"not_synced", "bill_synced", "bill_and_payment_synced"})

_RUNNING = ("invoice_urls", "total_spend_all_time", "total_spend_last_30_days", "total_spend_last_365_days")
_RUNNING_TOO = ("total_spend_ytd", "is_deletable", "custom_form_collection_response")
_LONGEST_ID = 40
_CUT = {"number": 60, "remote_id": 120, "word": 40, "mask": 20}
_UNNAMED = "(no name)"
_HOME = "USD"

T = TypeVar("T")


class CannotKeep(ContractBroken):
    """A row that Ramp may well have and our columns have no place for: it is left out, and said to be; all others are kept."""


def decoded(raw: bytes, shape: type[T]) -> T:
    """One object; ``ContractBroken`` says where it isn't what was promised."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as trouble:
        raise _broken(f"Ramp sent a {shape.__name__} we can't read: {trouble}.", shape.__name__) from trouble


def minor(said: wire.CurrencyAmount, field: str) -> int:
    """What was read, in the currency's own minor units; exact, or ``ContractBroken``."""
    theirs, ours = said.minor_unit_conversion_rate, 10 ** decimals(currency(said.currency_code, field))
    if theirs is None or theirs == ours:
        return said.amount
    if theirs < 1 or said.amount * ours % theirs:
        raise _broken(
            f"Ramp counts {theirs} minor units to the {said.currency_code}: {said.amount} isn't exact.", field
        )
    return int(said.amount * ours // theirs)


def major(amount: Money) -> str:
    """What is written: major units as text, with the currency's own decimals (``Money(1230, 'USD')`` is ``12.30``)."""
    return f"{amount.amount:.{decimals(amount.currency)}f}"


def currency(code: str | None, field: str) -> str:
    """Three letters, upper case. What isn't (a stablecoin) can't be kept."""
    said = (code or "").upper()
    if len(said) != 3 or not (said.isascii() and said.isalpha()):
        raise CannotKeep(RAIL, f"Ramp names a currency {code!r} that we can't keep.", field)
    return said


def vendor(raw: bytes, accounts: str | None = None) -> witnesses.RailVendor:
    """``accounts``: those it has, as ``payee_accounts`` tells them, where that was asked; empty where it has none."""
    it = decoded(raw, wire.Vendor)
    return witnesses.RailVendor(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created_at),
        updated_at=_instant(it.updated_at),
        name=_clean(it.name) or _clean(it.name_legal) or _UNNAMED,
        active=it.is_active,
        email=_email(it.contacts),
        ledger_id=_short(it.accounting_vendor_remote_id),
        payable=None if accounts is None else accounts != "",
        accounts=accounts,
        address=_on_one_line(it.address),
        raw=_lineage(raw, {} if accounts is None else {"accounts_seen": accounts}),
    )


def funding_accounts(entities: Sequence[bytes], accounts: Sequence[bytes]) -> list[witnesses.FundingAccount]:
    """Every bank account an entity uses or the business has, once; of two entities, the one that pays bills from it names it."""
    known = {_id(it.id): (it, raw) for raw in accounts for it in [decoded(raw, wire.BankAccount)]}
    uses: dict[str, tuple[wire.Entity, bool]] = {}
    for entity in sorted((decoded(raw, wire.Entity) for raw in entities), key=lambda each: not each.is_primary):
        for use in entity.accounts:
            pays = use.usage_type == PAYS_BILLS
            id_ = use.bank_account_id
            if id_ is not None and (id_ not in uses or (pays and not uses[id_][1])):
                uses[_id(id_)] = (entity, pays)
    return [_funding(id_, known.get(id_), uses.get(id_)) for id_ in dict.fromkeys((*known, *uses))]


def bill(raw: bytes, trace: str | None = None) -> witnesses.RailBill:
    """``trace``: learnt before from the bill by its id, where this payload is a listing's, which has none."""
    it = decoded(raw, wire.Bill)
    paid = it.payment or wire.Payment()
    details = paid.details or wire.PaymentDetails()
    in_currency = currency(it.amount.currency_code, "bill.amount")
    known_trace = (paid.trace_id.trace_id if paid.trace_id else None) or trace
    return witnesses.RailBill(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created_at),
        updated_at=_instant(it.updated_at),
        number=_cut(it.invoice_number, "number"),
        remote_id=_cut(it.remote_id, "remote_id"),
        vendor_id=_short((it.vendor.id if it.vendor else None) or it.vendor_id),
        vendor_name=_clean(it.vendor.name) if it.vendor else None,
        dated=day(it.issued_at),
        due=day(it.due_at),
        currency=in_currency,
        total_minor=minor(it.amount, "bill.amount"),
        ledger_id=_ledger_id(it.deep_link_url),
        draft=False,
        state=state(it),
        approval=_known(it.approval_status, APPROVALS),
        payment_state=_known(it.status, PAYMENT_STATES),
        synced=_known(it.sync_status, SYNC_STATES),
        method=_cut(paid.payment_method.lower(), "word") if paid.payment_method else None,
        payment_id=_short(paid.id),
        batch_id=_short(paid.customer_friendly_payment_id),
        funding_account_id=_short(details.source_bank_account_id),
        payment_minor=_payment_minor(paid.amount, in_currency),
        starts_on=day(paid.effective_date) or day(paid.payment_date),
        arrives_on=day(paid.payment_arrival_date) or day(details.payment_arrival_date),
        paid_at=_instant(it.paid_at),
        trace=_clean(known_trace),
        archived_at=_instant(it.archived_at),
        url=_link(it.bill_url),
        raw=_lineage(raw, _with_trace(known_trace)),
    )


def draft(raw: bytes) -> witnesses.RailBill:
    """A bill before it is submitted: nobody was asked to approve it, and nothing of it is paid."""
    it = decoded(raw, wire.Draft)
    total, code = _of_draft(it)
    return witnesses.RailBill(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created_at),
        updated_at=_instant(it.updated_at),
        number=_cut(it.invoice_number, "number"),
        remote_id=_cut(it.remote_id, "remote_id"),
        vendor_id=_short((it.vendor.id if it.vendor else None) or it.vendor_id),
        vendor_name=_clean(it.vendor.name) if it.vendor else None,
        dated=day(it.issued_at),
        due=day(it.due_at),
        currency=code,
        total_minor=total,
        ledger_id=None,
        draft=True,
        state=DRAFT,
        approval="initialized",
        payment_state="open",
        synced="not_synced",
        method=None,
        payment_id=None,
        batch_id=None,
        funding_account_id=None,
        payment_minor=None,
        starts_on=None,
        arrives_on=None,
        paid_at=None,
        trace=None,
        archived_at=_instant(it.archived_at),
        url=None,
        raw=_lineage(raw, {}),
    )


def state(it: wire.Bill) -> str:
    """Ramp's own summary. Older answers have none: then only what is beyond doubt is said."""
    if it.archived_at is not None:
        return "archived"
    if it.status_summary is not None:
        return _known(it.status_summary, BILL_STATES)
    return "payment_completed" if (it.status or "").upper() == "PAID" else UNKNOWN


def day(text: str | None) -> date | None:
    """The date as written: the time of day beside it means nothing, so no time zone may move it."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise _broken(f"Ramp sent a date we can't read: {text[:40]!r}", "date") from None


def _of_draft(it: wire.Draft) -> tuple[int, str]:
    said = [it.amount] if it.amount is not None else [line.amount for line in it.line_items if line.amount is not None]
    code = currency(it.invoice_currency or (said[0].currency_code if said else _HOME), "draft.invoice_currency")
    return sum(minor(each, "draft.amount") for each in said), code


def _funding(
    id_: str, known: tuple[wire.BankAccount, bytes] | None, use: tuple[wire.Entity, bool] | None
) -> witnesses.FundingAccount:
    it = known[0] if known else wire.BankAccount(id_)
    entity, pays = use if use else (None, False)
    named = (it.nickname, it.account_name, it.name, it.institution_name)
    of_entity = {"entity_id": entity.id, "entity_name": entity.entity_name, "pays_bills": pays} if entity else {}
    return witnesses.FundingAccount(
        id=id_,
        version="",
        created_at=None,
        updated_at=None,
        name=next((text for each in named if (text := _clean(each))), _UNNAMED),
        mask=_cut(it.last_four or it.account_number_last_four, "mask"),
        entity_id=_short(entity.id) if entity else None,
        entity_name=_clean(entity.entity_name) if entity else None,
        currency=currency(it.currency or (entity.currency if entity else None) or _HOME, "bank_account.currency"),
        pays_bills=pays,
        raw=_lineage(known[1] if known else b"{}", of_entity),
    )


def _payment_minor(amount: wire.CurrencyAmount | None, in_currency: str) -> int | None:
    """What is paid, where that is in the bill's currency; a payment in another one is no amount of this bill's."""
    if amount is None or amount.currency_code.upper() != in_currency:
        return None
    return minor(amount, "payment.amount")


def _with_trace(trace: str | None) -> Mapping[str, Any]:
    """A listing's payload and the bill's own differ in the trace alone; with it put in, they are the same."""
    return {} if trace is None else {"trace_seen": trace}


def _lineage(raw: bytes, more: Mapping[str, Any]) -> bytes:
    """The payload without what changes by itself, and with what we were told of it elsewhere."""
    parts: dict[str, Any] = dict(decoded(raw, dict[str, msgspec.Raw]))
    for name in (*_RUNNING, *_RUNNING_TOO):
        parts.pop(name, None)
    if "trace_seen" in more and "payment" in parts:
        payment = decoded(bytes(parts["payment"]), dict[str, msgspec.Raw])
        payment.pop("trace_id", None)
        parts["payment"] = payment
    return msgspec.json.encode({**parts, **more})


def payee_accounts(rows: Sequence[bytes]) -> str:
    """A vendor's accounts as one text: ``5f2c… ach default; 88aa… domestic_wire``, by id. Empty where it has none."""
    found = sorted((decoded(each, wire.VendorAccount) for each in rows), key=lambda each: each.id)
    return "; ".join(
        f"{each.id} {(each.payment_method or UNKNOWN).lower()}{' default' if each.is_default else ''}" for each in found
    )


def _on_one_line(address: wire.Address | None) -> str | None:
    said = msgspec.structs.astuple(address) if address is not None else ()
    return ", ".join(part for each in said if (part := _clean(each))) or None


def _ledger_id(link: str | None) -> str | None:
    """QuickBooks' own id of the bill, where Ramp links to it there (``…/app/bill?txnId=145``)."""
    if not link:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    ids = parse_qs(parts.query).get("txnId", [])
    host = parts.hostname or ""
    ours = host == "intuit.com" or host.endswith(".intuit.com")
    return ids[0] if ours and len(ids) == 1 and ids[0].isascii() and ids[0].isdigit() and len(ids[0]) <= 40 else None


def _link(text: str | None) -> str | None:
    return text if text and text.startswith("https://") else None


def _email(contacts: Sequence[msgspec.Raw] | None) -> str | None:
    """Of the default contact, where the listing has more of it than its id."""
    found = []
    for each in contacts or ():
        if bytes(each).lstrip()[:1] == b"{":
            found.append(decoded(bytes(each), wire.Contact))
    found.sort(key=lambda contact: not contact.is_default)
    return next((text for contact in found if (text := _clean(contact.email))), None)


def _known(said: str | None, words: frozenset[str]) -> str:
    word = (said or "").lower()
    return word if word in words else UNKNOWN


def _id(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_ID:
        raise _broken(f"Ramp sent an id of {len(text)} characters.", "id")
    return text


def _short(text: str | None) -> str | None:
    return None if not text else _id(text)


def _cut(text: str | None, what: str) -> str | None:
    cleaned = _clean(text)
    return None if cleaned is None else cleaned[: _CUT[what]]


def _clean(text: str | None) -> str | None:
    """PostgreSQL keeps no NUL, and people read no spaces at the ends."""
    return (text or "").replace("\x00", "").strip() or None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise _broken(f"Ramp sent a time we can't read: {text[:40]!r}", "time") from None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)


def _broken(sentence: str, field: str) -> ContractBroken:
    return ContractBroken(RAIL, sentence, field)
