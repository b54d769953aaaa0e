"""Checks on what customers owe and how it is asked for: A04, A08–A15 (product-map §1.12)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction

from interlock.kernel.money import Money
from interlock.kernel.workdays import workdays_between
from interlock.runway.services.calculators.books import Books, InvoiceEntry
from interlock.runway.services.calculators.checks_on_invoices import label, on_invoice
from interlock.runway.services.calculators.checks_on_payables import norm
from interlock.runway.services.calculators.collected import AtRail, Collected, IncomeDeposit, IssuedEntry
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import counted, on_day, sum_of

SAME_LINES_DAYS = 5
NEGLIGIBLE_MINOR = 500
NEGLIGIBLE_AFTER_DAYS = 60
INCOME_WITHIN_DAYS = 90
PAID_THERE_WORKDAYS = 2
LARGE_PART = Fraction(30, 100)
_NOTHING = Collected()


def duplicate_invoice(books: Books) -> Iterator[Claim]:
    """A04: the customer's same number twice, or the same lines and amount within five days; told of the later one, while open."""
    before: dict[str | None, list[IssuedEntry]] = defaultdict(list)
    for each in sorted(_collected(books).issued, key=lambda each: (each.dated, each.id)):
        twin = next((other for other in before[each.customer_id] if _same(each, other)), None)
        before[each.customer_id].append(each)
        if twin is None or not (each.open_minor > 0 or twin.open_minor > 0):
            continue
        same_number = bool(norm(each.number)) and norm(each.number) == norm(twin.number)
        yield Claim(
            Subject("invoice", each.id, each.customer_name, each.number),
            f"{_of(each, books.today)} may be {_of(twin, books.today)} again",
            f"Both carry the number {twin.number}."
            if same_number
            else f"The same lines and {sum_of(each.total, books.home_currency)} as one of {on_day(twin.dated, books.today)}.",
            each.total,
            "Void one of them, if they are one sale",
            (twin.id, twin.number, each.number, each.total_minor),
        )


def negligible(books: Books) -> Iterator[Claim]:
    """A08: five of home currency or less, more than sixty days past due: it costs more to chase than it brings."""
    for invoice in books.invoices:
        old = invoice.due is not None and invoice.due < books.today - timedelta(days=NEGLIGIBLE_AFTER_DAYS)
        if not old or not 0 < invoice.balance_minor <= NEGLIGIBLE_MINOR or invoice.currency != books.home_currency:
            continue
        yield Claim(
            on_invoice(invoice),
            f"{label(invoice, books.today)} leaves {sum_of(invoice.balance, books.home_currency)} open",
            f"Due {on_day(invoice.due or invoice.dated, books.today)}; nobody will chase it, and it ages the whole list.",
            invoice.balance,
            "Write it off",
            (invoice.balance_minor, invoice.due),
        )


def income_twice(books: Books) -> Iterator[Claim]:
    """A09: a deposit put straight to income, of a customer with an open invoice or of exactly its balance: income counted twice."""
    for deposit in _collected(books).to_income:
        invoice = next((each for each in books.invoices if _may_pay(deposit, each)), None)
        if invoice is None:
            continue
        yield Claim(
            Subject("deposit", deposit.deposit_id, invoice.customer_name, deposit.number),
            f"A deposit of {sum_of(deposit.amount, books.home_currency)} may be {label(invoice, books.today)} paid",
            f"It was put to {deposit.account_name} on {on_day(deposit.dated, books.today)} while the invoice stays open, "
            "so the sale may be counted twice.",
            min(deposit.amount, invoice.balance),
            "Receive it as a payment of the invoice, if it is one",
            (deposit.minor, deposit.dated, invoice.id, invoice.balance_minor),
            touches=(invoice.id,),
        )


def paid_there_open_here(books: Books) -> Iterator[Claim]:
    """A10: paid at the collecting rail for two workdays, and the books have it open: nobody is chased for it."""
    for there in _collected(books).at_rail:
        if there.paid_on is None or there.ledger_open_minor <= 0 or there.ledger_voided:
            continue
        if workdays_between(there.paid_on, books.today) < PAID_THERE_WORKDAYS:
            continue
        yield Claim(
            _subject(there),
            f"{_named(there)} is paid in Stripe and open in QuickBooks",
            f"Paid on {on_day(there.paid_on, books.today)}; until the books show it, it looks as if it were still owed.",
            Money(min(there.ledger_open_minor, there.total_minor), there.currency),
            "Record the payment in QuickBooks, to the Stripe clearing account",
            (there.paid_on, there.ledger_open_minor),
        )


def collected_twice(books: Books) -> Iterator[Claim]:
    """A11: nothing is open in the books, and the collecting rail still asks for it: the customer may pay twice."""
    for there in _collected(books).at_rail:
        if not there.collecting or there.open_minor <= 0 or not (there.ledger_voided or there.ledger_open_minor == 0):
            continue
        how = "is void" if there.ledger_voided else "shows nothing open"
        yield Claim(
            Subject("rail_invoice", there.id, there.customer_name, there.number),
            f"{_named(there)} is settled in QuickBooks, and Stripe still collects it",
            f"QuickBooks {how}; at Stripe {Money(there.open_minor, there.currency)} can still be paid.",
            Money(there.open_minor, there.currency),
            "Void the invoice in Stripe",
            (there.open_minor, there.ledger_open_minor, there.ledger_voided),
            touches=(there.ledger_id,),
            url=there.url,
        )


def broken_promise(books: Books) -> Iterator[Claim]:
    """A12: the day a customer gave has passed, and the invoice is open."""
    by_id = {each.id: each for each in books.invoices}
    for promise in _collected(books).promised:
        invoice = by_id.get(promise.invoice_id)
        if invoice is None or promise.promised_for >= books.today or invoice.balance_minor <= 0:
            continue
        promised = Money(promise.minor, invoice.currency)
        yield Claim(
            on_invoice(invoice),
            f"{invoice.customer_name or 'A customer'} did not keep a promise",
            f"{sum_of(promised, books.home_currency)} of {label(invoice, books.today)} was promised for "
            f"{on_day(promise.promised_for, books.today)}.",
            min(promised, invoice.balance),
            "Call them, or let the chase go on",
            (promise.id, promise.minor, promise.promised_for),
        )


def bounced_contact(books: Books) -> Iterator[Claim]:
    """A13: the last message about an open invoice did not arrive."""
    for invoice in books.invoices:
        address = _collected(books).bounced.get(invoice.id)
        if address is None or invoice.balance_minor <= 0:
            continue
        customer = Subject("customer", invoice.customer_id) if invoice.customer_id else None
        yield Claim(
            on_invoice(invoice),
            f"{label(invoice, books.today)} can’t be asked for: the mail came back",
            f"{address} did not take the last message, so nothing more is sent there.",
            invoice.balance,
            "Ask the customer for another address",
            (address,),
            mend_at=customer,
        )


def disputed(books: Books) -> Iterator[Claim]:
    """A14: the customer disputes it, at the rail or as noted here; it is left out of what is expected at the median."""
    by_id = {each.id: each for each in books.invoices}
    for each in _collected(books).disputed:
        invoice, amount = by_id.get(each.invoice_id), Money(each.minor, each.currency)
        until = f"; Stripe wants an answer by {on_day(each.answer_by, books.today)}" if each.answer_by else ""
        why = f": {each.why}" if each.why else ""
        yield Claim(
            on_invoice(invoice) if invoice else Subject("invoice", each.invoice_id),
            f"{sum_of(amount, books.home_currency)} of {label(invoice, books.today) if invoice else 'an invoice'} is disputed",
            f"{'A chargeback at Stripe' if each.at_rail else 'Noted here'}{why}{until}.",
            amount,
            "Answer it in Stripe" if each.at_rail else "Settle it with the customer",
            (each.minor, each.why, each.answer_by),
        )


def concentration(books: Books) -> Iterator[Claim]:
    """A15: one customer owes more than thirty percent of all that is open."""
    open_by: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    for invoice in books.invoices:
        if invoice.currency == books.home_currency and invoice.balance_minor > 0 and invoice.customer_id is not None:
            open_by[invoice.customer_id] += invoice.balance_minor
            names[invoice.customer_id] = invoice.customer_name or "A customer"
    whole = sum(open_by.values())
    for customer_id, minor in _largest_first(open_by):
        if len(open_by) < 2 or Fraction(minor, whole) <= LARGE_PART:
            return
        part = round(100 * Fraction(minor, whole))
        yield Claim(
            Subject("customer", customer_id, names[customer_id]),
            f"{names[customer_id]} owes {part}% of all receivables",
            f"{sum_of(Money(minor, books.home_currency), books.home_currency)} of "
            f"{sum_of(Money(whole, books.home_currency), books.home_currency)}, of {counted(len(open_by), 'customer')} who owe.",
            Money(minor, books.home_currency),
            "Watch this customer; what happens to it happens to the cash",
            (part,),
        )


def _collected(books: Books) -> Collected:
    return books.collected or _NOTHING


def _largest_first(by: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(by.items(), key=lambda each: (-each[1], each[0]))


def _same(one: IssuedEntry, other: IssuedEntry) -> bool:
    if one.currency != other.currency:
        return False
    if norm(one.number) and norm(one.number) == norm(other.number):
        return True
    near = abs((one.dated - other.dated).days) <= SAME_LINES_DAYS
    return near and one.total_minor == other.total_minor and bool(one.lines) and one.lines == other.lines


def _may_pay(deposit: IncomeDeposit, invoice: InvoiceEntry) -> bool:
    if invoice.balance_minor <= 0 or deposit.currency != invoice.currency or deposit.minor <= 0:
        return False
    within = invoice.dated <= deposit.dated <= invoice.dated + timedelta(days=INCOME_WITHIN_DAYS)
    theirs = deposit.customer_id is not None and deposit.customer_id == invoice.customer_id
    return within and (theirs or deposit.minor == invoice.balance_minor)


def _subject(there: AtRail) -> Subject:
    return Subject("invoice", there.ledger_id, there.customer_name, there.ledger_number)


def _named(there: AtRail) -> str:
    return f"Invoice {there.ledger_number or there.number or there.ledger_id}"


def _of(each: IssuedEntry, today: date) -> str:
    return f"Invoice {each.number}" if each.number else f"the invoice of {on_day(each.dated, today)}"
