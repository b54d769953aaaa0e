"""Asking customers to pay: where each late invoice stands in it, with which words, and every message that was written."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ar.chasing_models import ContactOptOut, Reminder
from interlock.domains.ar.models import Invoice
from interlock.domains.ar.policy.chase_words import PLACES, filled
from interlock.domains.ar.policy.chasing import CHASE, STAGES, Ask, Manner, Stage, next_message
from interlock.domains.ar.services.chase_cases import ChaseCases, Chased, manner_of
from interlock.domains.ar.services.chase_service import ChaseService, Decided
from interlock.domains.ar.services.reminders import places_of
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.calendar_service import find_due
from interlock.infra.db.bulk import among
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls
from interlock.runway.services.views import Amount, BusinessView, Instant, View

ROWS_MOST = 500
MESSAGES_MOST = 200
_SAMPLE = {
    "customer": "Sample Customer",
    "invoice": "1001",
    "amount": "1,000.00",
    "due": "1 November 2026",
    "days_late": "10 days",
    "pay": "Pay online: https://pay.example/1001",
}


class MessageView(View):
    """One message. ``subject``, ``body``: as it went out; ``state``: begun, sent, not_taken, unknown or bounced; ``trouble``: what

    a person should know of it.
    """

    reminder_id: str
    invoice_id: str
    number: str | None
    stage: str
    round: int
    amount: Amount
    recipient: str
    subject: str
    body: str
    state: str
    trouble: str | None
    at: Instant


class ChaseRow(View):
    """A late invoice. ``state`` as people decided; ``next``: what comes, or why it waits, ``next_on``: the first day of it;

    ``needs_person``: nothing happens by itself.
    """

    invoice_id: str
    number: str | None
    customer_id: str | None
    customer: str
    address: str | None
    due: date
    days_late: int
    asked: Amount
    state: str
    sent: tuple[str, ...]
    next: str
    next_on: date | None
    needs_person: bool


class WordsView(View):
    """The words of a stage. ``accepted``: a person has read just these; ``sample_…``: as a customer would read them."""

    stage: str
    subject: str
    body: str
    digest: str
    accepted: bool
    sample_subject: str
    sample_body: str


class MannerView(View):
    """How customers are asked. ``looks_at``: when what is due is next looked for; ``trouble``: why the last try failed."""

    on: bool
    sender_name: str | None
    reply_to: str | None
    gentle_days: int
    firm_days: int
    final_days: int
    gap_days: int
    from_hour: str
    to_hour: str
    looks_at: Instant | None
    trouble: str | None


class OptOutView(View):
    address: str
    how: str
    why: str | None
    at: Instant


class CollectionsExperience(View):
    """``rows``: in the order in which money is expected before the low point, the first 500 of ``rows_count``."""

    business: BusinessView
    ask: str
    say: str
    manner: MannerView
    words: tuple[WordsView, ...]
    places: Mapping[str, str]
    rows: tuple[ChaseRow, ...]
    rows_count: int
    messages: tuple[MessageView, ...]
    messages_count: int
    opted_out: tuple[OptOutView, ...]


class ChaseDone(View):
    """What was decided, and where the invoices stand now."""

    invoices: tuple[str, ...]
    words: str


class _Late(NamedTuple):
    """Late invoices as they are shown, how many there are, and what stands in the places of the first one's messages."""

    rows: tuple[ChaseRow, ...]
    whole: int
    sample: Mapping[str, str]


class CollectionsService:
    """Collections of one business, within the session's transaction.

    ``order``: ids of late invoices, whom to chase first; ``blocked``: findings that stop a chase, by invoice; ``recall``: what is
    kept of the mirror.
    """

    def __init__(
        self,
        db: Session,
        business: Business,
        service: ChaseService,
        *,
        order: Sequence[str],
        blocked: Mapping[str, str],
        recall: Recalls,
    ) -> None:
        self._db = db
        self._business = business
        self._service = service
        self._order = {id_: place for place, id_ in enumerate(order)}
        self._blocked = blocked
        self._recall = recall

    def get_collections_experience(self) -> CollectionsExperience:
        """The page."""
        setup = self._service.setup()
        manner = manner_of(setup)
        late = self._recall("late invoices", lambda: self._late(manner))
        rows = late.rows
        due = find_due(self._db, Scope(self._business.firm_id, self._business.business_id), CHASE)
        messages, count = self._messages()
        return CollectionsExperience(
            business=BusinessView.of(self._business),
            ask=f"Who is asked to pay {self._business.name}, and what was written?",
            say=self._say(manner, rows, late.whole),
            manner=MannerView(
                on=manner.on,
                sender_name=setup.sender_name if setup else None,
                reply_to=setup.reply_to if setup else None,
                gentle_days=manner.gentle_days,
                firm_days=manner.firm_days,
                final_days=manner.final_days,
                gap_days=manner.gap_days,
                from_hour=manner.from_hour,
                to_hour=manner.to_hour,
                looks_at=due.due_at if due and manner.on else None,
                trouble=due.trouble if due else None,
            ),
            words=tuple(self._words(stage, late.sample) for stage in STAGES),
            places=PLACES,
            rows=rows,
            rows_count=late.whole,
            messages=messages,
            messages_count=count,
            opted_out=self._opted_out(),
        )

    def decide(self, invoice_ids: Sequence[str], decided: Decided) -> ChaseDone:
        """The same about each of these, or about none."""
        rows = self._service.decide(invoice_ids, decided)
        ids = tuple(each.invoice_id for each in rows)
        return ChaseDone(invoices=ids, words=f"{counted(len(ids), 'invoice')}: {rows[0].state.replace('_', ' ')}.")

    def message(self, reminder_id: str) -> MessageView:
        """One message, as it stands."""
        row = self._db.get_one(Reminder, (self._business.business_id, reminder_id))
        return _message(row, self._numbers([row.invoice_id]))

    def _say(self, manner: Manner, rows: Sequence[ChaseRow], late: int) -> str:
        if not manner.on:
            return f"Nobody is written to: reminders are off. {counted(late, 'invoice')} of its customers {_be(late)} past due."
        today = [each for each in rows if each.next_on == self._service.today and not each.needs_person]
        person = [each for each in rows if each.needs_person]
        said = f"{counted(len(today), 'message')} {_be(len(today))} due now, of {counted(late, 'late invoice')}."
        return said + (
            f" {counted(len(person), 'invoice')} {'waits' if len(person) == 1 else 'wait'} for a person."
            if person
            else ""
        )

    def _late(self, manner: Manner) -> _Late:
        cases = ChaseCases(self._db, self._business, today=self._service.today, blocked=self._blocked)
        last = len(self._order)
        late = sorted(cases.past_due(), key=lambda each: (self._order.get(each.invoice.id, last), each.case.due))
        sample = places_of(late[0], self._business, "") if late else {**_SAMPLE, "business": self._business.name}
        return _Late(tuple(_row(each, manner) for each in late[:ROWS_MOST]), len(late), sample)

    def _words(self, stage: Stage, sample: Mapping[str, str]) -> WordsView:
        words, accepted = self._service.words(stage)
        setup = self._service.setup()
        subject, body = filled(words, {**sample, "sender": setup.sender_name if setup else "Sender"})
        return WordsView(
            stage=stage,
            subject=words.subject,
            body=words.body,
            digest=words.digest,
            accepted=accepted,
            sample_subject=subject,
            sample_body=body,
        )

    def _messages(self) -> tuple[tuple[MessageView, ...], int]:
        where = Reminder.business_id == self._business.business_id
        query = select(Reminder).where(where).order_by(Reminder.begun_at.desc(), Reminder.reminder_id.desc())
        rows = self._db.scalars(query.limit(MESSAGES_MOST)).all()
        count = self._db.scalar(select(func.count()).select_from(Reminder).where(where)) or 0
        numbers = self._numbers([row.invoice_id for row in rows])
        return tuple(_message(row, numbers) for row in rows), count

    def _numbers(self, invoice_ids: Sequence[str]) -> dict[str, str | None]:
        query = select(Invoice.id, Invoice.number).where(
            Invoice.business_id == self._business.business_id, among(self._db, Invoice.id, sorted(set(invoice_ids)))
        )
        return {row.id: row.number for row in self._db.execute(query)} if invoice_ids else {}

    def _opted_out(self) -> tuple[OptOutView, ...]:
        query = select(ContactOptOut).where(ContactOptOut.business_id == self._business.business_id)
        return tuple(
            OptOutView(address=each.address, how=each.how, why=each.why, at=each.noted_at)
            for each in self._db.scalars(query.order_by(ContactOptOut.noted_at.desc(), ContactOptOut.address))
        )


def _row(each: Chased, manner: Manner) -> ChaseRow:
    said = next_message(each.case, manner)
    today = each.case.today
    on: date | None = today
    if isinstance(said, Ask):
        words, person = f"The {said.stage} message is due.", False
        if not manner.on:
            words, on = f"The {said.stage} message would be due; reminders are off.", None
    else:
        words, on, person = said.why, said.until, said.person
        if on is not None:
            words = f"{words.rstrip('.')}: {on_day(on, today)}."
    return ChaseRow(
        invoice_id=each.invoice.id,
        number=each.invoice.number,
        customer_id=each.invoice.customer_id,
        customer=each.customer_name,
        address=each.case.address,
        due=each.case.due,
        days_late=(today - each.case.due).days,
        asked=Amount.of(Money(each.case.ask_minor, each.invoice.currency)),
        state=each.case.state,
        sent=tuple(stage for stage in STAGES if stage in each.case.written),
        next=words,
        next_on=on,
        needs_person=person,
    )


def _message(row: Reminder, numbers: Mapping[str, Any]) -> MessageView:
    return MessageView(
        reminder_id=row.reminder_id,
        invoice_id=row.invoice_id,
        number=numbers.get(row.invoice_id),
        stage=row.stage,
        round=row.round,
        amount=Amount.minor(row.amount_minor, row.currency),
        recipient=row.recipient,
        subject=row.subject,
        body=row.body,
        state=row.state,
        trouble=row.trouble,
        at=row.begun_at,
    )


def _be(count: int) -> str:
    return "is" if count == 1 else "are"
