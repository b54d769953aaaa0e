"""How an account began: who it belongs to, and its past lived through by the very rules that hold from now on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from interlock_sandbox.bank.bank import movement
from interlock_sandbox.books import Books
from interlock_sandbox.stripe import happenings, invoice_items, payments, payouts, shapes
from interlock_sandbox.stripe.accounts import described
from interlock_sandbox.stripe.balance import CARD_DAYS, business_days_after, slot
from interlock_sandbox.stripe.invoicing import finalized
from interlock_sandbox.stripe.methods import made
from interlock_sandbox.stripe.past import Past, Receipt, first_bank_account
from interlock_sandbox.stripe.store import Account, Object, nulls, scrambled, stamp
from interlock_sandbox.world.workdays import on_or_after

FOUNDED = timedelta(days=700)
SCHEDULES = {1: "weekly", 7: "weekly", 10: "manual"}
SOME_OPEN = 600
UNMARKED = 7
Happens = tuple[datetime, int, Callable[[datetime], None]]


def platform(seed: int) -> Account:
    """The accounting firm's own account: its key reaches the clients' accounts by ``Stripe-Account``."""
    account = _account(seed, "platform", "", "The Platform", None)
    account.add(described(account, datetime(2024, 1, 1, tzinfo=UTC)))
    return account


def account_of(seed: int, index: int, books: Books) -> Account:
    account = _account(seed, books.realm_id, books.realm_id, books.name, first_bank_account(books))
    account.schedule = SCHEDULES.get(index % 12, "daily")
    account.arrival_days = 1 + index % 2
    return account


def _account(seed: int, word: str, realm: str, name: str, bank: str | None) -> Account:
    id_ = f"acct_1{scrambled(seed, 'account', word, length=15)}"
    keys = {
        "secret": f"sk_test_51{scrambled(seed, 'secret', word, length=30)}",
        "restricted": f"rk_test_51{scrambled(seed, 'restricted', word, length=30)}",
    }
    external: Object = nulls("account_type available_payout_methods") | {
        "id": f"ba_1{scrambled(seed, 'external', word, length=23)}", "object": "bank_account", "account": id_,
        "account_holder_name": name, "account_holder_type": "company", "bank_name": "EXTERNAL BANK", "country": "US",
        "currency": "usd", "default_for_currency": True, "fingerprint": scrambled(seed, "print", word, length=16),
        "last4": f"{int.from_bytes(scrambled(seed, 'last', word, length=4).encode()) % 10_000:04d}", "metadata": {},
        "routing_number": "110000000", "status": "new",
    }  # fmt: skip
    return Account(id_, seed, realm, name, keys, bank, external)


def lived(account: Account, past: Past) -> None:
    """Live the past through, silently: no event tells of it."""
    account.quiet = True
    account.add(described(account, past.opened - FOUNDED))
    beginnings = _Beginnings(account, past)
    for at, _, happens in sorted(beginnings.all(), key=lambda each: each[:2]):
        _catch_up(account, at)
        happens(at)
    _catch_up(account, past.opened)
    account.tried = past.opened
    account.quiet = False


def _catch_up(account: Account, now: datetime) -> None:
    while (found := account.first_due()) is not None and found[0] <= now:
        at, entry, act = found
        account.done(entry)
        happenings.happen(account, act, at)
        if act["act"] == "payout arrives":
            account.arrived.append((act["payout"], at))


def bank_lines(account: Account, past: Past) -> Iterator[tuple[dict[str, Any], datetime]]:
    """What the bank got in that past: net payouts, and the checks that stood in the books' deposits beside them."""
    assert account.qbo_account is not None, "only payouts to a bank account arrive at one"
    for id_, at in account.arrived:
        payout = account.get("payout", id_)
        reference = payouts.trace(account, payout)
        yield movement(
            account.realm, account.qbo_account, payout["amount"], "STRIPE TRANSFER", posted_at=at, reference=reference,
            counterparty="Stripe",
        ), at  # fmt: skip
    for deposit in past.deposits:
        if deposit.others:
            at = datetime.combine(on_or_after(deposit.dated), time(14), UTC)
            yield movement(account.realm, account.qbo_account, deposit.others, "REMOTE CHECK DEPOSIT", posted_at=at), at


class _Bill(NamedTuple):
    """What an invoice here is made from: one of the books."""

    qbo: str
    number: str
    customer: str
    amount: int
    words: str
    due: date | None


class _Beginnings:
    """The first causes of an account's past, each with its moment."""

    def __init__(self, account: Account, past: Past) -> None:
        self.account = account
        self.past = past
        self.customers: dict[str, Object] = {}
        self.causes: list[Happens] = []
        self.rows: dict[str, str] = {}

    def all(self) -> list[Happens]:
        self._known()
        receipts = [(each, deposit.id) for deposit in self.past.deposits for each in deposit.receipts]
        for receipt, group in [*receipts, *((each, "") for each in self.past.loose)]:
            self._receipt(receipt, group)
        self._payouts()
        for invoice in self.past.invoices:
            if self._draw("open", invoice.id) < SOME_OPEN:
                sent = self._moment(invoice.dated, "sent", invoice.id, hour=17)
                details = _Bill(
                    invoice.id, invoice.number, invoice.customer, invoice.amount, invoice.words, invoice.due
                )
                self._at(sent, partial(self._invoice, details))
        return self.causes

    def _known(self) -> None:
        """The customers, made known when they first did something here; for some nobody noted which of the books' they are."""
        first = self.past.opened - FOUNDED
        for number, (id_, body) in enumerate(self.past.customers.items()):
            told = {} if number % UNMARKED == UNMARKED // 2 else {"qbo_customer_id": id_}
            address = body.get("BillAddr", {})
            where = nulls("line2") | {
                "city": address.get("City"), "country": "US", "line1": address.get("Line1"),
                "postal_code": address.get("PostalCode"), "state": address.get("CountrySubDivisionCode"),
            }  # fmt: skip
            self.customers[id_] = self.account.add(
                shapes.customer(
                    self.account,
                    first + timedelta(hours=number),
                    name=body["DisplayName"],
                    metadata=told,
                    email=body["PrimaryEmailAddr"]["Address"],
                    address=where,
                )
            )

    def _receipt(self, receipt: Receipt, group: str) -> None:
        """A card receipt of the books was a charge; what it paid in full, an invoice here too."""
        for share in receipt.invoices:
            if receipt.customer in self.customers:
                sent = self._moment(share.dated, "sent", share.id, hour=12)
                details = _Bill(share.id, share.number, str(receipt.customer), share.amount, "Services", None)
                self._at(sent, partial(self._invoice, details))
        paid = self._moment(receipt.dated, "paid", receipt.id, hour=15)
        self._at(paid, partial(self._paid, receipt, group))

    def _paid(self, receipt: Receipt, group: str, at: datetime) -> None:
        account, customer = self.account, self.customers.get(str(receipt.customer))
        intent = account.add(
            shapes.payment_intent(account, at, receipt.amount, customer=customer and customer["id"],
                                  description=None if receipt.invoices else "Sale")
        )  # fmt: skip
        for share in receipt.invoices:
            invoice = account.find("invoice", self.rows.get(f"invoice {share.id}", ""))
            if invoice is not None and invoice["status"] == "open":
                default = payments_default(account, invoice)
                account.objects["payment_intent"].pop(default["payment"]["payment_intent"])
                default["payment"] = {"type": "payment_intent", "payment_intent": intent["id"]}
        method = made(account, at, "card", customer=None if customer is None else customer["id"])
        if customer is not None:
            method["billing_details"] |= {"name": customer["name"], "email": customer["email"]}
        payments.attempt(account, intent, method, at)
        row = account.get("charge", intent["latest_charge"])["balance_transaction"]
        self.rows[f"{group} {receipt.id}"] = row

    def _invoice(self, bill: _Bill, at: datetime) -> None:
        account = self.account
        style = self._draw("style", bill.qbo)
        known = self.customers[bill.customer]
        if bill.number in account.numbers:
            style = 999
        invoice = account.add(
            shapes.invoice(
                account, at, known, collection_method="send_invoice", number=bill.number if style < 700 and bill.number else None,
                metadata={"qbo_invoice_id": bill.qbo} if style >= 500 else {},
                due_date=stamp(max(at, datetime.combine(bill.due or at.date() + timedelta(days=30), time(23, 59), UTC))),
            )
        )  # fmt: skip
        item = shapes.invoice_item(account, at, known["id"], bill.amount, description=bill.words, invoice=invoice["id"])
        account.add(item)
        invoice_items.recount(account, invoice)
        finalized(account, invoice, at + timedelta(minutes=1))
        self.rows[f"invoice {bill.qbo}"] = invoice["id"]

    def _payouts(self) -> None:
        """Each deposit's receipts left together; by the week, all that had become available."""
        runs: dict[datetime, list[tuple[str, Receipt]]] = defaultdict(list)
        for deposit in self.past.deposits:
            last = max(each.dated for each in deposit.receipts)
            ready = business_days_after(datetime.combine(last, time(15), UTC), CARD_DAYS)
            schedule = "daily" if self.account.schedule == "manual" else self.account.schedule
            runs[slot(schedule, ready)] += [(deposit.id, each) for each in deposit.receipts]
        for at, taken in runs.items():
            if at <= self.past.opened:
                self._at(at, partial(self._pay_out, taken))

    def _pay_out(self, taken: list[tuple[str, Receipt]], at: datetime) -> None:
        rows = [self.rows[f"{group} {receipt.id}"] for group, receipt in taken]
        net = sum(self.account.get("balance_transaction", row)["net"] for row in rows)
        payouts.paid_out(self.account, net, at, None if self.account.schedule == "manual" else rows)

    def _at(self, at: datetime, happens: Callable[[datetime], None]) -> None:
        if at <= self.past.opened:
            self.causes.append((at, len(self.causes), happens))

    def _moment(self, day: date, *words: object, hour: int) -> datetime:
        """Some minute of the day, the same each time."""
        return datetime.combine(day, time(hour), UTC) + timedelta(minutes=self._draw(*words) % 180)

    def _draw(self, *words: object) -> int:
        """From 0 to 999, the same for the same words."""
        return int.from_bytes(self.account.named("draw", *words, length=8).encode()) % 1000


def payments_default(account: Account, invoice: Object) -> Object:
    """The payment that stands ready for an open invoice."""
    return next(
        each for each in account.all("invoice_payment") if each["invoice"] == invoice["id"] and each["is_default"]
    )
