"""Every feature of the product, and the capabilities it needs. Which of them a business can have is ``rails.matrix``' to say.

It names what moves money, so no rail that moves none may reach it.
"""

from typing import Any

from msgspec import Struct

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


class Feature(Struct, frozen=True):
    """A thing the product does, and the capabilities it needs. ``key`` is what programs call it.

    ``screen``: the client's page (its path) where it is, or will be. ``built``: it is there; else rails may be ready for what
    no screen does yet, and nobody is told that it works.
    """

    key: str
    name: str
    needs: tuple[type[Any], ...]
    screen: str
    built: bool = True


FEATURES = (
    Feature("payables", "bills and what settles them", (ReadsVendors, ReadsBills), "bills"),
    Feature("receivables", "invoices and what settles them", (ReadsCustomers, ReadsInvoices), "invoices"),
    Feature("book-cash", "book cash", (ReadsAccounts,), "balances"),
    Feature("entries", "deposits, purchases, transfers and journals", (ReadsLedgerEntries,), "tray"),
    Feature("settings", "how the books are kept", (ReadsCompany,), "tray"),
    Feature("freshness", "changes as they happen", (FollowsChanges,), "connection"),
    Feature("notices", "notices that hasten a reading", (ListensForEvents,), "connection"),
    Feature("proof", "proof of completeness", (ReadsLedgerReports,), "connection"),
    Feature("recording-bills", "recording of bill payments", (RecordsBillPayments,), "connection"),
    Feature("recording-invoices", "recording of customers’ payments", (RecordsCustomerPayments,), "connection"),
    Feature("bank-links", "linking a bank at its own page", (LinksBanks,), "banks"),
    Feature("bank-balances", "what the bank says is there", (ReadsBankBalances,), "balances"),
    Feature("bank-lines", "bank lines, pending ones included", (ReadsBankTransactions,), "balances"),
    Feature(
        "drift", "drift between bank and books", (ReadsAccounts, ReadsBankBalances, ReadsBankTransactions), "balances"
    ),
    Feature(
        "account-links", "which bank account is which in the books", (ReadsAccounts, ReadsBankBalances), "identity"
    ),
    Feature("matching", "bank lines matched to the books", (ReadsLedgerEntries, ReadsBankTransactions), "match"),
    Feature("verify-account", "whether an account exists", (VerifiesAccounts,), "banks"),
    Feature("verify-owner", "whether an account’s owner is who is said", (VerifiesOwners,), "banks"),
    Feature("rail-bills", "bills as the paying rail has them", (ReadsRailVendors, ReadsRailBills), "bills"),
    Feature("payment-status", "how payments of bills stand", (ReadsRailBills, ReadsPayments), "bills"),
    Feature("one-bill", "one bill in books and paying rail", (ReadsBills, ReadsRailBills), "identity"),
    Feature("hand-off", "handing bills to the paying rail’s people", (ReadsBills, HandsOffBills), "pay-run"),
    Feature("pay", "approve and pay", (ReadsBills, PaysBills, ReadsPayments), "pay-run"),
    Feature("cancel", "cancelling a payment before it is under way", (ReadsPayments, CancelsPayments), "payments"),
    Feature("witnesses", "witnesses", (ReadsBills, ReadsBankTransactions), "payments"),
    Feature(
        "rail-invoices", "invoices as the collecting rail has them", (ReadsRailCustomers, ReadsRailInvoices), "invoices"
    ),
    Feature("one-invoice", "one invoice in books and collecting rail", (ReadsInvoices, ReadsRailInvoices), "identity"),
    Feature("receipts", "charges, refunds and disputes", (ReadsCharges, ReadsPayments), "invoices", built=False),
    Feature("payouts", "what a payout is made of", (ReadsPayouts, ReadsCharges, ReadsRailInvoices), "payouts"),
    Feature("collect", "collecting invoices", (ReadsInvoices, CollectsInvoices), "invoices"),
    Feature("refund", "giving a customer money back", (ReadsCharges, RefundsPayments), "invoices"),
    Feature("spendable", "what can be spent", (ReadsAccounts, ReadsBankBalances), "balances"),
    Feature("cash-path", "cash path", (ReadsAccounts, ReadsBankBalances), "overview"),
)
