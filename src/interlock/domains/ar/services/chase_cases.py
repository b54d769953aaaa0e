"""Invoices as the chase sees them: what both ledgers leave to ask for, what people said, and what was written so far."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ar.chasing_models import Chase, ChasingSetup, ContactOptOut, Reminder
from interlock.domains.ar.models import Customer, Invoice, InvoiceAnnotation
from interlock.domains.ar.policy.chasing import Case, Manner, Stage, State
from interlock.domains.ar.services.open_balances import OpenBalance, open_balances
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money

Row = TypeVar("Row", Chase, InvoiceAnnotation)

CHASED_MOST = 5_000
EQUAL_CREDIT_DAYS = 14
"""An unexplained credit of just this amount is taken for its payment so long; by then it is matched, or another's."""
NOT_TAKEN = "not_taken"
_LINE = "bank_line"
_OPT_OUT_WORDS = {
    "unsubscribed": "unsubscribed from reminders",
    "bounced": "does not take mail",
    "asked": "is not written to",
}


class Chased(Struct, frozen=True):
    """An invoice past due with everything that bears on asking for it."""

    invoice: Invoice
    customer_name: str
    round: int
    balance: OpenBalance
    case: Case


def manner_of(setup: ChasingSetup | None) -> Manner:
    """What a business chose; off where it chose nothing."""
    if setup is None:
        return Manner(on=False)
    return Manner(
        setup.on, setup.gentle_days, setup.firm_days, setup.final_days, setup.gap_days, setup.from_hour, setup.to_hour
    )


class ChaseCases:
    """Of one business, within the session's transaction. ``blocked``: findings that stop a chase, by invoice."""

    def __init__(self, db: Session, business: Business, *, today: date, blocked: Mapping[str, str]) -> None:
        self._db = db
        self._business = business
        self._id = business.business_id
        self._today = today
        self._blocked = blocked

    def past_due(self) -> list[Chased]:
        """Open invoices past due, the oldest first; the first 5,000."""
        query = select(Invoice).where(
            Invoice.business_id == self._id,
            Invoice.buried_at.is_(None),
            Invoice.voided.is_(False),
            Invoice.balance_minor > 0,
            or_(Invoice.due < self._today, Invoice.due.is_(None) & (Invoice.dated < self._today)),
        )
        return self._chased(self._db.scalars(query.order_by(Invoice.due, Invoice.id).limit(CHASED_MOST)).all())

    def one(self, invoice_id: str) -> Chased | None:
        """One invoice, whatever its state in the ledger; ``None`` where there is none that stands."""
        invoice = self._db.get(Invoice, (self._id, invoice_id))
        if invoice is None or invoice.buried_at is not None:
            return None
        return self._chased([invoice])[0]

    def _chased(self, invoices: Sequence[Invoice]) -> list[Chased]:
        ids = [each.id for each in invoices]
        if not ids:
            return []
        customers = self._customers({each.customer_id for each in invoices if each.customer_id is not None})
        chases = self._by_invoice(Chase, ids)
        held = self._by_invoice(InvoiceAnnotation, ids)
        balances = open_balances(self._db, self._id, ids)
        messages, contacts = self._messages(ids), self._contacts(sorted(customers))
        unwanted, credits = self._unwanted(), self._credits()
        found = []
        for invoice in invoices:
            customer, chase = customers.get(invoice.customer_id or ""), chases.get(invoice.id)
            address = (invoice.email or (customer.email if customer else None) or "").strip() or None
            balance, round_ = balances[invoice.id], chase.round if chase else 1
            written = [each for each in messages.get(invoice.id, ()) if each.round == round_]
            case = Case(
                due=invoice.due or invoice.dated,
                today=self._today,
                ask_minor=balance.ask_minor,
                state=_state(chase),
                until=chase.until if chase else None,
                why=chase.why if chase else None,
                differ=balance.why_not,
                in_flight=_in_flight(balance, credits),
                blocked=_held(held.get(invoice.id), self._today) or self._blocked.get(invoice.id),
                address=address,
                unwanted=unwanted.get(address.casefold()) if address else None,
                written={_stage(each): self._day(each) for each in written},
                last_contact=contacts.get(invoice.customer_id or ""),
                unknown=any(each.state in ("begun", "unknown") for each in written),
            )
            name = customer.name if customer else invoice.customer_name or "customer"
            found.append(Chased(invoice, name, round_, balance, case))
        return found

    def _customers(self, ids: set[str]) -> dict[str, Customer]:
        query = select(Customer).where(Customer.business_id == self._id, among(self._db, Customer.id, sorted(ids)))
        return {each.id: each for each in self._db.scalars(query)} if ids else {}

    def _by_invoice(self, model: type[Row], ids: Sequence[str]) -> dict[str, Row]:
        query = select(model).where(model.business_id == self._id, among(self._db, model.invoice_id, ids))
        return {each.invoice_id: each for each in self._db.scalars(query)}

    def _messages(self, ids: Sequence[str]) -> dict[str, list[Reminder]]:
        query = select(Reminder).where(
            Reminder.business_id == self._id, Reminder.state != NOT_TAKEN, among(self._db, Reminder.invoice_id, ids)
        )
        found: dict[str, list[Reminder]] = defaultdict(list)
        for each in self._db.scalars(query.order_by(Reminder.begun_at, Reminder.reminder_id)):
            found[each.invoice_id].append(each)
        return found

    def _contacts(self, customer_ids: Sequence[str]) -> dict[str, date]:
        """The last message to each customer, about whatever, also one of which nobody knows whether it went."""
        if not customer_ids:
            return {}
        query = select(Reminder).where(
            Reminder.business_id == self._id,
            Reminder.state != NOT_TAKEN,
            among(self._db, Reminder.customer_id, customer_ids),
        )
        return {
            each.customer_id: self._day(each)
            for each in self._db.scalars(query.order_by(Reminder.begun_at))
            if each.customer_id is not None
        }

    def _unwanted(self) -> dict[str, str]:
        query = select(ContactOptOut).where(ContactOptOut.business_id == self._id)
        return {
            each.address: f"{each.address} {_OPT_OUT_WORDS.get(each.how, 'is not written to')}."
            for each in self._db.scalars(query)
        }

    def _credits(self) -> set[tuple[str, int]]:
        """Amounts of money that came to the bank, is pending there or lately posted, and that nothing explains yet."""
        served = select(BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._id, BankMatchPart.kind == _LINE, BankMatchPart.active
        )
        query = select(BankLine.currency, BankLine.amount_minor).where(
            BankLine.business_id == self._id,
            BankLine.buried_at.is_(None),
            BankLine.amount_minor > 0,
            BankLine.dated >= self._today - timedelta(days=EQUAL_CREDIT_DAYS),
            BankLine.id.not_in(served),
        )
        return {(row.currency, row.amount_minor) for row in self._db.execute(query)}

    def _day(self, message: Reminder) -> date:
        return local_date(message.begun_at, self._business.time_zone)


def _state(chase: Chase | None) -> State:
    return "chased" if chase is None else chase.state  # type: ignore[return-value]  # written by ChaseService alone


def _stage(message: Reminder) -> Stage:
    return message.stage  # type: ignore[return-value]  # written by Reminders alone


def _held(annotation: InvoiceAnnotation | None, today: date) -> str | None:
    if annotation is None or annotation.hold_reason is None:
        return None
    if annotation.held_until is not None and annotation.held_until <= today:
        return None
    return f"Held: {annotation.hold_reason}."


def _in_flight(balance: OpenBalance, credits: set[tuple[str, int]]) -> str | None:
    if balance.in_flight_minor:
        return f"{Money(balance.in_flight_minor, balance.currency)} is on its way through Stripe."
    for minor in {balance.ask_minor, balance.ledger_minor}:
        if (balance.currency, minor) in credits:
            return f"The bank shows {Money(minor, balance.currency)} that nothing explains yet: it may be this."
    return None
