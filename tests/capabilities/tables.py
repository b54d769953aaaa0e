"""What is known of each rail's public API, row by row, as data: what we claim of it, and what we must not.

``says`` is the answer as found: yes, no, or yes under conditions. ``claims`` are capabilities the rail's class has because of that
row; ``lacks`` are those it must not have, a text where no rail has a type for it.
"""

from typing import NamedTuple

from interlock.rails.capabilities import Capability
from interlock.rails.links import LinksBanks, VerifiesAccounts, VerifiesOwners
from interlock.rails.listens import FollowsChanges, ListensForEvents
from interlock.rails.moves import CancelsPayments, CollectsInvoices, HandsOffBills, PaysBills, RefundsPayments
from interlock.rails.reads import (
    ReadsAccounts,
    ReadsBankBalances,
    ReadsBankTransactions,
    ReadsBills,
    ReadsCharges,
    ReadsCompany,
    ReadsCustomers,
    ReadsInvoices,
    ReadsLedgerEntries,
    ReadsLedgerReports,
    ReadsPayments,
    ReadsPayouts,
    ReadsRailBills,
    ReadsRailCustomers,
    ReadsRailInvoices,
    ReadsRailVendors,
    ReadsVendors,
)
from interlock.rails.records import RecordsBillPayments, RecordsCustomerPayments


class Row(NamedTuple):
    names: str
    says: str
    claims: tuple[type, ...] = ()
    lacks: tuple[Capability, ...] = ()


_BILLS: tuple[type, ...] = (ReadsBills, ReadsRailBills)
_VENDORS: tuple[type, ...] = (ReadsVendors, ReadsRailVendors)
_INVOICES: tuple[type, ...] = (ReadsInvoices, ReadsRailInvoices)
_MOVES: tuple[type, ...] = (PaysBills, HandsOffBills, CancelsPayments, CollectsInvoices, RefundsPayments)

QBO = (
    Row(
        "ReadsBills, ReadsVendors, ReadsInvoices, ReadsCustomers, ReadsAccounts, ReadsLedgerEntries", "yes",
        (ReadsBills, ReadsVendors, ReadsInvoices, ReadsCustomers, ReadsAccounts, ReadsLedgerEntries, ReadsCompany, FollowsChanges),
    ),
    Row("ReadsLedgerReports", "yes", (ReadsLedgerReports,)),
    Row("ListensForEvents", "yes", (ListensForEvents,)),
    Row("RecordsBillPayments, RecordsCustomerPayments", "yes", (RecordsBillPayments, RecordsCustomerPayments)),
    Row("AttachesDocuments, notes", "yes, declined", lacks=("AttachesDocuments",)),
    Row("creating bills or invoices", "yes, declined", lacks=("CreatesBills", "CreatesInvoices")),
    Row("sending invoice e-mail", "yes, declined", lacks=("SendsInvoices",)),
    Row(
        "PaysBills, SchedulesPayments, CancelsPayments", "no",
        lacks=(PaysBills, HandsOffBills, CancelsPayments, "SchedulesPayments"),
    ),
    Row("CollectsInvoices, Refunds", "no", lacks=(CollectsInvoices, RefundsPayments)),
    Row("ReadsBankBalances, ReadsBankTransactions", "no", lacks=(ReadsBankBalances, ReadsBankTransactions, LinksBanks)),
    Row("VerifiesAccounts, VerifiesOwners", "no", lacks=(VerifiesAccounts, VerifiesOwners)),
)  # fmt: skip

RAMP = (
    Row("read_bills", "yes", (ReadsRailBills,)),
    Row("read_vendors", "yes", (ReadsRailVendors,), ("FingerprintsVendorAccounts",)),
    Row("create_bill", "yes", (PaysBills, HandsOffBills)),
    Row("approve_bill", "no", lacks=("ApprovesBills",)),
    Row("schedule_payment", "conditional", (PaysBills,), ("ReschedulesPayments",)),
    Row("execute_payment", "conditional", (PaysBills,), ("ReleasesPayments", "PaysVendors", "BatchesPayments")),
    Row("cancel_payment", "conditional", (CancelsPayments,)),
    Row("payment_status", "yes", (ReadsPayments,)),
    Row("hold/release_hold", "beta", lacks=("HoldsPayments",)),
    Row(
        "read_invoices, create_invoice, send_invoice, void_invoice, collect_payment", "no",
        lacks=(*_INVOICES, ReadsCustomers, ReadsRailCustomers, CollectsInvoices),
    ),
    Row("refund", "no", lacks=(RefundsPayments,)),
    Row("read_payouts", "no", lacks=(ReadsPayouts,)),
    Row("read_balances", "limited: cards", lacks=(ReadsBankBalances,)),
    Row("read_transactions", "yes: cards", lacks=(ReadsBankTransactions,)),
    Row("verify_account", "no", lacks=(VerifiesAccounts,)),
    Row("verify_owner", "no", lacks=(VerifiesOwners,)),
    Row("webhooks", "yes", (ListensForEvents,)),
)  # fmt: skip

PLAID = (
    Row("read_balances", "yes", (LinksBanks, ReadsBankBalances)),
    Row("read_transactions", "yes", (ReadsBankTransactions,)),
    Row("verify_account", "yes", (VerifiesAccounts,), ("VerifiesUnlinkedAccounts",)),
    Row("verify_owner", "yes, probabilistic", (VerifiesOwners,)),
    Row("webhooks", "yes", (ListensForEvents,)),
    Row(
        "execute_payment / cancel_payment / payment_status / refund", "conditional: as no",
        lacks=(PaysBills, CancelsPayments, ReadsPayments, RefundsPayments),
    ),
    Row("schedule_payment", "no", lacks=(PaysBills, HandsOffBills)),
    Row(
        "read_bills, read_vendors, create_bill, approve_bill, read_invoices, create/send/void_invoice, collect_payment, "
        "read_payouts", "no", lacks=(*_BILLS, *_VENDORS, *_INVOICES, *_MOVES, ReadsPayouts, "ApprovesBills"),
    ),
)  # fmt: skip

STRIPE = (
    Row("read_invoices", "yes", (ReadsRailCustomers, ReadsRailInvoices), (ReadsInvoices,)),
    Row("create_invoice", "yes", (CollectsInvoices,)),
    Row("send_invoice", "yes", (CollectsInvoices,)),
    Row("void_invoice", "yes", (CollectsInvoices,)),
    Row("collect_payment", "conditional", (CollectsInvoices,)),
    Row("refund", "yes", (RefundsPayments,)),
    Row("read_payouts", "yes", (ReadsPayouts,), ("AttributesManualPayouts",)),
    Row("read_balances", "yes: Stripe's own, declined", lacks=(ReadsBankBalances,)),
    Row("read_transactions", "yes: of its own balance", (ReadsCharges, ReadsPayouts), (ReadsBankTransactions,)),
    Row("payment_status", "yes", (ReadsPayments,)),
    Row("cancel_payment", "conditional, declined", lacks=(CancelsPayments,)),
    Row(
        "execute_payment (A/P) / read_bills / create_bill / approve_bill / read_vendors / schedule_payment", "no",
        lacks=(PaysBills, HandsOffBills, *_BILLS, *_VENDORS, "ApprovesBills"),
    ),
    Row("verify_account / verify_owner", "no", lacks=(VerifiesAccounts, VerifiesOwners, LinksBanks)),
    Row("webhooks", "yes", (ListensForEvents,)),
)  # fmt: skip

TABLES = {"qbo": QBO, "ramp": RAMP, "plaid": PLAID, "stripe": STRIPE}
