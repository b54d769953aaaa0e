"""What a record looks like as a QuickBooks document, and whether a document says what a record does. Pure.

QuickBooks can't search a private note (qbo.md §3), so the note only marks a document as ours; what finds it is its vendor or
customer and date, and the links on the bills or invoices it pays.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper import BY_KIND, Company, EntityMap
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money
from interlock.rails import facts
from interlock.rails.records import RecordedBillPayment, RecordedCustomerPayment, check_facts

LONGEST_KEY = 50  # of a requestid
APPLIED_MOST = 100
_LONGEST_NUMBER = 21
_LONGEST_NOTE = 4_000
_ID = re.compile(r"\d{1,20}")
_MARK_BEGINS = "[Interlock "

Recorded = RecordedBillPayment | RecordedCustomerPayment
Paid = facts.Bill | facts.Invoice
Ours = facts.BillPayment | facts.Payment


class Settings(Struct, frozen=True):
    """What the company's preferences say that a record depends on."""

    multicurrency: bool
    home_currency: str
    preferences: wire.Preferences

    @classmethod
    def of(cls, preferences: wire.Preferences, company: Company) -> "Settings":
        currencies = preferences.currency_prefs or wire.CurrencyPrefs()
        home = currencies.home_currency.value if currencies.home_currency else company.home_currency
        return cls(currencies.multi_currency_enabled, home, preferences)


class Seen(Struct, frozen=True):
    """One look at the ledger: the documents to be settled, and ours that settles them, if it stands there."""

    paid: dict[str, Paid]
    ours: Ours | None
    settings: Settings | None
    as_of: datetime


class Form(Struct, frozen=True):
    """One kind of record: the document it makes, the documents it settles, and whose they are."""

    name: str
    resource: str
    entity: EntityMap
    paid: EntityMap
    paid_name: str
    party_ref: str
    party_of: Callable[[Any], str]
    account_of: Callable[[Any], str]
    number_of: Callable[[Any], str | None]
    body: Callable[[Any, Sequence[Paid]], dict[str, Any]]


def check(form: Form, asked: Recorded, company: Company) -> None:
    """``BadInput`` for what QuickBooks can't take, before anything is sent."""
    check_facts(asked, longest_key=LONGEST_KEY)
    if len(asked.applied) > APPLIED_MOST:
        raise BadInput(f"A record names at most {APPLIED_MOST} documents, not {len(asked.applied)}.")
    for id_ in (form.party_of(asked), form.account_of(asked), *(document_id for document_id, _ in asked.applied)):
        if not _ID.fullmatch(id_):
            raise BadInput(f"QuickBooks' ids are numbers, not {id_!r}.")
    number = form.number_of(asked)
    if number is not None and not 0 < len(number) <= _LONGEST_NUMBER:
        raise BadInput(f"QuickBooks takes a number of 1 to {_LONGEST_NUMBER} characters, not {len(number)}.")
    if _MARK_BEGINS in asked.note:
        raise BadInput(f"A note can't contain {_MARK_BEGINS!r}: that is how Interlock knows its own records.")
    if len(_note(asked)) > _LONGEST_NOTE:
        raise BadInput(f"QuickBooks takes a note of {_LONGEST_NOTE} characters; this one has {len(asked.note)}.")
    if asked.amount.currency != company.home_currency and (asked.exchange_rate is None or asked.exchange_rate <= 0):
        raise BadInput(
            f"A payment in {asked.amount.currency} needs its exchange rate: without one QuickBooks books it one to one."
        )


def mark(key: str) -> str:
    """What a document of ours carries in its note."""
    return f"{_MARK_BEGINS}{key}]"


def document(form: Form, asked: Recorded, paid: Sequence[Paid], settings: Settings) -> dict[str, Any]:
    """The body to create. The date is always said: left out, it would be the server's."""
    currency: dict[str, Any] = {}
    if settings.multicurrency:
        currency["CurrencyRef"] = {"value": asked.amount.currency}
        if asked.amount.currency != settings.home_currency:
            currency["ExchangeRate"] = asked.exchange_rate
    return {
        form.party_ref: {"value": form.party_of(asked)},
        "TxnDate": asked.dated.isoformat(),
        "TotalAmt": asked.amount.amount,
        **currency,
        "PrivateNote": _note(asked),
        "Line": [
            {"Amount": part.amount, "LinkedTxn": [{"TxnId": id_, "TxnType": form.paid.wire_name}]}
            for id_, part in asked.applied
        ],
        **form.body(asked, paid),
    }


def differences(form: Form, asked: Recorded, shown: Ours) -> list[str]:
    """How a document differs from what was asked, in words; empty when it says the same."""
    party, account = _whose(shown)
    applied = Counter[str]()
    for link in shown.links:
        if link.position >= 0:
            name = (
                link.linked_id if link.linked_kind == form.paid.kind.entity else f"{link.linked_kind} {link.linked_id}"
            )
            applied[name] += link.amount_minor or 0
    pairs = (
        (form.party_ref.removesuffix("Ref").lower(), form.party_of(asked), party),
        ("account", form.account_of(asked), account),
        ("date", asked.dated.isoformat(), shown.dated.isoformat()),
        ("amount", _said(asked.amount), _said(Money(shown.total_minor, shown.currency))),
        ("method", getattr(asked, "method", None), getattr(shown, "method", None)),
        (
            "applied amounts",
            ", ".join(f"{id_}: {part}" for id_, part in sorted(asked.applied)),
            ", ".join(f"{id_}: {Money(minor, shown.currency)}" for id_, minor in sorted(applied.items())),
        ),
    )
    return [f"{name} {theirs}, not {ours}" for name, ours, theirs in pairs if ours != theirs]


def _whose(shown: Ours) -> tuple[str | None, str | None]:
    if isinstance(shown, facts.BillPayment):
        return shown.vendor_id, shown.account_id
    return shown.customer_id, shown.deposit_account_id


def _said(amount: Money) -> str:
    return f"{amount.currency} {amount}"


def _note(asked: Recorded) -> str:
    return f"{asked.note} {mark(asked.key)}".lstrip()


def _paid_from(asked: RecordedBillPayment, bills: Sequence[Paid]) -> dict[str, Any]:
    if asked.method == "card":
        account: dict[str, Any] = {
            "PayType": "CreditCard",
            "CreditCardPayment": {"CCAccountRef": {"value": asked.paid_from_account_id}},
        }
    else:
        account = {
            "PayType": "Check",
            # Nothing is to be printed: the payment has left already.
            "CheckPayment": {"BankAccountRef": {"value": asked.paid_from_account_id}, "PrintStatus": "NotSet"},
        }
    # Left out, QuickBooks takes its standard payables account, which need not be the bills'.
    control = {bill.control_account_id for bill in bills if isinstance(bill, facts.Bill)}
    payables = {"APAccountRef": {"value": next(iter(control))}} if None not in control else {}
    return {**account, **payables, **({"DocNumber": asked.number} if asked.number else {})}


def _deposited_to(asked: RecordedCustomerPayment, _: Sequence[Paid]) -> dict[str, Any]:
    return {
        "DepositToAccountRef": {"value": asked.deposit_to_account_id},
        "ProcessPayment": False,  # said aloud: no card is to be charged for it
        **({"PaymentRefNum": asked.reference} if asked.reference else {}),
    }


BILL_PAYMENT = Form(
    name="bill payment",
    resource="billpayment",
    entity=BY_KIND[facts.BillPayment],
    paid=BY_KIND[facts.Bill],
    paid_name="bill",
    party_ref="VendorRef",
    party_of=lambda asked: str(asked.vendor_id),
    account_of=lambda asked: str(asked.paid_from_account_id),
    number_of=lambda asked: asked.number,
    body=_paid_from,
)
CUSTOMER_PAYMENT = Form(
    name="payment",
    resource="payment",
    entity=BY_KIND[facts.Payment],
    paid=BY_KIND[facts.Invoice],
    paid_name="invoice",
    party_ref="CustomerRef",
    party_of=lambda asked: str(asked.customer_id),
    account_of=lambda asked: str(asked.deposit_to_account_id),
    number_of=lambda asked: asked.reference,
    body=_deposited_to,
)
