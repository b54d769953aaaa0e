"""The demo's control page as a whole: which payments there are, what can happen to each, and reading the world after it did."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.app.demo_world import CannotHappen, DemoWorld, Told, ToldBill
from interlock.app.house import House
from interlock.app.opening import refresh_clock
from interlock.app.paying import payment_work
from interlock.app.recording_receipts import receipt_work
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import SETTLED, Course, Way
from interlock.domains.ap.services.bill_content import COUNTED
from interlock.domains.ap.services.paying_setup import PayingSetupService
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.firm.models import Business, Installation
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.clock import DemoClock, local_date, zone
from interlock.kernel.errors import Busy, NotFound
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails.connections import DISCONNECTED, Connection
from interlock.rails.errors import RailError, spoken
from interlock.runway.services.calculators.pay_runs import runs
from interlock.runway.services.calculators.payment_words import PLACE_BY_KEY, WAY_NAMES
from interlock.runway.services.experiences.demo import (
    DemoAct,
    DemoClient,
    DemoDone,
    DemoExperience,
    DemoPayment,
    Where,
)
from interlock.runway.services.views import Amount

_SELF = SystemScope("what this installation is")
_CLOCK = "/clock"
_MORNING = time(9)
_LOOK_AHEAD_DAYS = 21
_SHOWN_DAYS = 30
_SHOWN_MOST = 50
_ROUNDS_MOST = 4


@dataclass(frozen=True)
class Act:
    """``offered``: whether it can happen to a payment that stands so (the row, its course, which rails are linked)."""

    where: Where
    label: str
    says: str
    does: Callable[[DemoWorld, Told], None]
    offered: Callable[[Disbursement, Course, frozenset[str]], bool]


def _by_bank(row: Disbursement, course: Course, linked: frozenset[str]) -> bool:
    return row.way == "outside" and "plaid" in linked and not course.cleared


def _in_ramp(row: Disbursement, course: Course, _linked: frozenset[str]) -> bool:
    return row.rail_id is not None and course.rail in {"waiting", "under_way", "unknown"}


ACTS: dict[str, Act] = {
    "bank_posts": Act(
        "bank", "The bank posts it", "Somebody paid it; a posted line shows today.", DemoWorld.bank_posts, _by_bank
    ),
    "bank_announces": Act(
        "bank", "The bank shows it pending", "It posts a day later.", DemoWorld.bank_announces, _by_bank
    ),
    "bank_drops": Act("bank", "The pending line is dropped", "It never posts.", DemoWorld.bank_drops, _by_bank),
    "bank_returns": Act(
        "bank",
        "The bank gives it back",
        "A line with a return code credits the same amount.",
        DemoWorld.bank_returns,
        lambda row, course, linked: (
            row.way == "outside" and "plaid" in linked and course.cleared and not course.returned
        ),
    ),
    "ramp_step": Act(
        "ramp",
        "The next step in Ramp",
        "Its people approve, choose how, release or pay.",
        DemoWorld.ramp_step,
        _in_ramp,
    ),
    "ramp_pay": Act(
        "ramp", "Paid in Ramp", "All that is left to do there, until it has arrived.", DemoWorld.ramp_pay, _in_ramp
    ),
    "ramp_fail": Act("ramp", "It fails in Ramp", "Insufficient funds.", DemoWorld.ramp_fail, _in_ramp),
    "ramp_return": Act(
        "ramp",
        "The vendor’s bank returns it",
        "The account is closed; Ramp and the bank give the money back.",
        DemoWorld.ramp_return,
        lambda row, course, _: row.rail_id is not None and course.rail == "paid" and not course.returned,
    ),
    "books_enter": Act(
        "books",
        "A bookkeeper enters the payment",
        "In QuickBooks, on this bill, from checking.",
        DemoWorld.books_enter,
        lambda _row, course, _linked: not course.recorded and not course.records,
    ),
    "books_void": Act(
        "books",
        "A bookkeeper voids the payment",
        "In QuickBooks; the bill is open there again.",
        DemoWorld.books_void,
        lambda row, course, _: course.recorded and row.ledger_payment_id is not None,
    ),
    "books_edit": Act(
        "books",
        "A bookkeeper edits the bill",
        "Its due date moves by a week.",
        DemoWorld.books_edit,
        lambda _row, course, _linked: course.stage not in SETTLED,
    ),
}
BEFORE_RELEASE: dict[str, Callable[[DemoWorld, ToldBill], None]] = {"books_edit": DemoWorld.books_edit}
"""What can happen to a payment that is approved only: nobody out there knows of it, so it happens to its bill."""


class DemoControl:
    """The control page's world; see ``ControlsDemo``."""

    def __init__(self, house: House, url: str) -> None:
        self._house = house
        self._world = DemoWorld(house, url)
        self._last: DemoDone | None = None

    @classmethod
    def of(cls, house: House) -> "DemoControl | None":
        """Of a house over a demo's database; ``None`` for any other. That its world is on this machine was seen at the opening."""
        if not isinstance(house.clock, DemoClock):
            return None
        with house.database.reading(_SELF) as session:
            here = session.get_one(Installation, 1)
            clock_url = here.clock_url if here.demo else None
        if clock_url is None:
            return None
        return cls(house, clock_url.removesuffix(_CLOCK))

    def show(self) -> DemoExperience:
        clients: list[DemoClient] = []
        payments: list[DemoPayment] = []
        businesses = self._clients()
        zones = [each.time_zone for each in businesses]
        for business in businesses:
            with self._reading(business) as session:
                way = PayingSetupService(session, business).setup().way
                clients.append(
                    DemoClient(
                        slug=business.slug,
                        name=business.name,
                        way=WAY_NAMES[way],
                        next_run=self._next_run(session, business),
                    )
                )
                linked = _linked(session, business)
                payments += [_payment(business, row, bill, linked) for row, bill in self._rows(session, business)]
                payments += [_approval(business, intent, bill) for intent, bill in _approved(session, business)]
        return DemoExperience(
            now=self._house.clock.now(),
            time_zone=max(zones, key=zones.count, default="UTC"),
            clients=tuple(clients),
            payments=tuple(payments),
            last=self._last,
        )

    def advance(self, minutes: int) -> DemoDone:
        return self._done("The clock went on.", self._advance(timedelta(minutes=minutes)))

    def advance_to_run(self, client: str) -> DemoDone:
        business = self._client(client)
        with self._reading(business) as session:
            target = self._next_run(session, business)
        unread = self._advance(target - self._house.clock.now(), also=business)
        return self._done(f"It is the morning of {business.name}’s pay run.", unread)

    def happen(self, client: str, intent_id: str, act: str) -> DemoDone:
        business, known = self._client(client), ACTS.get(act)
        if known is None:
            raise NotFound(f"There is no act {act!r}; there are {', '.join(ACTS)}.")
        with self._reading(business) as session:
            realm = self._realm(session, business)
            released = [(row, bill) for row, bill in self._rows(session, business) if row.intent_id == intent_id]
            approved = [bill for intent, bill in _approved(session, business) if intent.intent_id == intent_id]
            if not released and not approved:
                raise NotFound(f"There is no payment {intent_id!r} that is approved or released at {business.name}.")
            linked = _linked(session, business)
            can = (
                known.offered(released[0][0], course_of(released[0][0]), linked) if released else act in BEFORE_RELEASE
            )
            if not can:
                raise CannotHappen(f"{known.label}: this payment stands where that can’t happen. Nothing happened.")
            session.expunge_all()
        if released:
            row, bill = released[0]
            known.does(self._world, Told(realm, bill, row))
        else:
            BEFORE_RELEASE[act](self._world, ToldBill(realm, approved[0]))
        return self._done(f"{known.label}. {known.says}", self._read(business), intent_id)

    def catch_up(self, client: str) -> DemoDone:
        business = self._client(client)
        return self._done(f"{business.name} was read again.", self._read(business))

    def _done(self, said: str, unread: Sequence[str], intent_id: str | None = None) -> DemoDone:
        """What was done; what could not be read after it takes nothing of it back."""
        self._last = DemoDone(said=" ".join((said, *unread)), now=self._house.clock.now(), intent_id=intent_id)
        return self._last

    def _advance(self, time_on: timedelta, *, also: Business | None = None) -> list[str]:
        """The clock goes on; clients with payments, and ``also``, are read. What could not be, in sentences."""
        self._world.advance(time_on)
        refresh_clock(self._house)
        unread: list[str] = []
        for business in self._clients():
            with self._reading(business) as session:
                concerned = bool(self._rows(session, business))
            if concerned or (also is not None and business.business_id == also.business_id):
                unread += self._read(business)
        return unread

    def _read(self, business: Business) -> list[str]:
        """Every rail that is linked, and what is due for payments and receipts, until nothing more follows.

        A rail that doesn't let itself be read stops none of the others; which they were and why is returned in sentences.
        """
        payments, receipts = payment_work(self._house), receipt_work(self._house)
        with self._reading(business) as session:
            realm = self._realm(session, business)
        self._world.banks_are_read(realm)
        unread: dict[str, str] = {}
        for _ in range(_ROUNDS_MOST):
            with self._reading(business) as session:
                linked = _linked(session, business)
            for rail in self._house.build:
                if rail.name not in linked:
                    continue
                sync, _ = rail.work(self._house, business)
                unread.pop(rail.name, None)
                try:
                    sync.sync()
                except Busy:
                    pass  # a worker reads it this very moment, which is as good
                except RailError as trouble:
                    unread[rail.name] = f"{business.name}: {spoken(rail.name)} could not be read. {trouble.sentence}"
            did = [each.run_due(business.business_id) for each in (payments, receipts)]
            if not any(did):
                break
        return list(unread.values())

    def _rows(self, session: Session, business: Business) -> list[tuple[Disbursement, Bill]]:
        """Payments that something is waited for, or that settled lately and may yet come back; the latest first."""
        since = self._house.clock.now() - timedelta(days=_SHOWN_DAYS)
        query = (
            select(Disbursement, Bill)
            .join(Bill, (Bill.business_id == Disbursement.business_id) & (Bill.id == Disbursement.bill_id))
            .where(
                Disbursement.business_id == business.business_id,
                or_(Disbursement.stage.not_in(sorted(SETTLED)), Disbursement.changed_at >= since),
            )
            .order_by(Disbursement.released_at.desc(), Disbursement.intent_id)
            .limit(_SHOWN_MOST)
        )
        return [(row, bill) for row, bill in session.execute(query)]

    def _next_run(self, session: Session, business: Business) -> datetime:
        """The morning of the next pay run that is still to come, in UTC."""
        now = self._house.clock.now()
        policy = PolicyService(session, business.firm_id).in_force(business).policy.pay_runs
        today = local_date(now, business.time_zone)
        mornings = (
            datetime.combine(day, _MORNING, zone(business.time_zone))
            for day in runs(policy, today, today + timedelta(days=_LOOK_AHEAD_DAYS))
        )
        return next(morning for morning in mornings if morning > now)

    def _realm(self, session: Session, business: Business) -> str:
        return session.get_one(Connection, (business.business_id, QBO)).external_id

    def _clients(self) -> list[Business]:
        with self._house.database.reading(_SELF) as session:
            firm = the_firm(session, None, self._house.clock.now()).firm_id
        with self._house.database.reading(Scope(firm)) as session:
            found = list(BusinessService(session, firm).list_businesses())
            session.expunge_all()
            return found

    def _client(self, wanted: str) -> Business:
        for each in self._clients():
            if wanted in {each.business_id, each.slug, each.name}:
                return each
        raise NotFound(f"There is no client {wanted!r}.")

    def _reading(self, business: Business) -> AbstractContextManager[Session]:
        return self._house.database.reading(Scope(business.firm_id, business.business_id))


def _payment(business: Business, row: Disbursement, bill: Bill, linked: frozenset[str]) -> DemoPayment:
    course = course_of(row)
    return DemoPayment(
        intent_id=row.intent_id,
        client=business.slug,
        client_name=business.name,
        vendor=bill.vendor_name or "Nobody named",
        number=bill.number,
        amount=Amount.minor(row.amount_minor, row.currency),
        way=WAY_NAMES[cast(Way, row.way)],
        place=PLACE_BY_KEY[row.stage].name,
        acts=tuple(
            DemoAct(act=name, where=act.where, label=act.label, says=act.says)
            for name, act in ACTS.items()
            if act.offered(row, course, linked)
        ),
    )


def _approved(session: Session, business: Business) -> list[tuple[PaymentIntent, Bill]]:
    """Payments that somebody said yes to and nobody released; the earliest first."""
    query = (
        select(PaymentIntent, Bill)
        .join(Bill, (Bill.business_id == PaymentIntent.business_id) & (Bill.id == PaymentIntent.bill_id))
        .where(PaymentIntent.business_id == business.business_id, PaymentIntent.state.in_(COUNTED))
        .order_by(PaymentIntent.pay_on, PaymentIntent.intent_id)
        .limit(_SHOWN_MOST)
    )
    return [(intent, bill) for intent, bill in session.execute(query)]


def _approval(business: Business, intent: PaymentIntent, bill: Bill) -> DemoPayment:
    return DemoPayment(
        intent_id=intent.intent_id,
        client=business.slug,
        client_name=business.name,
        vendor=bill.vendor_name or "Nobody named",
        number=bill.number,
        amount=Amount.minor(intent.amount_minor, intent.currency),
        way="Not released",
        place="Approved" if intent.state == "approved" else "Waits for a second person",
        acts=tuple(
            DemoAct(act=name, where=ACTS[name].where, label=ACTS[name].label, says=ACTS[name].says)
            for name in BEFORE_RELEASE
        ),
    )


def _linked(session: Session, business: Business) -> frozenset[str]:
    query = select(Connection.rail).where(
        Connection.business_id == business.business_id, Connection.state != DISCONNECTED
    )
    return frozenset(session.scalars(query))
