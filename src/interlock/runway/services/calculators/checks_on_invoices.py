"""Checks on invoices and what customers have paid: A01–A03, A05–A07, C01 (product-map §1.12)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books, InvoiceEntry, OpenCredit
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import counted, document, on_day, sum_of

SEND_WITHIN_DAYS = 3
DEPOSIT_WITHIN_DAYS = 7
SENT = "EmailSent"

_SHOWN_INVOICES = 3


def on_invoice(invoice: InvoiceEntry) -> Subject:
    return Subject("invoice", invoice.id, invoice.customer_name, invoice.number)


def label(invoice: InvoiceEntry, today: date) -> str:
    if invoice.number:
        return f"Invoice {invoice.number}"
    return document("invoice", invoice.customer_name, None, invoice.dated, today)


def no_email(books: Books) -> Iterator[Claim]:
    """A01: no address on the invoice and none on the customer."""
    for invoice in books.invoices:
        customer = books.customers.get(invoice.customer_id or "")
        if invoice.balance_minor <= 0 or invoice.email or (customer is not None and customer.email):
            continue
        yield Claim(
            on_invoice(invoice),
            f"{label(invoice, books.today)} has no address to chase",
            f"Neither the invoice nor {invoice.customer_name or 'its customer'} has an e-mail address.",
            invoice.balance,
            "Add the customer's e-mail",
            (invoice.email, customer.email if customer else None),
            mend_at=Subject("customer", customer.id) if customer else None,
        )


def never_sent(books: Books) -> Iterator[Claim]:
    """A02: not e-mailed more than three days after its date, by QuickBooks or the collecting rail. Other ways can't be seen."""
    by_rail = books.collected.sent if books.collected else frozenset()
    for invoice in books.invoices:
        late = invoice.dated < books.today - timedelta(days=SEND_WITHIN_DAYS)
        if invoice.balance_minor <= 0 or invoice.email_status == SENT or not late or invoice.id in by_rail:
            continue
        yield Claim(
            on_invoice(invoice),
            f"{label(invoice, books.today)} was never sent to {invoice.customer_name or 'its customer'}",
            f"Made {on_day(invoice.dated, books.today)}; QuickBooks has not e-mailed it.",
            invoice.balance,
            "Send it",
            (invoice.email_status, invoice.dated),
        )


def missing_due_date(books: Books) -> Iterator[Claim]:
    """A03: no due date, so nobody can say when it is late."""
    for invoice in books.invoices:
        if invoice.due is not None:
            continue
        term = books.terms.get(invoice.term_id or "")
        reason, fix = "It has no terms that give one, so nobody can say when it is late.", "Set the due date"
        if term is not None and term.due_days is not None:
            due = on_day(invoice.dated + timedelta(days=term.due_days), books.today)
            reason, fix = f"Its terms, {term.name}, would make it due {due}.", f"Set the due date to {due}"
        yield Claim(
            on_invoice(invoice),
            f"{label(invoice, books.today)} has no due date",
            reason,
            invoice.balance,
            fix,
            (invoice.due, invoice.dated, invoice.term_id),
        )


def payment_unapplied(books: Books) -> Iterator[Claim]:
    """A05: money of a customer sits on account while invoices of theirs are open, so those look larger than they are."""
    for credit, invoices in _with_open_invoices(books, "payment"):
        yield Claim(
            Subject("payment", credit.id, credit.party_name, credit.number),
            f"A payment from {credit.party_name or 'a customer'} is not applied",
            f"{sum_of(credit.open, books.home_currency)} of {on_day(credit.dated, books.today)} sits on the account while "
            f"{_named(invoices)} {'is' if len(invoices) == 1 else 'are'} open.",
            credit.open,
            "Apply the payment",
            (credit.open_minor, tuple(invoice.id for invoice in invoices)),
            touches=tuple(invoice.id for invoice in invoices),
        )


def credit_unapplied(books: Books) -> Iterator[Claim]:
    """A06: a credit memo is open while invoices of the customer are."""
    for credit, invoices in _with_open_invoices(books, "credit_memo"):
        yield Claim(
            Subject("credit_memo", credit.id, credit.party_name, credit.number),
            f"A credit of {credit.party_name or 'a customer'} is not applied",
            f"{credit.number or 'A credit memo'} of {on_day(credit.dated, books.today)} leaves "
            f"{sum_of(credit.open, books.home_currency)} unused while {_named(invoices)} "
            f"{'is' if len(invoices) == 1 else 'are'} open.",
            credit.open,
            "Apply the credit",
            (credit.open_minor, tuple(invoice.id for invoice in invoices)),
        )


def negative_balance(books: Books) -> Iterator[Claim]:
    """A07: the customer has paid more than was invoiced."""
    for customer in books.customers.values():
        if customer.balance_minor >= 0:
            continue
        owed = Money(-customer.balance_minor, customer.currency)
        yield Claim(
            Subject("customer", customer.id, customer.name),
            f"{customer.name} has a balance below zero",
            f"They have paid {sum_of(owed, books.home_currency)} more than is invoiced.",
            owed,
            "Apply it, or give it back",
            (customer.balance_minor,),
        )


def undeposited(books: Books) -> Iterator[Claim]:
    """C01: a receipt in Undeposited Funds for more than seven days, in no deposit."""
    until = books.today - timedelta(days=DEPOSIT_WITHIN_DAYS)
    for receipt in books.undeposited:
        if receipt.dated >= until or receipt.total_minor <= 0:
            continue
        amount = Money(receipt.total_minor, receipt.currency)
        days = (books.today - receipt.dated).days
        yield Claim(
            Subject(receipt.kind, receipt.id, receipt.customer_name, receipt.number),
            f"{sum_of(amount, books.home_currency)} from {receipt.customer_name or 'a customer'} is not deposited",
            f"In Undeposited Funds since {on_day(receipt.dated, books.today)}, {counted(days, 'day')}; no deposit takes it.",
            amount,
            "Enter the deposit, or find it in one",
            (receipt.dated, receipt.total_minor),
        )


def _with_open_invoices(books: Books, kind: str) -> Iterator[tuple[OpenCredit, list[InvoiceEntry]]]:
    open_by_customer: dict[str, list[InvoiceEntry]] = defaultdict(list)
    for invoice in books.invoices:
        if invoice.customer_id is not None and invoice.balance_minor > 0:
            open_by_customer[invoice.customer_id].append(invoice)
    for credit in books.customer_credits:
        invoices = open_by_customer.get(credit.party_id or "")
        if credit.kind == kind and credit.open_minor > 0 and invoices:
            yield credit, invoices


def _named(invoices: list[InvoiceEntry]) -> str:
    if len(invoices) > _SHOWN_INVOICES or any(invoice.number is None for invoice in invoices):
        return counted(len(invoices), "invoice")
    word = "invoice" if len(invoices) == 1 else "invoices"
    return f"{word} {' and '.join(str(invoice.number) for invoice in invoices)}"
