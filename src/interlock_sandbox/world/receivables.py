"""How customers pay, and how what they paid reaches the bank."""

from __future__ import annotations

from datetime import timedelta

from . import documents as doc
from .desk import Body
from .purchasing import rate_on
from .state import Buyer, Company, Event, Held, OpenInvoice

BANKING_WEEKDAYS = (1, 4)
PART_PAYMENT_PERMILLE = 60
TOGETHER_PERMILLE = 450
ON_ACCOUNT_PERMILLE = 15
CARD_FEE_PERMILLE = 29


def customer_pays(company: Company, event: Event) -> None:
    """A customer pays the invoice expected today, perhaps others with it, perhaps only a part."""
    invoice = company.invoices.get(event.ref)
    if invoice is None or not _still_open(company, invoice):
        return
    buyer, chance = invoice.buyer, company.chance
    paid = [invoice]
    if chance.happens(TOGETHER_PERMILLE):
        until = company.day + timedelta(days=4)
        others = (other for other in company.invoices.values() if other.buyer is buyer and other is not invoice)
        paid += [other for other in others if other.due <= until and _still_open(company, other)][:3]
    if len(paid) == 1 and not buyer.foreign:
        if chance.happens(PART_PAYMENT_PERMILLE) and invoice.cents > 20_000:
            part = invoice.cents * chance.between(40, 70) // 100
            receive(company, buyer, part, [(invoice, part)])
            company.expect(company.day + timedelta(days=chance.between(12, 30)), event)
            return
        if chance.happens(ON_ACCOUNT_PERMILLE) and not company.quiet:
            payment = receive(company, buyer, invoice.cents, [])
            company.on_account[payment] = company.invoices.pop(invoice.id)
            company.expect(company.day + timedelta(days=3), Event("apply payment", payment))
            return
    receive(company, buyer, sum(one.cents for one in paid), [(one, one.cents) for one in paid])


def receive(company: Company, buyer: Buyer, cents: int, uses: list[tuple[OpenInvoice, int]]) -> str:
    """Write a payment used on these invoices; checks wait in Undeposited Funds, the rest reaches the bank at once."""
    accounts, methods = company.chart.accounts, company.chart.methods
    links = [doc.link_line(part, "Invoice", invoice.id) for invoice, part in uses]
    waits = buyer.pays_by != "ach"
    number = str(company.chance.between(1000, 9999)) if buyer.pays_by == "check" else ""
    account = accounts["undeposited" if waits else "checking"]
    method = methods["card" if buyer.pays_by == "card" else "check"]
    body = doc.payment(buyer.id, company.day, account, method, number, cents, links)
    home = cents
    if buyer.foreign:
        rate = rate_on(company.profile.currency, company.day)
        body, home = doc.foreign(body, company.profile.currency, rate), round(cents * rate)
    payment = company.desk.create("Payment", body)
    if waits:
        company.held.append(Held(payment, "Payment", cents, buyer.pays_by))
    else:
        company.move("checking", home)
    for invoice, part in uses:
        invoice.cents -= part
        if not invoice.cents:
            company.invoices.pop(invoice.id, None)
    return payment


def apply_payment(company: Company, event: Event) -> None:
    """A payment taken on account is put to the invoice it was meant for."""
    invoice = company.on_account.pop(event.ref)
    if company.live and company.desk.standing("Payment", event.ref) is None:
        company.invoices[invoice.id] = invoice
    elif _still_open(company, invoice):
        line = doc.link_line(invoice.cents, "Invoice", invoice.id)
        company.desk.change("Payment", event.ref, {"Line": [line]})


def _still_open(company: Company, invoice: OpenInvoice) -> bool:
    """Whether the invoice is still there with something open; once live, others may have changed it."""
    if company.live:
        invoice.cents = company.desk.open_cents("Invoice", invoice.id)
        if invoice.cents <= 0:
            company.invoices.pop(invoice.id, None)
    return invoice.cents > 0


def bank_takings(company: Company) -> None:
    """Twice a week, what waits in Undeposited Funds goes to the bank on one slip, less the fee on card takings."""
    if company.day.weekday() not in BANKING_WEEKDAYS or not company.held:
        return
    slip = [held for held in company.held if not company.live or _still_held(company, held)]
    if slip:
        _pay_in(company, slip)
    company.held.clear()


def _still_held(company: Company, held: Held) -> bool:
    found = company.desk.standing(held.entity, held.id)
    return found is not None and not any(link.get("TxnType") == "Deposit" for link in found.get("LinkedTxn", []))


def _pay_in(company: Company, slip: list[Held]) -> None:
    accounts = company.chart.accounts
    total = sum(held.cents for held in slip)
    fee = sum(held.cents for held in slip if held.method == "card") * CARD_FEE_PERMILLE // 1000
    direct = [(-fee, accounts["bank_fees"], "Card processing fee")] if fee else []
    receipts = [(held.cents, held.entity, held.id) for held in slip]
    body: Body = doc.deposit(company.day, accounts["checking"], receipts, direct)
    company.desk.create("Deposit", body)
    company.move("checking", total - fee)
