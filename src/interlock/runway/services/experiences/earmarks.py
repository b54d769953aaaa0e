"""Money set aside, as shown and decided on: for what, until when, how far the cash reaches in the order of the waterfall."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.models import Vendor
from interlock.domains.bank.plan_models import Earmark
from interlock.domains.bank.services.earmark_service import ACTIVE, CATEGORIES, RESTRICTED, EarmarkService
from interlock.domains.bank.services.recurring_service import RecurringService
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.spendable import Spendable
from interlock.runway.services.calculators.waterfall import Claim, cover
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.experiences.plan_acts import must_confirm_plan
from interlock.runway.services.views import Amount, BusinessView, Instant, Total, View

ENDED_SHOWN = 20
_BASIS = "What of active earmarks no payment has consumed; restricted money stands apart."


class EarmarkView(View):
    """One earmark. ``left``: what no payment has consumed; ``covered``: what of it cash reaches for, those before it served.

    ``covered`` is ``None`` where no bank says what is available, and for what has ended.
    """

    earmark_id: str
    name: str
    category: str
    amount: Amount
    left: Amount
    covered: Amount | None
    short: Amount | None
    needed_on: date | None
    recurring_name: str | None
    vendor_name: str | None
    state: str
    consumed_by: str | None
    made_by: str
    made_at: Instant
    ended_by: str | None
    ended_at: Instant | None


class ChoiceView(View):
    """Something an earmark can be for."""

    id: str
    name: str


class EarmarksExperience(View):
    """Earmarks in the order they are served. ``reaching``: cash at the banks less what is in flight and restricted, which

    they are served from; ``None`` where no bank says.
    """

    business: BusinessView
    ask: str
    say: str
    reaching: Amount | None
    earmarked: Total
    restricted: Amount
    active: tuple[EarmarkView, ...]
    ended: tuple[EarmarkView, ...]
    categories: tuple[str, ...]
    recurring: tuple[ChoiceView, ...]


class EarmarksService:
    """Earmarks of one business. ``spendable``: asked for only where it is shown."""

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        policy: Policy,
        spendable: Callable[[], Spendable | None],
        now: datetime,
    ) -> None:
        self._db = db
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)
        self._service = EarmarkService(db, self._scope, business.home_currency)
        self._policy = policy
        self._spendable = spendable
        self._now = now

    def get_earmarks_experience(self) -> EarmarksExperience:
        home = self._business.home_currency
        every = self._service.earmarks(active_only=False, order=self._policy.essential.order)
        active = [each for each in every if each.state == ACTIVE]
        ended = sorted(
            (each for each in every if each.state != ACTIVE),
            key=lambda each: each.ended_at or each.made_at,
            reverse=True,
        )
        restricted = sum(_left(each) for each in active if each.category == RESTRICTED)
        cash = self._reaching(restricted)
        covered = self._covered(active, cash)
        set_aside = [Money(_left(each), home) for each in active if each.category != RESTRICTED]
        return EarmarksExperience(
            business=BusinessView.of(self._business),
            ask=f"What has {self._business.name} set aside?",
            say=_say(set_aside, covered, active, home),
            reaching=None if cash is None else Amount.minor(cash, home),
            earmarked=Total.of(set_aside, home, _BASIS, "earmarks"),
            restricted=Amount.minor(restricted, home),
            active=tuple(self._view(each, covered.get(each.earmark_id)) for each in active),
            ended=tuple(self._view(each, None) for each in ended[:ENDED_SHOWN]),
            categories=CATEGORIES,
            recurring=tuple(
                ChoiceView(id=each.recurring_id, name=each.name)
                for each in RecurringService(self._db, self._scope).confirmed()
                if not each.inflow
            ),
        )

    def add(
        self,
        by: Acting,
        name: str,
        category: str,
        amount: Money,
        *,
        needed_on: date | None = None,
        recurring_id: str | None = None,
        vendor_id: str | None = None,
    ) -> EarmarkView:
        """Set money aside; ``Refused`` for who may not."""
        must_confirm_plan(by, self._policy, self._now)
        if vendor_id is not None and self._db.get(Vendor, (self._business.business_id, vendor_id)) is None:
            raise NotFound(f"There is no vendor {vendor_id!r} at this client.")
        made = self._service.create(
            name,
            category,
            amount.minor,
            now=self._now,
            actor=by.actor,
            needed_on=needed_on,
            recurring_id=recurring_id,
            vendor_id=vendor_id,
        )
        return self._view(made, None)

    def release(self, by: Acting, earmark_id: str, *, reason: str) -> EarmarkView:
        """Give it back to what can be spent."""
        must_confirm_plan(by, self._policy, self._now)
        return self._view(self._service.release(earmark_id, reason=reason, now=self._now, actor=by.actor), None)

    def _reaching(self, restricted_minor: int) -> int | None:
        said = self._spendable()
        if said is None or said.available_minor is None:
            return None
        return said.available_minor - said.in_flight_minor - restricted_minor

    def _covered(self, active: list[Earmark], cash: int | None) -> dict[str, int]:
        """What the cash reaches for of each, in the order given."""
        if cash is None:
            return {}
        claims = [
            Claim(each.earmark_id, each.name, at, _left(each), each.needed_on)
            for at, each in enumerate(active)
            if each.category != RESTRICTED
        ]
        return {each.claim.key: each.covered_minor for each in cover(cash, claims)}

    def _view(self, each: Earmark, covered: int | None) -> EarmarkView:
        left, currency = _left(each), each.currency
        return EarmarkView(
            earmark_id=each.earmark_id,
            name=each.name,
            category=each.category,
            amount=Amount.minor(each.amount_minor, currency),
            left=Amount.minor(left, currency),
            covered=None if covered is None else Amount.minor(covered, currency),
            short=None if covered is None else Amount.minor(left - covered, currency),
            needed_on=each.needed_on,
            recurring_name=self._recurring_name(each.recurring_id),
            vendor_name=self._vendor_name(each.vendor_id),
            state=each.state,
            consumed_by=f"{each.consumed_kind} {each.consumed_id}" if each.consumed_kind else None,
            made_by=each.made_by,
            made_at=each.made_at,
            ended_by=each.ended_by,
            ended_at=each.ended_at,
        )

    def _recurring_name(self, recurring_id: str | None) -> str | None:
        return None if recurring_id is None else RecurringService(self._db, self._scope).find(recurring_id).name

    def _vendor_name(self, vendor_id: str | None) -> str | None:
        found = None if vendor_id is None else self._db.get(Vendor, (self._business.business_id, vendor_id))
        return vendor_id if found is None else found.name


def _left(each: Earmark) -> int:
    return each.amount_minor - each.consumed_minor


def _say(set_aside: list[Money], covered: dict[str, int], active: list[Earmark], home: str) -> str:
    if not active:
        return "Nothing is set aside. All that can be spent is free for the next bill."
    total = Money.total(set_aside, home)
    said = f"{home} {total} in {counted(len(set_aside), 'earmark')}."
    short = sum(_left(each) - covered[each.earmark_id] for each in active if each.earmark_id in covered)
    if short > 0:
        return f"{said} Cash at the banks reaches for all but {Money(short, home)} of it."
    return f"{said} Cash at the banks reaches for all of it." if covered else said
