"""What the state of a bill at the paying rail says of its money (ramp.md §3): one answer for the matcher, the tray and the pages.

A state we don't know counts as money that may be under way, never as money that went or stayed.
"""

from datetime import date
from typing import Protocol

from interlock.rails.witnesses import UNKNOWN

_PAID_STATE = "payment_completed"
_STAYS = frozenset(
    {
        "approval_rejected",
        "archived",
        "blocked",
        "payment_details_missing",
        "payment_error",
        "payment_not_instructed",
    }
)
_NEVER_LEFT = frozenset(
    {
        "approval_pending",
        "approval_rejected",
        "archived",
        "payment_details_missing",
        "payment_not_instructed",
        "pending_vendor_approval",
    }
)
_UNDER_WAY = frozenset(
    {
        "awaiting_release",
        "held_by_provider",
        _PAID_STATE,
        "payment_processing",
        "payment_ready",
        "payment_scheduled",
        UNKNOWN,
        "waiting_for_transaction_match",
    }
)
# Paid with the rail's own card, or outside of it: no debit of the rail's reaches the bank for these.
_NO_DEBIT = ("card", "manual", "credit", "unspecified")


class BillAtRail(Protocol):
    """As much of a bill there as its state is judged by."""

    @property
    def state(self) -> str: ...
    @property
    def payment_state(self) -> str: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def arrives_on(self) -> date | None: ...


def paid(bill: BillAtRail) -> bool:
    """The rail says that it is paid; either of its two words will do."""
    return bill.payment_state == "paid" or bill.state == _PAID_STATE


def may_still_go_out(bill: BillAtRail) -> bool:
    """A payment with a day is instructed there and nothing stops it: it goes out unless somebody acts."""
    dated = bill.starts_on is not None or bill.arrives_on is not None
    return dated and not paid(bill) and bill.state not in _STAYS


def under_way(state: str) -> bool:
    """Instructed, and neither refused, failed nor still to be decided there."""
    return state in _UNDER_WAY


def may_have_left(state: str) -> bool:
    """A bank may show a line of it; a payment that failed may have gone out and come back."""
    return state not in _NEVER_LEFT


def debits_the_bank(method: str | None) -> bool:
    """Whether a payment by this method shows on the bank's account; unknown ones may."""
    return not any(word in (method or "").lower() for word in _NO_DEBIT)
