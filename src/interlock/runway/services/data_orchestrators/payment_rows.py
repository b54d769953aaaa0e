"""Payments as rows: what each is of, where it stands, for how long, and what each of its witnesses says.

Read for the payments that are shown, a query a kind; nothing here decides.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill, BillPayment
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.policy.course import SETTLED, Course
from interlock.domains.ap.services.bill_content import Ending, endings_of
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.payment_words import PLACE_BY_KEY, Place, asks_for, by_way
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.views import Amount, Instant, View

WitnessState = Literal["said", "waits", "against", "absent"]
"""``said``: it has spoken for the payment; ``against``: it says otherwise; ``absent``: it could never see this one."""
_ENDED = frozenset({"voided", "rejected", "withdrawn"})


class WitnessMark(View):
    """One witness in short: ``Bank ✓ 26 Nov``. ``link``: where it can be seen itself, if it has a page."""

    witness: Literal["ramp", "bank", "qbo"]
    name: str
    state: WitnessState
    words: str
    on: date | None
    link: str | None


class PaymentLine(View):
    """A payment in a row. ``place``: where its dollars are, since ``since``, ``days`` of the client's calendar ago;

    ``needs``: what a person is needed for; ``why``: the last reason that was given. ``witnesses`` in the order they speak in.
    """

    intent_id: str
    bill_id: str
    vendor: str
    number: str | None
    amount: Amount
    by: str
    pay_on: date
    place: Place
    place_name: str
    settled: bool
    since: Instant
    days: int
    needs: str | None
    why: str | None
    witnesses: tuple[WitnessMark, ...]

    @property
    def called(self) -> str:
        """``Bramble Print Co. 11790``."""
        return f"{self.vendor} {self.number or self.bill_id}"

    @property
    def witnessed(self) -> str:
        """``Ramp ✓ 24 Nov · Bank ✓ 26 Nov · QBO ✓ #1043``."""
        return " · ".join(f"{each.name} {each.words}" for each in self.witnesses)


class BillShort(Struct, frozen=True):
    vendor: str
    number: str | None
    due: date | None


class PaymentRows:
    """Makes rows of one business's payments."""

    def __init__(self, db: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._db = db
        self._business = business
        self._links = links
        self._now = now
        self._today = local_date(now, business.time_zone)

    def released(self, rows: Sequence[Disbursement]) -> tuple[PaymentLine, ...]:
        """Rows of released payments, in the order given."""
        bills = self.bills([row.bill_id for row in rows])
        since = self._since([row.intent_id for row in rows])
        numbers = self._ledger_numbers(rows)
        return tuple(self._released(row, bills, since, numbers) for row in rows)

    def decided(self, intents: Sequence[PaymentIntent]) -> tuple[PaymentLine, ...]:
        """Rows of payments that were approved and never released, in the order given. An approval that ends says why."""
        bills = self.bills([each.bill_id for each in intents])
        standing = [each for each in intents if each.state == "approved"]
        endings = endings_of(self._db, self._business, standing, self._now)
        return tuple(self._decided(each, bills, endings.get(each.intent_id)) for each in intents)

    def of_bills(self, bill_ids: Sequence[str]) -> dict[str, tuple[PaymentLine, ...]]:
        """Released payments of these bills by bill, the newest first."""
        query = select(Disbursement).where(
            Disbursement.business_id == self._business.business_id, among(self._db, Disbursement.bill_id, bill_ids)
        )
        rows = self._db.scalars(query.order_by(Disbursement.released_at.desc(), Disbursement.intent_id)).all()
        found: dict[str, tuple[PaymentLine, ...]] = {}
        for line in self.released(rows):
            found[line.bill_id] = (*found.get(line.bill_id, ()), line)
        return found

    def bills(self, ids: Sequence[str]) -> dict[str, BillShort]:
        """What the bills are called, also those that the ledger has deleted since."""
        query = select(Bill.id, Bill.vendor_name, Bill.number, Bill.due).where(
            Bill.business_id == self._business.business_id, among(self._db, Bill.id, sorted(set(ids)))
        )
        return {
            row.id: BillShort(row.vendor_name or "Nobody named", row.number, row.due) for row in self._db.execute(query)
        }

    def witnesses(
        self, row: Disbursement, course: Course, numbers: Mapping[str, str | None]
    ) -> tuple[WitnessMark, ...]:
        """What each witness says. Where a person pays outside, none can say *executed*."""
        marks = [self._bank(row, course), self._ledger(row, course, numbers)]
        return tuple(marks) if course.way == "outside" else (self._rail(row, course), *marks)

    def _released(
        self,
        row: Disbursement,
        bills: Mapping[str, BillShort],
        since: Mapping[str, datetime],
        numbers: Mapping[str, str | None],
    ) -> PaymentLine:
        course = course_of(row)
        bill = bills.get(row.bill_id, BillShort("Nobody named", None, None))
        at = since.get(row.intent_id, row.released_at)
        place = PLACE_BY_KEY[row.stage]
        return PaymentLine(
            intent_id=row.intent_id,
            bill_id=row.bill_id,
            vendor=bill.vendor,
            number=bill.number,
            amount=Amount.minor(row.amount_minor, row.currency),
            by=by_way(row.way, row.method),
            pay_on=row.pay_on,
            place=place.key,
            place_name=place.name,
            settled=row.stage in SETTLED,
            since=at,
            days=self._days(at),
            needs=asks_for(course),
            why=row.why,
            witnesses=self.witnesses(row, course, numbers),
        )

    def _decided(self, intent: PaymentIntent, bills: Mapping[str, BillShort], ending: Ending | None) -> PaymentLine:
        bill = bills.get(intent.bill_id, BillShort("Nobody named", None, None))
        key: Place = (
            "recorded_before" if intent.state == "recorded" else "ended" if intent.state in _ENDED else "approved"
        )
        at = intent.ended_at or intent.approved_at or intent.prepared_at
        lost = ending.why if ending else None
        return PaymentLine(
            intent_id=intent.intent_id,
            bill_id=intent.bill_id,
            vendor=bill.vendor,
            number=bill.number,
            amount=Amount.minor(intent.amount_minor, intent.currency),
            by="not released",
            pay_on=intent.pay_on,
            place=key,
            place_name=PLACE_BY_KEY[key].name,
            settled=key != "approved",
            since=at,
            days=self._days(at),
            needs=f"The approval no longer holds: {lost}" if lost else None,
            why=lost or intent.ended_why,
            witnesses=(),
        )

    def _days(self, at: datetime) -> int:
        return max(0, (self._today - local_date(at, self._business.time_zone)).days)

    def _since(self, intent_ids: Sequence[str]) -> dict[str, datetime]:
        """When each payment reached the stage it is at."""
        query = (
            select(DisbursementStep.intent_id, func.max(DisbursementStep.number).label("number"))
            .where(
                DisbursementStep.business_id == self._business.business_id,
                DisbursementStep.was != DisbursementStep.stage,
                among(self._db, DisbursementStep.intent_id, intent_ids),
            )
            .group_by(DisbursementStep.intent_id)
            .subquery()
        )
        at = select(DisbursementStep.intent_id, DisbursementStep.at).join(
            query,
            (DisbursementStep.intent_id == query.c.intent_id) & (DisbursementStep.number == query.c.number),
        )
        rows = self._db.execute(at.where(DisbursementStep.business_id == self._business.business_id))
        return {row.intent_id: row.at for row in rows}

    def _ledger_numbers(self, rows: Sequence[Disbursement]) -> dict[str, str | None]:
        ids = sorted({row.ledger_payment_id for row in rows if row.ledger_payment_id})
        query = select(BillPayment.id, BillPayment.number).where(
            BillPayment.business_id == self._business.business_id, among(self._db, BillPayment.id, ids)
        )
        return {row.id: row.number for row in self._db.execute(query)} if ids else {}

    def _rail(self, row: Disbursement, course: Course) -> WitnessMark:
        state: WitnessState = "waits"
        words = "waits"
        if course.rail == "paid":
            state, words = "said", f"✓ {on_day(row.executed_on, self._today)}" if row.executed_on else "✓"
        elif course.rail in {"failed", "cancelled"} or course.sending == "refused":
            state, words = "against", course.rail if course.rail in {"failed", "cancelled"} else "refused"
        elif course.rail == "under_way":
            words = "in transit"
        elif course.sending == "unknown" or course.rail == "unknown":
            words = "not known"
        return WitnessMark(witness="ramp", name="Ramp", state=state, words=words, on=row.executed_on, link=row.rail_url)

    def _bank(self, row: Disbursement, course: Course) -> WitnessMark:
        state: WitnessState = "waits" if course.expects_bank else "absent"
        words = "waits" if course.expects_bank else "unproven"
        if course.returned:
            state, words = "against", "returned"
        elif course.cleared:
            state, words = "said", f"✓ {on_day(row.cleared_on, self._today)}" if row.cleared_on else "✓"
        page = f"/b/{self._business.slug}/match?which=matched#m{row.match_id}" if row.match_id else None
        return WitnessMark(witness="bank", name="Bank", state=state, words=words, on=row.cleared_on, link=page)

    def _ledger(self, row: Disbursement, course: Course, numbers: Mapping[str, str | None]) -> WitnessMark:
        id_ = row.ledger_payment_id
        said = course.recorded and id_ is not None
        return WitnessMark(
            witness="qbo",
            name="QBO",
            state="said" if course.recorded else "waits",
            words=f"✓ #{numbers.get(id_ or '') or id_}" if said else "✓" if course.recorded else "waits",
            on=row.recorded_on,
            link=self._links.to("bill_payment", id_) if said and id_ else None,
        )
