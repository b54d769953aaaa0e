"""The firm's own people: what they decide here, through the services that pages and the API use."""

import random
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.happenings import PersonSays
from interlock.domains.ap.ports import Judged, Wish
from interlock.domains.ap.services.bill_content import COUNTED, live_intents
from interlock.domains.ap.services.bill_payment_service import BillPaymentService
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.releasing import PaymentResult
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.errors import InterlockError
from interlock.kernel.workdays import add_workdays
from interlock.runway.judged import judged_of
from interlock.runway.release_gate import ReleaseJudge
from interlock.runway.releasing_desk import releasing
from interlock.runway.services.calculators.guardrail import judge
from interlock.runway.services.calculators.guardrail_values import Cash, FloorTerms, Question, Wanted
from tests.simulation.money.theatre import Client, MoneyTheatre

PLENTY = 20_000_000
SLOW_APPROVAL_SHARE, SLOW_RELEASE_SHARE = 0.05, 0.25
"""How many decisions are judged with every check, as in production; the others by the guardrail over cash alone."""


class CashGate:
    """The guardrail over cash, a floor and what is approved already."""

    def __init__(self, db: Session, business: Business, cash: int, floor: int, today: date) -> None:
        self._db, self._business, self._cash, self._floor, self._today = db, business, cash, floor, today

    def verdict(self, intents: Sequence[PaymentIntent], now: datetime, refused: Sequence[PaymentIntent] = ()) -> Judged:
        del now
        wishes = [
            Wish(each.bill_id, each.amount_minor, max(each.pay_on, self._today), (), each.intent_id) for each in intents
        ]
        return self.judge(wishes, {each.intent_id for each in refused})

    def judge(self, wishes: Sequence[Wish], without: Collection[str] = ()) -> Judged:
        asked = {*(wish.intent_id for wish in wishes), *without}
        live = live_intents(self._db, self._business.business_id)
        others = [each for each in live if each.state in COUNTED and each.intent_id not in asked]
        question = Question(
            today=self._today, currency="USD", horizon_days=35, start_minor=self._cash,
            cash=tuple(
                Cash(each.intent_id, each.bill_id, -each.amount_minor, max(each.pay_on, self._today), max(each.pay_on, self._today))
                for each in others
            ),
            wanted=tuple(
                Wanted(wish.bill_id, wish.bill_id, "v", wish.amount_minor, wish.pay_on, None) for wish in wishes
            ),
            floor=FloorTerms(absolute_minor=self._floor),
        )  # fmt: skip
        return judged_of(judge(question), question, None, None)


class FirmPeople:
    """Acts of one firm's people at all clients. ``refused``: what was refused, by the error's code or the row's words."""

    def __init__(self, theatre: MoneyTheatre, chance: random.Random) -> None:
        self.theatre = theatre
        self.chance = chance
        self.cash = PLENTY
        self.floor = 1_000_000

    def choose_way(self, client: Client) -> None:
        """The client's owner says how it pays."""
        if client.way == "outside":
            return
        with self._deciding(client, "odell") as (at, acting):
            setup = releasing(at, acting)
            funding = setup.get_paying_experience().accounts[0].account_id
            setup.choose(client.way, "ach", funding, declares_no_accounting=client.way == "create")

    def open_bills(self, client: Client) -> list[Bill]:
        """Bills of the mirror that nothing is decided about."""
        with self.theatre.house.database.reading(client.scope) as session:
            live = select(PaymentIntent.bill_id).where(
                PaymentIntent.business_id == client.business.business_id,
                PaymentIntent.state.in_(["proposed", "half", "approved", "released"]),
            )
            query = select(Bill).where(
                Bill.business_id == client.business.business_id, Bill.balance_minor > 0, Bill.buried_at.is_(None),
                Bill.id.not_in(live),
            )  # fmt: skip
            found = list(session.scalars(query.order_by(Bill.id)))
            session.expunge_all()
        return found

    def approve(self, client: Client, bills: Sequence[Bill], who: str = "wren") -> bool:
        """Say yes to all that is open of these bills; ``False`` where that was refused."""
        pay_on = self._pay_day(client)
        wishes = [Wish(each.id, each.balance_minor, pay_on) for each in bills]
        try:
            with self._deciding(client, who) as (at, acting):
                self._payments(at, acting).approve_bill_for_payment(wishes, acknowledge_warning=True)
        except InterlockError as refused:
            self.theatre.met[f"approval refused: {refused.code}"] += 1
            return False
        return True

    def propose(self, client: Client, bills: Sequence[Bill]) -> list[str]:
        """The bookkeeper proposes; nobody has approved that. The intents' ids."""
        pay_on = self._pay_day(client)
        with self._deciding(client, "bo") as (at, acting):
            made = self._payments(at, acting).propose([Wish(each.id, each.balance_minor, pay_on) for each in bills])
        return [each.intent_id for each in made.intents]

    def approved(self, client: Client) -> list[PaymentIntent]:
        with self.theatre.house.database.reading(client.scope) as session:
            query = select(PaymentIntent).where(
                PaymentIntent.business_id == client.business.business_id, PaymentIntent.state == "approved"
            )
            found = list(session.scalars(query.order_by(PaymentIntent.intent_id)))
            session.expunge_all()
        return found

    def release(self, client: Client, intent_ids: Sequence[str], who: str = "mara") -> PaymentResult | None:
        """Let payments go; ``None`` where all of it was refused."""
        try:
            with self._deciding(client, who) as (at, acting):
                payments = self._payments(at, acting)
                slow = self._every_check(SLOW_RELEASE_SHARE)
                self.theatre.met["releases"] += 1
                self.theatre.met["releases judged with every check"] += slow
                gate: Any = (
                    ReleaseJudge(at.session, at.business, at.in_force, at.links, at.now) if slow else self._gate(at)
                )
                done = payments.execute_payment(intent_ids, gate=gate, acknowledge_warning=True)
        except InterlockError as refused:
            self.theatre.met[f"release refused: {refused.code}"] += 1
            return None
        for row in done.rows:
            if row.why:
                self.theatre.met[f"not released: {row.why[:40]}"] += 1
        return done

    def say(self, client: Client, intent_id: str, says: PersonSays) -> bool:
        try:
            with self._deciding(client, "mara") as (at, acting):
                releasing(at, acting).say(intent_id, says, "Looked at it myself.")
        except InterlockError as refused:
            self.theatre.met[f"word refused: {refused.code}"] += 1
            return False
        return True

    def payments(self, client: Client, *stages: str) -> list[Disbursement]:
        """Released payments, of these stages or all."""
        with self.theatre.house.database.reading(client.scope) as session:
            query = select(Disbursement).where(Disbursement.business_id == client.business.business_id)
            if stages:
                query = query.where(Disbursement.stage.in_(stages))
            found = list(session.scalars(query.order_by(Disbursement.intent_id)))
            session.expunge_all()
        return found

    def _pay_day(self, client: Client) -> date:
        """The next day on which banks move money: weeks here are as long as chance has them, and begin on any day."""
        today = local_date(self.theatre.clock.now(), client.business.time_zone)
        return add_workdays(today, 0)

    def _deciding(self, client: Client, who: str) -> Any:
        return _Deciding(self.theatre, client, who)

    def _every_check(self, share: float) -> bool:
        """With every check the banks' own balances count, which are plenty."""
        return self.chance.random() < share and self.cash == PLENTY

    def _gate(self, at: Any) -> CashGate:
        return CashGate(at.session, at.business, self.cash, self.floor, local_date(at.now, at.business.time_zone))

    def _payments(self, at: Any, acting: Any) -> BillPaymentService:
        take_decision_lock(at.session, at.business.business_id)
        slow = self._every_check(SLOW_APPROVAL_SHARE)
        judging: Any = at.judge if slow else self._gate(at)
        return BillPaymentService(
            at.session, at.business, judge=judging, policy=at.in_force.policy, acting=acting, now=at.now
        )


class _Deciding:
    """One person's one transaction."""

    def __init__(self, theatre: MoneyTheatre, client: Client, who: str) -> None:
        self._opened = theatre.desk.writing(client.business.business_id)
        self._who = who

    def __enter__(self) -> tuple[Any, Any]:
        at = self._opened.__enter__()
        return at, at.acting(self._who)

    def __exit__(self, *trouble: Any) -> bool | None:
        return self._opened.__exit__(*trouble)
