"""Hygiene problems of invoices, customers and receipts, put into the books on purpose.

As in `flaws_in_bills`: each function writes one instance on the company's current day and answers what it planted.
"""

from __future__ import annotations

from . import documents as doc
from .desk import money
from .model import Planted
from .people import newcomer
from .receivables import receive
from .sales import enter_invoice, invoice_cents
from .state import Company, OpenInvoice


def _about(rule: str, invoice: OpenInvoice, note: str) -> Planted:
    return Planted(rule, "Invoice", invoice.id, money(invoice.cents), note)


def without_email(company: Company) -> list[Planted]:
    """Nobody to send it to; so it was never sent either, and both are true of it."""
    buyer = newcomer(company, email=False)
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    return [
        _about("A01", invoice, f"neither the invoice nor {buyer.name} has an e-mail address"),
        _about("A02", invoice, f"without an address for {buyer.name} it was never sent"),
    ]


def never_sent(company: Company) -> list[Planted]:
    buyer = company.chance.pick([buyer for buyer in company.buyers if not buyer.foreign])
    invoice = enter_invoice(company, buyer, invoice_cents(company), email="")
    return [_about("A02", invoice, f"{buyer.name} has an address but the invoice was not sent")]


def without_due_date(company: Company) -> list[Planted]:
    buyer = company.chance.pick([buyer for buyer in company.buyers if not buyer.foreign])
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    company.desk.change("Invoice", invoice.id, {"SalesTermRef": None, "DueDate": None})
    return [_about("A03", invoice, f"invoice to {buyer.name} has no due date and no terms")]


def payment_not_applied(company: Company) -> list[Planted]:
    buyer = newcomer(company)
    buyer.pays_by = "ach"
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    cents = max(100, invoice.cents * company.chance.between(40, 90) // 100)
    payment = receive(company, buyer, cents, [])
    note = f"{buyer.name} paid {money(cents)}, not applied while invoice {invoice.id} is open"
    return [Planted("A05", "Payment", payment, money(cents), note)]


def credit_not_applied(company: Company) -> list[Planted]:
    buyer = newcomer(company)
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    cents = max(100, invoice.cents * company.chance.between(10, 30) // 100)
    company.next_invoice += 1
    item = company.chart.items["service"]
    body = doc.credit_memo(buyer.id, company.day, f"CM-{company.next_invoice}", item, cents, buyer.email)
    memo = company.desk.create("CreditMemo", body)
    return [Planted("A06", "CreditMemo", memo, money(cents), f"open credit while invoice {invoice.id} is open")]


def paid_too_much(company: Company) -> list[Planted]:
    buyer = newcomer(company)
    buyer.pays_by = "ach"
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    surplus = max(100, invoice.cents * company.chance.between(5, 25) // 100)
    receive(company, buyer, invoice.cents + surplus, [(invoice, invoice.cents)])
    return [Planted("A07", "Customer", buyer.id, money(surplus), f"{buyer.name} paid more than was invoiced")]


def left_undeposited(company: Company) -> list[Planted]:
    buyer = newcomer(company)
    buyer.pays_by = "check"
    invoice = enter_invoice(company, buyer, invoice_cents(company))
    cents = invoice.cents
    payment = receive(company, buyer, cents, [(invoice, cents)])
    company.held.pop()
    return [Planted("C01", "Payment", payment, money(cents), f"check of {buyer.name} never taken to the bank")]


def booked_to_receivables(company: Company) -> list[Planted]:
    """A journal entry straight to A/R: the open invoices no longer sum to the control account."""
    buyer = company.chance.pick([buyer for buyer in company.buyers if not buyer.foreign])
    cents = invoice_cents(company)
    accounts = company.chart.accounts
    company.next_journal += 1
    lines = [
        doc.journal_line(accounts["receivable"], cents, "Fee agreed", ("Customer", buyer.id)),
        doc.journal_line(accounts["sales"], -cents, "Fee agreed"),
    ]
    number = f"AJ-{company.next_journal:04d}"
    entry = company.desk.create("JournalEntry", doc.journal(company.day, number, lines, "Fee to receivables"))
    return [Planted("X15", "JournalEntry", entry, money(cents), f"{number} debits A/R for {buyer.name}")]
