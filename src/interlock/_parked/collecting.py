"""Collecting: what Stripe can't say, and where QuickBooks' Accounting API ends."""

from interlock.rails.moves import CollectsInvoices, RefundsPayments
from interlock.rails.parking import ParkedRow

_PAYMENTS_API = "Intuit’s Payments API: a product and an OAuth scope of its own, which Interlock never asks for"

COLLECTING = (
    ParkedRow(
        key="manual-payouts-of-stripe",
        name="what a manual Stripe payout is made of",
        rail="stripe",
        capability="AttributesManualPayouts",
        reason="Stripe ties charges to automatic payouts only; of a manual one its reconciliation status is not_applicable.",
        source="Stripe’s documentation, payout reconciliation; the filter payout of balance transactions",
        unparks="Automatic payouts in the client’s Stripe settings, or Stripe attributing manual ones.",
        screen="balances",
    ),
    ParkedRow(
        key="collecting-through-quickbooks",
        name="collecting through QuickBooks Payments",
        rail="qbo",
        capability=CollectsInvoices,
        reason="The Accounting API takes no card and no bank payment.",
        source=_PAYMENTS_API,
        unparks="Nothing planned: invoices are collected by a rail made for it.",
        screen="console",
    ),
    ParkedRow(
        key="refunds-through-quickbooks",
        name="refunding through QuickBooks Payments",
        rail="qbo",
        capability=RefundsPayments,
        reason="A RefundReceipt in QuickBooks is an entry; no money goes back by it.",
        source=_PAYMENTS_API,
        unparks="Nothing planned: money goes back the way it came.",
    ),
)
