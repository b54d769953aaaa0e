"""Whether a record may be written, and whether the document that stands says what was asked. Pure."""

from datetime import timedelta, timezone

from interlock.domains.qbo.entries import Form, Paid, Recorded, Seen, Settings, differences
from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.refusals import rejected
from interlock.kernel.money import Money
from interlock.rails import facts
from interlock.rails.errors import ContractBroken, Rejected
from interlock.rails.records import LedgerRecord, Settled

_EARLIEST_ZONE = timezone(timedelta(hours=14))  # where a day begins first


def guard(form: Form, asked: Recorded, seen: Seen, settings: Settings) -> list[Paid]:
    """What is to be settled, or the refusal of what QuickBooks would refuse, or worse, take."""
    if asked.dated > seen.as_of.astimezone(_EARLIEST_ZONE).date():
        raise rejected("future", f"{asked.dated} hasn't begun anywhere; a record says what already happened.")
    closed = settings.preferences.accounting_info_prefs
    if closed is not None and closed.book_close_date is not None and asked.dated <= closed.book_close_date:
        raise rejected(
            "6210",
            f"The books are closed through {closed.book_close_date}, and this is dated {asked.dated}; have the closing "
            "date moved, or record it by hand with whoever closed them.",
        )
    if not settings.multicurrency and asked.amount.currency != settings.home_currency:
        raise rejected(
            "currency",
            f"This company keeps its books in {settings.home_currency} alone, not in {asked.amount.currency}.",
        )
    paid = [_still_open(form, asked, seen.paid.get(id_), id_, part) for id_, part in asked.applied]
    if len({each.control_account_id for each in paid if isinstance(each, facts.Bill)}) > 1:
        raise rejected("accounts", "These bills stand on different payables accounts; record one payment for each.")
    return paid


def _still_open(form: Form, asked: Recorded, found: Paid | None, id_: str, part: Money) -> Paid:
    name = f"{form.paid_name.capitalize()} {id_}"
    if found is None:
        raise rejected("610", f"{name} is not in QuickBooks any more; sync and choose again.")
    if found.voided:
        raise rejected("voided", f"{name} has been voided; there is nothing to settle.")
    # An invoice may be a sub-customer's: whether the payer may settle it, QuickBooks itself knows.
    if isinstance(found, facts.Bill) and found.vendor_id != form.party_of(asked):
        raise rejected("vendor", f"{name} is of vendor {found.vendor_id}, not {form.party_of(asked)}.")
    if found.currency != part.currency:
        raise rejected("currency", f"{name} is in {found.currency}, the payment in {part.currency}.")
    left = Money(found.balance_minor, found.currency)
    if left < part:
        raise rejected(
            "not_open",
            f"{name} has {left.currency} {left} open, less than the {part} to be recorded; somebody else may have "
            "recorded it. Sync and look at it.",
        )
    return found


def answer(form: Form, asked: Recorded, seen: Seen, *, found: bool) -> LedgerRecord:
    """The ledger's document as our answer, once it says what was asked."""
    shown = seen.ours
    assert shown is not None, "only what stands in the ledger is answered"
    name = f"{form.name} {shown.id}"
    if shown.voided:
        raise rejected("voided", f"This was recorded as {name} and has been voided in QuickBooks since.")
    unlike = differences(form, asked, shown)
    missing = [id_ for id_, _ in asked.applied if id_ not in seen.paid]
    if unlike or missing:
        said = "; ".join([*unlike, *(f"{form.paid_name} {id_} is gone" for id_ in missing)])
        if found:
            raise Rejected(
                RAIL,
                f"QuickBooks holds this record as {name}, but it shows {said}. Somebody may have changed it there, or the "
                "key was used for another payment. Nothing was written; look at it in QuickBooks.",
                "differs",
            )
        raise ContractBroken(
            RAIL, f"QuickBooks wrote {name}, but it shows {said}. Look at it in QuickBooks.", form.entity.wire_name
        )
    return LedgerRecord(
        key=asked.key,
        document_id=shown.id,
        version=shown.version,
        dated=shown.dated,
        amount=Money(shown.total_minor, shown.currency),
        settled=tuple(
            Settled(id_, part, Money(seen.paid[id_].balance_minor, seen.paid[id_].currency))
            for id_, part in asked.applied
        ),
        found=found,
        as_of=seen.as_of,
    )
