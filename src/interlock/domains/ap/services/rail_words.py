"""How a bill stands at the paying rail, in the loop's words (ramp.md §3). A state we don't know says nothing."""

from interlock.domains.ap.policy.course import RailWord
from interlock.rails.paying_states import BillAtRail, paid

_WORDS: dict[str, RailWord] = {
    "draft": "waiting",
    "approval_pending": "waiting",
    "approval_rejected": "waiting",
    "awaiting_release": "waiting",
    "blocked": "waiting",
    "on_hold": "waiting",
    "payment_details_missing": "waiting",
    "payment_not_instructed": "waiting",
    "pending_vendor_approval": "waiting",
    "waiting_for_vendor": "waiting",
    "held_by_provider": "under_way",
    "payment_processing": "under_way",
    "payment_ready": "under_way",
    "payment_scheduled": "under_way",
    "waiting_for_transaction_match": "under_way",
    "payment_completed": "paid",
    "payment_error": "failed",
    "archived": "cancelled",
}


def word_of(bill: BillAtRail) -> RailWord:
    """``waiting``: for people at the rail, also when they rejected it: they can still let it go, so it isn't over.

    Only what is archived there can't be paid any more (``cancelled``).
    """
    if paid(bill):
        return "paid"
    return word_of_state(bill.state)


def word_of_state(state: str) -> RailWord:
    """The same of the rail's summary alone, as it answers an instruction."""
    return _WORDS.get(state, "unknown")
