"""Edges of the pure loop, by whether the simulated weeks take them. All are counted; what is in neither table may be met."""

from tests.money_loop.reachable import table

Edge = tuple[str, str]
"""A stage and the name of what happened there."""

EDGES: frozenset[Edge] = frozenset(
    (str(stage), event) for way in ("outside", "hand_off", "create") for stage, event in table(way)
)
"""Every edge at which the loop can change anything."""

_TAKEN: dict[str, tuple[str, ...]] = {
    "SendBegun": ("to_send",),
    "SendMade": ("sending",),
    "SendLost": ("sending",),
    "NotSent": ("sending",),
    "Found": ("sending",),
    "NotFound": ("sending", "unknown"),
    "RailSaid": ("waiting", "under_way", "cleared", "recorded", "closed"),
    "BankShowed": ("to_pay", "under_way", "recorded", "late"),
    "LedgerShowed": ("to_pay", "waiting", "cleared", "late"),
    "RecordBegun": ("cleared",),
    "RecordMade": ("cleared",),
    "PersonSaid": ("unknown", "under_way"),
    "TimePassed": ("recorded", "to_pay"),
}
TAKEN: frozenset[Edge] = frozenset((stage, event) for event, stages in _TAKEN.items() for stage in stages)
"""A run of all seeds that misses one of these proves less than it did."""

NEVER: dict[Edge, str] = {
    (stage, "BankReturned"): "a return is looked for among payments alone that the bank's own line has shown"
    for stage in (
        "cancelled", "executed", "failed", "late", "recorded", "refused", "sending", "to_pay", "to_send", "under_way",
        "unknown", "unproven", "waiting",
    )
}  # fmt: skip
"""What no world can bring about, and why; the loop takes it all the same, since it trusts no order of things."""
