"""Releasing payments, what people say of released ones, and how a client pays: view models and commands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.policy.happenings import PersonSays
from interlock.domains.ap.ports import ReleaseGate
from interlock.domains.ap.services.bill_payment_service import BillPaymentService
from interlock.domains.ap.services.paying_setup import (
    PAYING_RAIL,
    WAYS,
    Method,
    Paying,
    PayingSetupService,
)
from interlock.domains.ap.services.payment_steps import disbursement
from interlock.domains.ap.services.releasing import PaymentResult, due_to_release
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.rails.errors import spoken
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import Amount, BusinessView, Instant, View

_RAIL = spoken(PAYING_RAIL)
_NAMES: Mapping[Way, str] = {
    "outside": "Pay outside",
    "hand_off": f"Hand off to {_RAIL}",
    "create": f"Create in {_RAIL}",
}
_MEANS: Mapping[Way, str] = {
    "outside": (
        "A person pays at the bank, by check or in QuickBooks. Interlock instructs nobody; it tracks the payment until the bank "
        "and the ledger show it."
    ),
    "hand_off": (
        f"Interlock puts a draft into {_RAIL} and submits it. {_RAIL}’s own people approve and release it there; Interlock "
        "tracks and proves it."
    ),
    "create": (
        f"Interlock makes the bill in {_RAIL} together with its payment: the release here is the only gate. Not where anything "
        f"carries bills from {_RAIL} into QuickBooks."
    ),
}
_SAID: Mapping[PersonSays, str] = {
    "not_made": "It isn’t at the rail: nobody finds it under our key.",
    "look_again": "It is looked up again now.",
    "take_back": "It is not to be paid after all.",
    "returned": "The money came back.",
    "proven": "The difference was looked at and is right as it is.",
}


class ReleasedRowView(View):
    """What became of one payment. ``why``: the refusal in words; ``way``: how one that was let go is paid."""

    intent_id: str
    bill_id: str
    label: str
    amount: Amount
    outcome: Literal["released", "refused"]
    way: Way | None
    why: str | None


class ReleaseView(View):
    """One release, row by row. ``decision_id``: ``None`` where nothing was let go, and so nothing was written.

    ``outcome`` and ``verdict``: the guardrail's word; ``balance``: what was asked of the banks before it.
    """

    decision_id: str | None
    words: str
    outcome: Literal["allow", "warn", "block"] | None
    verdict: str | None
    balance: str
    released: Amount
    rows: tuple[ReleasedRowView, ...]


class PaymentSaidView(View):
    """What a person said of a payment, and where it stands then."""

    decision_id: str
    intent_id: str
    says: PersonSays
    stage: str
    words: str


class FundingView(View):
    """An account that the paying rail may draw on."""

    account_id: str
    name: str
    mask: str | None
    currency: str


class WayView(View):
    """A way to pay. ``against``: why it can't be chosen now, in sentences."""

    key: Way
    name: str
    means: str
    chosen: bool
    against: tuple[str, ...]


class PayingExperience(View):
    """How a client pays. ``against``: what stops payments of the way that is chosen."""

    business: BusinessView
    as_of: Instant
    ask: str
    say: str
    way: Way
    method: Method
    account: FundingView | None
    accounts: tuple[FundingView, ...]
    declared_by: str | None
    declared_at: Instant | None
    changed_by: str | None
    changed_at: Instant | None
    ways: tuple[WayView, ...]
    against: tuple[str, ...]


class ReleasingService:
    """Acts of one person (``None``: who only looks) on one client's approved payments, within one transaction."""

    def __init__(
        self,
        session: Session,
        business: Business,
        *,
        payments: Callable[[], BillPaymentService],
        gate: ReleaseGate,
        acting: Acting | None,
        now: datetime,
    ) -> None:
        self._session = session
        self._business = business
        self._payments = payments
        self._gate = gate
        self._acting = acting
        self._now = now
        self._setup = PayingSetupService(session, business)

    def due(self) -> tuple[str, ...]:
        """Approved payments whose day has come, by id."""
        today = local_date(self._now, self._business.time_zone)
        return tuple(each.intent_id for each in due_to_release(self._session, self._business.business_id, today))

    def release(
        self,
        intent_ids: Sequence[str],
        *,
        balance: str,
        comment: str | None = None,
        acknowledge_warning: bool = False,
    ) -> ReleaseView:
        """Let approved payments go; each row says what became of it. ``balance``: what was asked of the banks, in words."""
        done = self._payments().execute_payment(
            intent_ids, gate=self._gate, comment=comment, acknowledge_warning=acknowledge_warning
        )
        return self.shown(done, balance)

    def release_due(self, *, balance: str) -> ReleaseView | None:
        """By the schedule: what is approved and due; ``None`` where nothing is."""
        ids = self.due()
        if not ids:
            return None
        return self.shown(self._payments().execute_payment(ids, gate=self._gate, by_schedule=True), balance)

    def say(self, intent_id: str, says: PersonSays, comment: str | None = None) -> PaymentSaidView:
        """What a person found out about a released payment, or that it isn't to be paid after all."""
        decided = self._payments().say(intent_id, says, comment)
        row = disbursement(self._session, self._business.business_id, intent_id)
        if row is None:
            raise NotFound(f"There is no released payment {intent_id!r} here.")
        return PaymentSaidView(
            decision_id=decided.decision_id, intent_id=intent_id, says=says, stage=row.stage, words=_SAID[says]
        )

    def shown(self, done: PaymentResult, balance: str) -> ReleaseView:
        """A result as people see it."""
        labels = self._labels([row.bill_id for row in done.rows])
        home = self._business.home_currency
        released = Money(sum(row.amount_minor for row in done.released if row.currency == home), home)
        refused = len(done.rows) - len(done.released)
        words = f"{counted(len(done.released), 'payment')} released, {released}."
        return ReleaseView(
            decision_id=done.decision_id,
            words=words + (f" {refused} refused." if refused else ""),
            outcome=done.judged.outcome if done.judged else None,
            verdict=done.judged.words if done.judged else None,
            balance=balance,
            released=Amount.of(released),
            rows=tuple(
                ReleasedRowView(
                    intent_id=row.intent_id,
                    bill_id=row.bill_id,
                    label=labels.get(row.bill_id, f"bill {row.bill_id}"),
                    amount=Amount.minor(row.amount_minor, row.currency),
                    outcome=row.outcome,
                    way=row.way,
                    why=row.why,
                )
                for row in done.rows
            ),
        )

    def choose(
        self, way: Way, method: Method, funding_account_id: str | None, *, declares_no_accounting: bool
    ) -> PayingExperience:
        """Choose how the client pays from now on."""
        self._setup.choose(
            way,
            method,
            funding_account_id,
            declares_no_accounting=declares_no_accounting,
            by=self._payments().person,
            now=self._now,
        )
        return self.get_paying_experience()

    def get_paying_experience(self) -> PayingExperience:
        """How the client pays, and what stands against each other way."""
        paying, against = self._setup.setup(), self._against()
        accounts = tuple(
            FundingView(account_id=each.id, name=each.name, mask=each.mask, currency=each.currency)
            for each in self._setup.funding_accounts()
        )
        stops = against[paying.way]
        if paying.way == "create":
            stops = (*stops, *(() if paying.declared_by else self._setup.against_create()[:1]))
        return PayingExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            ask=f"How does {self._business.name} pay its bills?",
            say=f"{_NAMES[paying.way]}. {_MEANS[paying.way]}",
            way=paying.way,
            method=paying.method,
            account=next((each for each in accounts if each.account_id == paying.funding_account_id), None),
            accounts=accounts,
            declared_by=self._named(paying.declared_by),
            declared_at=paying.declared_at,
            changed_by=self._named(paying.changed_by),
            changed_at=paying.changed_at,
            ways=tuple(_way(each, paying, against[each]) for each in WAYS),
            against=stops,
        )

    def _against(self) -> dict[Way, tuple[str, ...]]:
        """Why each way can't be chosen now."""
        apart = () if self._setup.connected() else (f"{_RAIL} isn’t connected.",)
        return {"outside": (), "hand_off": apart, "create": (*apart, *self._setup.evidence())}

    def _named(self, person_id: str | None) -> str | None:
        found = self._session.get(Person, person_id) if person_id else None
        return found.name if found else person_id

    def _labels(self, bill_ids: Sequence[str]) -> dict[str, str]:
        query = select(Bill.id, Bill.vendor_name, Bill.number).where(
            Bill.business_id == self._business.business_id, among(self._session, Bill.id, sorted(set(bill_ids)))
        )
        rows = self._session.execute(query)
        return {row.id: f"{row.vendor_name or 'Nobody named'} {row.number or row.id}" for row in rows}


def _way(key: Way, paying: Paying, against: tuple[str, ...]) -> WayView:
    return WayView(key=key, name=_NAMES[key], means=_MEANS[key], chosen=key == paying.way, against=against)
