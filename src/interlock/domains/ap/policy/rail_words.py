"""What the paying rail's own state of a bill means for its payment (``rails.paying_states``, ramp.md §3), in one word. Pure.

A state we don't know is ``unknown``, never that the money went or stayed.
"""

from interlock.domains.ap.policy.course import RailWord

_WAITS = frozenset(
    {
        "approval_pending",
        "approval_rejected",
        "awaiting_release",
        "blocked",
        "draft",
        "on_hold",
        "payment_details_missing",
        "payment_not_instructed",
        "pending_vendor_approval",
        "waiting_for_vendor",
    }
)
_UNDER_WAY = frozenset(
    {
        "held_by_provider",
        "payment_processing",
        "payment_ready",
        "payment_scheduled",
        "waiting_for_transaction_match",
    }
)
_PAID, _FAILED = "payment_completed", "payment_error"
_STAYED = frozenset({"archived"})


def rail_word(state: str, payment_state: str = "") -> RailWord:
    """``state``: the rail's summary in lower case; ``payment_state``: ``paid`` counts whatever the summary is."""
    if payment_state == "paid" or state == _PAID:
        return "paid"
    if state == _FAILED:
        return "failed"
    if state in _STAYED:
        return "cancelled"
    if state in _UNDER_WAY:
        return "under_way"
    return "waiting" if state in _WAITS else "unknown"
