"""What recurs, as shown and decided on: what the books suggest with its evidence, what people confirmed, what they refused."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from interlock.domains.bank.plan_models import RecurringItem
from interlock.domains.bank.services.recurring_service import (
    CONFIRMED,
    INCOMING,
    OUTGOING,
    Corrected,
    RecurringService,
    Series,
    series_of,
)
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.calendars import CADENCES, LAST_OF_MONTH, Cadence
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.recurring import Detected, occurrences
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.experiences.plan_acts import must_confirm_plan
from interlock.runway.services.views import Amount, BusinessView, Instant, View

EVIDENCE_SHOWN = 12
_AHEAD_DAYS = 120
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_EVERY = {
    "weekly": "Every week",
    "biweekly": "Every other week",
    "monthly": "Every month",
    "quarterly": "Every quarter",
}


class EvidenceView(View):
    """A movement that a series was told from."""

    kind: str
    id: str
    number: str | None
    link: str | None


class SeriesView(View):
    """Something that recurs. ``recurring_id``: once a person decided on it; ``state``: suggested, confirmed, refused or ended.

    ``missed``: its next one is overdue and nothing like it is in the books. ``next_on``: the next day it is due.
    """

    recurring_id: str | None
    signature: str
    name: str
    category: str
    may_be: tuple[str, ...]
    inflow: bool
    when: str
    amount: Amount
    next_on: date | None
    last_on: date | None
    missed: bool
    state: str
    seen: int
    evidence: tuple[EvidenceView, ...]
    decided_by: str | None
    decided_at: Instant | None


class RecurringExperience(View):
    """Suggestions wait for a person; what is confirmed is in the cash path; refused and ended ones are kept apart."""

    business: BusinessView
    ask: str
    say: str
    suggestions: tuple[SeriesView, ...]
    confirmed: tuple[SeriesView, ...]
    past: tuple[SeriesView, ...]


class RecurringExperiences:
    """What recurs at one business. ``detected``: the series that the books show, found when first needed."""

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        policy: Policy,
        detected: Callable[[], Sequence[Detected]],
        links: Links,
        today: date,
        now: datetime,
    ) -> None:
        self._business = business
        self._service = RecurringService(db, Scope(business.firm_id, business.business_id))
        self._policy = policy
        self._detected = detected
        self._links = links
        self._today = today
        self._now = now

    def get_recurring_experience(self) -> RecurringExperience:
        detected = {each.signature: each for each in self._detected()}
        decided = self._service.decided()
        known = {each.signature for each in decided}
        suggestions = [self._suggested(each) for each in detected.values() if each.signature not in known]
        shown = [self._decided(each, detected.get(each.signature)) for each in decided]
        confirmed = tuple(each for each in shown if each.state == CONFIRMED)
        return RecurringExperience(
            business=BusinessView.of(self._business),
            ask=f"What comes and goes by itself at {self._business.name}?",
            say=_say(suggestions, confirmed, self._today),
            suggestions=tuple(sorted(suggestions, key=lambda each: (-each.amount.money.minor, each.name))),
            confirmed=confirmed,
            past=tuple(each for each in shown if each.state != CONFIRMED),
        )

    def confirm(self, by: Acting, signature: str, corrected: Corrected | None = None) -> SeriesView:
        """It is cash to come from now on; a person says so once."""
        return self._decide(by, signature, corrected, confirm=True)

    def refuse(self, by: Acting, signature: str) -> SeriesView:
        """It doesn't recur, or not as shown: it is not suggested again."""
        return self._decide(by, signature, None, confirm=False)

    def change(self, by: Acting, wanted: str, corrected: Corrected) -> SeriesView:
        """Another amount, name or category from now on."""
        must_confirm_plan(by, self._policy, self._now)
        item = self._service.change(self._item(wanted).recurring_id, corrected, now=self._now, actor=by.actor)
        return self._decided(item, None)

    def end(self, by: Acting, wanted: str, *, reason: str) -> SeriesView:
        """It comes no more."""
        must_confirm_plan(by, self._policy, self._now)
        item = self._service.end(self._item(wanted).recurring_id, reason=reason, now=self._now, actor=by.actor)
        return self._decided(item, None)

    def _decide(self, by: Acting, signature: str, corrected: Corrected | None, *, confirm: bool) -> SeriesView:
        must_confirm_plan(by, self._policy, self._now)
        found = self._found(signature)
        item = self._service.decide(
            found.signature, found=found, confirm=confirm, now=self._now, actor=by.actor, corrected=corrected
        )
        return self._decided(item, None)

    def _found(self, wanted: str) -> Series:
        """By signature, or by a name that only one series has; a decided one stands in for a series no longer shown."""
        detected = self._detected()
        own = [each for each in detected if wanted == each.signature]
        own = own or [each for each in detected if wanted.casefold() == each.name.casefold()]
        if len(own) == 1:
            return _series(own[0])
        if len(own) > 1:
            raise NotFound(f"More than one series is named {wanted!r}; give the signature that the list shows.")
        return series_of(self._item(wanted))

    def _item(self, wanted: str) -> RecurringItem:
        decided = self._service.decided()
        own = [each for each in decided if wanted in (each.recurring_id, each.signature)]
        own = own or [each for each in decided if wanted.casefold() == each.name.casefold()]
        if len(own) != 1:
            raise NotFound(
                f"Nothing that recurs at {self._business.name} is {wanted!r}: give an id, a signature or a name of the list."
            )
        return own[0]

    def _suggested(self, each: Detected) -> SeriesView:
        return SeriesView(
            recurring_id=None,
            signature=each.signature,
            name=each.name,
            category=each.category,
            may_be=INCOMING if each.inflow else OUTGOING,
            inflow=each.inflow,
            when=cadence_words(each.cadence, each.days),
            amount=_signed(each.amount_minor, each.currency, inflow=each.inflow),
            next_on=each.next_on,
            last_on=each.last_on,
            missed=each.missed,
            state="suggested",
            seen=len(each.seen),
            evidence=tuple(self._evidence(one.kind, one.id, one.number) for one in each.seen[:EVIDENCE_SHOWN]),
            decided_by=None,
            decided_at=None,
        )

    def _decided(self, item: RecurringItem, shown: Detected | None) -> SeriesView:
        series = series_of(item)
        evidence = [(one.kind, one.id, one.number) for one in shown.seen] if shown else None
        seen = evidence or [(kind, id_, None) for kind, id_ in series.evidence]
        return SeriesView(
            recurring_id=item.recurring_id,
            signature=item.signature,
            name=item.name,
            category=item.category,
            may_be=INCOMING if item.inflow else OUTGOING,
            inflow=item.inflow,
            when=cadence_words(item.cadence, series.days),
            amount=_signed(item.amount_minor, item.currency, inflow=item.inflow),
            next_on=self._next(series) if item.state == CONFIRMED else None,
            last_on=shown.last_on if shown else None,
            missed=bool(shown and shown.missed) and item.state == CONFIRMED,
            state=item.state,
            seen=len(seen),
            evidence=tuple(self._evidence(*each) for each in seen[:EVIDENCE_SHOWN]),
            decided_by=item.decided_by,
            decided_at=item.decided_at,
        )

    def _next(self, series: Series) -> date | None:
        cadence: Cadence = next(each for each in CADENCES if each == series.cadence)
        ahead = self._today + timedelta(days=_AHEAD_DAYS)
        before = series.category == "payroll"
        return next(iter(occurrences(cadence, series.days, series.anchor, self._today, ahead, before)), None)

    def _evidence(self, kind: str, id_: str, number: str | None) -> EvidenceView:
        return EvidenceView(kind=kind, id=id_, number=number, link=self._links.to(kind, id_))


def cadence_words(cadence: str, days: tuple[int, ...]) -> str:
    """``Every other week, on Thursdays``; ``Every month, on day 15``; ``Twice a month, on day 15 and the last``."""
    if cadence in ("weekly", "biweekly"):
        return f"{_EVERY[cadence]}, on {' and '.join(_WEEKDAYS[day] for day in days)}"
    said = [("the last" if day >= LAST_OF_MONTH else f"day {day}") for day in days]
    return f"{_EVERY.get(cadence, 'Twice a month')}, on {' and '.join(said)}"


def _series(each: Detected) -> Series:
    return Series(
        signature=each.signature,
        name=each.name,
        category=each.category,
        inflow=each.inflow,
        cadence=each.cadence,
        days=each.days,
        anchor=each.anchor,
        amount_minor=each.amount_minor,
        currency=each.currency,
        evidence=tuple((one.kind, one.id) for one in each.seen),
    )


def _signed(minor: int, currency: str, *, inflow: bool) -> Amount:
    return Amount.of(Money(minor if inflow else -minor, currency))


def _say(suggestions: Sequence[SeriesView], confirmed: Sequence[SeriesView], today: date) -> str:
    missed = [each for each in confirmed if each.missed]
    parts: list[str] = []
    if missed:
        first = missed[0]
        last = f", last seen {on_day(first.last_on, today)}" if first.last_on else ""
        parts.append(f"{first.name} is overdue{last}.")
    if suggestions:
        parts.append(f"{counted(len(suggestions), 'series', 'series')} in the books to confirm or refuse, once.")
    parts.append(
        f"{counted(len(confirmed), 'series', 'series')} confirmed, in the cash path."
        if confirmed
        else "None is confirmed yet, so none counts in the guardrail."
    )
    return " ".join(parts)
