"""Placing: every kind of cash to come, given its days by a stated rule (product-map §2.3). The parts, under one name. Pure."""

from interlock.runway.services.calculators.placed import RULES, Placed, assumed_minor, together
from interlock.runway.services.calculators.placing_forecast import (
    Written,
    bills_to_come,
    sales_to_come,
    takings_to_come,
)
from interlock.runway.services.calculators.placing_payments import (
    Committed,
    Essentials,
    OpenBill,
    bills,
    committed,
    in_flight,
)
from interlock.runway.services.calculators.placing_receipts import (
    OpenInvoice,
    PayoutDue,
    Waiting,
    deposits_in_transit,
    invoices,
    payouts,
    undeposited,
)
from interlock.runway.services.calculators.placing_recurring import (
    CardOwed,
    PlacedSeries,
    Recurs,
    Variance,
    confirmed,
    is_bill,
    missed,
    unconfirmed,
)

__all__ = [
    "RULES",
    "CardOwed",
    "Committed",
    "Essentials",
    "OpenBill",
    "OpenInvoice",
    "PayoutDue",
    "Placed",
    "PlacedSeries",
    "Recurs",
    "Variance",
    "Waiting",
    "Written",
    "assumed_minor",
    "bills",
    "bills_to_come",
    "committed",
    "confirmed",
    "deposits_in_transit",
    "in_flight",
    "invoices",
    "is_bill",
    "missed",
    "payouts",
    "sales_to_come",
    "takings_to_come",
    "together",
    "unconfirmed",
    "undeposited",
]
