"""What the company buys: bills as they arrive, goods ordered, goods returned, and what is bought over a counter."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from . import documents as doc
from .state import Company, Event, OpenBill, Supplier
from .treasury import top_up
from .workdays import on_or_after

BUSINESS_DAYS_A_MONTH = 21
RETURNS_PERMILLE = 40
ENTERED_TWICE_PERMILLE = 12
ORDERS_PERMILLE = 45
CREDIT_AWAITS_PAYMENT_UNTIL_DAYS = 75
RATES_IN_THOUSANDTHS = {"EUR": 1085, "GBP": 1270, "USD": 1000}


def rate_on(currency: str, day: date) -> Decimal:
    """US dollars for one unit of a currency on a day: a slow, repeatable swing around its level."""
    swing = abs((day.toordinal() % 180) - 90) - 45
    return Decimal(RATES_IN_THOUSANDTHS[currency] * 1000 + swing * 400) / 1_000_000


def enter_bill(
    company: Company,
    supplier: Supplier,
    cents: int,
    *,
    number: str | None = None,
    dated: date | None = None,
    due: date | None = None,
    account: str = "",
    order: str = "",
) -> OpenBill:
    """Enter a complete bill: numbered, with terms and due date. It is not yet among those the company will pay."""
    dated = dated or company.day
    due = due or supplier.terms.due(dated)
    number = supplier.number() if number is None else number
    freight = cents // 9 if not account and supplier.kind == "trade" and cents % 7 == 0 else 0
    lines = [doc.expense_line(account or supplier.account, cents - freight)]
    if freight:
        lines.append(doc.expense_line(company.chart.accounts["freight"], freight, "Carriage"))
    body = doc.bill(supplier.id, dated, due, number, lines)
    body["SalesTermRef"] = doc.ref(company.chart.terms[supplier.terms_key])
    rate = Decimal(1)
    if supplier.foreign:
        rate = rate_on(company.profile.currency, dated)
        body = doc.foreign(body, company.profile.currency, rate)
    if order:
        body["LinkedTxn"] = [{"TxnId": order, "TxnType": "PurchaseOrder"}]
    return OpenBill(company.desk.create("Bill", body), supplier, number, dated, due, cents, cents, rate)


def owe(company: Company, bill: OpenBill) -> OpenBill:
    """From now on the company means to pay this bill."""
    company.bills[bill.id] = bill
    return bill


def trade_cents(company: Company, supplier: Supplier) -> int:
    """The size of one more bill of a trade supplier; costs do not fall as fast as sales do.

    Never an amount this supplier billed before, or chance would look like a duplicate.
    """
    pace = company.demand() if company.profile.habit != "starved" else max(company.demand(), 960)
    cents = company.chance.around(supplier.mean_cents * (400 + pace * 6 // 10) // 1000, 650)
    while cents in supplier.amounts:
        cents += 7
    supplier.amounts.add(cents)
    return cents


def take_in_bills(company: Company) -> None:
    """The post of the day: standing bills on their day of the month, trade bills as they come."""
    for supplier in company.suppliers:
        if supplier.kind == "trade" or company.day != on_or_after(company.day.replace(day=supplier.day_of_month)):
            continue
        cents = supplier.mean_cents if supplier.kind == "fixed" else company.chance.around(supplier.mean_cents, 180)
        owe(company, enter_bill(company, supplier, cents))
    trade = [supplier for supplier in company.suppliers if supplier.kind == "trade"]
    monthly = max(4, company.profile.bills_a_month - (len(company.suppliers) - len(trade)))
    for _ in range(company.chance.arrivals(monthly * 1000 // BUSINESS_DAYS_A_MONTH)):
        _trade_bill(company, company.chance.pick(trade))


def _trade_bill(company: Company, supplier: Supplier) -> None:
    cents = trade_cents(company, supplier)
    if company.chance.happens(ORDERS_PERMILLE) and not supplier.foreign:
        _order(company, supplier, cents)
        return
    bill = owe(company, enter_bill(company, supplier, cents))
    if company.chance.happens(ENTERED_TWICE_PERMILLE):
        twin = enter_bill(company, supplier, cents, number=bill.number)
        company.desk.delete("Bill", twin.id)
    if company.chance.happens(RETURNS_PERMILLE) and not supplier.foreign:
        returned = cents * company.chance.between(8, 30) // 100
        wait = timedelta(days=company.chance.between(4, 10))
        company.expect(company.day + wait, Event("return goods", bill.id, returned))


def _order(company: Company, supplier: Supplier, cents: int) -> None:
    """Order goods: the bill follows when they come."""
    number = f"PO-{company.next_journal:04d}-{supplier.next_number}"
    body = doc.purchase_order(
        supplier.id, company.day, number, company.chart.items["materials"], cents, company.chart.accounts["payable"]
    )
    order = company.desk.create("PurchaseOrder", body)
    wait = timedelta(days=company.chance.between(8, 20))
    company.expect(company.day + wait, Event("goods arrive", f"{order}:{supplier.id}", cents))


def goods_arrive(company: Company, event: Event) -> None:
    """The bill for an order; linking it closes the order."""
    order, _, vendor = event.ref.partition(":")
    if company.live and company.desk.standing("PurchaseOrder", order) is None:
        return
    supplier = next(supplier for supplier in company.suppliers if supplier.id == vendor)
    owe(company, enter_bill(company, supplier, event.cents, order=order))


def return_goods(company: Company, event: Event) -> None:
    """A vendor credit for part of a bill: used at once, or (long ago) with the next payment to that vendor."""
    bill = company.bills.get(event.ref)
    if bill is None or bill.cents <= event.cents or bill.supplier.id in company.credits:
        return
    supplier = bill.supplier
    body = doc.vendor_credit(supplier.id, company.day, f"CR-{bill.number}", supplier.account, event.cents)
    credit = company.desk.create("VendorCredit", body)
    if company.day < company.as_of - timedelta(days=CREDIT_AWAITS_PAYMENT_UNTIL_DAYS):
        company.credits[supplier.id] = (credit, event.cents)
        return
    links = [doc.link_line(event.cents, "Bill", bill.id), doc.link_line(event.cents, "VendorCredit", credit)]
    checking = company.chart.accounts["checking"]
    company.desk.create("BillPayment", doc.bill_payment(supplier.id, company.day, checking, False, "", links, 0))
    bill.cents -= event.cents


def shop(company: Company) -> None:
    """Small purchases without a bill: mostly by card, some from the bank account, now and then a refund."""
    chance, accounts = company.chance, company.chart.accounts
    monthly = company.profile.card_purchases_a_month
    for _ in range(chance.arrivals(monthly * 1000 // BUSINESS_DAYS_A_MONTH)):
        cents = chance.around(14_500, 900)
        line = doc.expense_line(accounts[chance.pick(("office", "travel", "materials", "repairs"))], cents)
        shop_id = chance.pick(company.merchants)
        if chance.happens(750):
            body = doc.purchase(company.day, accounts["card"], "CreditCard", shop_id, [line])
            refund = chance.happens(30)
            company.move("card", -cents if refund else cents)
            company.desk.create("Purchase", body | {"Credit": True} if refund else body)
            continue
        top_up(company, cents)
        by_check = chance.happens(300)
        number = company.check_number() if by_check else ""
        kind = "Check" if by_check else "Cash"
        company.desk.create("Purchase", doc.purchase(company.day, accounts["checking"], kind, shop_id, [line], number))
        company.move("checking", -cents)
