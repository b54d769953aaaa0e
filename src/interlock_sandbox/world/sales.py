"""What the company sells: invoices to customers on account, counter sales, refunds and allowances."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from . import documents as doc
from .desk import Body
from .purchasing import BUSINESS_DAYS_A_MONTH, rate_on
from .state import Buyer, Company, Event, Held, OpenInvoice

COUNTER_WEEKDAYS = (1, 4)
COUNTER_DAYS_A_MONTH = 9
TAX_PERMILLE = 82
ALLOWANCE_PERMILLE = 25
WRONG_INVOICE_PERMILLE = 8
REFUND_PERMILLE = 60
CARD_TAKINGS_PERMILLE = 700


def enter_invoice(company: Company, buyer: Buyer, cents: int, *, email: str | None = None) -> OpenInvoice:
    """Write a complete invoice and send it (to `email`; an empty one means it is never sent)."""
    day = company.day
    due = buyer.terms.due(day)
    company.next_invoice += 1
    item = company.chart.items["service"]
    extra = cents // 5 if cents % 3 == 0 else 0
    lines = [doc.sales_line(item, cents - extra)]
    if extra:
        lines.append(doc.sales_line(item, extra, "Additional work"))
    address = buyer.email if email is None else email
    body = doc.invoice(buyer.id, day, due, str(company.next_invoice), address, lines)
    body["SalesTermRef"] = doc.ref(company.chart.terms[buyer.terms_key])
    rate = Decimal(1)
    if buyer.foreign:
        rate = rate_on(company.profile.currency, day)
        body = doc.foreign(body, company.profile.currency, rate)
    return OpenInvoice(company.desk.create("Invoice", body), buyer, day, due, cents, rate)


def await_payment(company: Company, invoice: OpenInvoice) -> None:
    """The customer will pay: on a day drawn from how this customer pays."""
    company.invoices[invoice.id] = invoice
    late = timedelta(days=invoice.buyer.days_late(company.chance))
    company.expect(invoice.due + late, Event("customer pays", invoice.id))


def invoice_cents(company: Company) -> int:
    """The size of one more invoice today."""
    profile = company.profile
    mean = profile.revenue * (1000 - profile.retail_share) // 10 // profile.invoices_a_month
    return company.chance.around(mean * company.demand() // _volume(company), 700)


def _volume(company: Company) -> int:
    """How many invoices there are against an average month: half of demand shows in number, half in size."""
    return 500 + min(company.demand(), 2500) // 2


def issue_invoices(company: Company) -> None:
    """The invoices of the day."""
    profile, chance = company.profile, company.chance
    monthly = profile.invoices_a_month * _volume(company)
    likely = [buyer for buyer in company.buyers for _ in range(buyer.weight)]
    for _ in range(chance.arrivals(monthly // BUSINESS_DAYS_A_MONTH)):
        buyer, cents = chance.pick(likely), invoice_cents(company)
        if chance.happens(WRONG_INVOICE_PERMILLE):
            wrong = enter_invoice(company, buyer, cents + cents // 10)
            company.desk.void("Invoice", wrong.id)
        invoice = enter_invoice(company, buyer, cents)
        await_payment(company, invoice)
        if chance.happens(ALLOWANCE_PERMILLE) and not buyer.foreign:
            allowed = cents * chance.between(5, 20) // 100
            company.expect(company.day + timedelta(days=chance.between(4, 9)), Event("allow", invoice.id, allowed))


def allow(company: Company, event: Event) -> None:
    """A credit memo for part of an invoice, used on it at once by a payment without money."""
    invoice = company.invoices.get(event.ref)
    if invoice is None or invoice.cents <= event.cents:
        return
    buyer = invoice.buyer
    company.next_invoice += 1
    number = f"CM-{company.next_invoice}"
    body = doc.credit_memo(buyer.id, company.day, number, company.chart.items["service"], event.cents, buyer.email)
    memo = company.desk.create("CreditMemo", body)
    links = [doc.link_line(event.cents, "Invoice", invoice.id), doc.link_line(event.cents, "CreditMemo", memo)]
    accounts = company.chart.accounts
    method = company.chart.methods["check"]
    company.desk.create("Payment", doc.payment(buyer.id, company.day, accounts["undeposited"], method, "", 0, links))
    invoice.cents -= event.cents


def serve_counter(company: Company) -> None:
    """Counter takings, rung up as one sales receipt on two days a week, and now and then a refund."""
    profile = company.profile
    if not profile.retail_share or company.day.weekday() not in COUNTER_WEEKDAYS:
        return
    mean = profile.revenue * profile.retail_share // 10 // COUNTER_DAYS_A_MONTH * company.demand() // 1000
    method = "card" if company.chance.happens(CARD_TAKINGS_PERMILLE) else "cash"
    total, body = _rung_up(company, "undeposited", method, company.chance.around(mean, 300))
    receipt = company.desk.create("SalesReceipt", body)
    company.held.append(Held(receipt, "SalesReceipt", total, method))
    if company.chance.happens(REFUND_PERMILLE):
        total, body = _rung_up(company, "checking", "card", company.chance.around(6_000, 500))
        company.desk.create("RefundReceipt", body)
        company.move("checking", -total)


def _rung_up(company: Company, account: str, method: str, cents: int) -> tuple[int, Body]:
    """A counter sale or refund with sales tax where it is collected: (total, body)."""
    chart = company.chart
    body = doc.counter_sale(
        company.walk_in, company.day, chart.accounts[account], chart.methods[method], chart.items["retail"], cents
    )
    if not company.profile.sales_tax:
        return cents, body
    tax = cents * TAX_PERMILLE // 1000
    company.move("sales_tax", -tax if account == "checking" else tax)
    return cents + tax, doc.taxed(body, tax)
