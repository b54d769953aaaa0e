"""Payments that were decided on here, as checks see them: those still to be let go, and those that were, with their witnesses."""

from datetime import date, datetime

from msgspec import Struct

from interlock.domains.ap.policy.course import Course
from interlock.kernel.money import Money


class ApprovedEntry(Struct, frozen=True, gc=False):
    """A payment approved in full, of a bill that is still as it was approved, and that nobody let go yet."""

    id: str
    bill_id: str
    number: str | None
    vendor_name: str | None
    currency: str
    minor: int
    pay_on: date

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class ReleasedEntry(Struct, frozen=True, gc=False):
    """A payment that was let go. ``changed``: in what its bill is no longer as it was approved, in words.

    ``decided_anew``: a later payment of its bill stands; ``owed_minor``: what the books have open of the bill, ``None`` where it is
    gone. ``again``: other payments of the bill in the books, entered since, that no other decision of ours asked for, each id and
    minor units. ``gone_there``: the paying rail no longer has it; ``second_bill_id``: a bill that the paying rail's own sync made
    in the books beside the one that was paid. ``url``: its page at the rail.
    """

    id: str
    bill_id: str
    number: str | None
    vendor_name: str | None
    currency: str
    minor: int
    way: str
    course: Course
    pay_on: date
    released_on: date
    changed_on: date
    executed_on: date | None = None
    cleared_on: date | None = None
    recorded_on: date | None = None
    line_id: str | None = None
    returned_line_id: str | None = None
    ledger_payment_id: str | None = None
    why: str | None = None
    url: str | None = None
    changed: str | None = None
    decided_anew: bool = False
    owed_minor: int | None = None
    again: tuple[tuple[str, int], ...] = ()
    gone_there: bool = False
    second_bill_id: str | None = None

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class OverpaidBill(Struct, frozen=True, gc=False):
    """A bill with more linked payments in the books than its total."""

    bill_id: str
    number: str | None
    vendor_name: str | None
    currency: str
    total_minor: int
    paid_minor: int
    payments: tuple[str, ...]


class Released(Struct, frozen=True):
    """All of one business, over the time that is looked at. ``read_at``: the moment."""

    read_at: datetime
    approved: tuple[ApprovedEntry, ...] = ()
    payments: tuple[ReleasedEntry, ...] = ()
    overpaid: tuple[OverpaidBill, ...] = ()
