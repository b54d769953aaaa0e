"""A policy tried on a client's past: which payments it would have judged otherwise than the one in force, and the dollars."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.money import Money
from interlock.runway.services.calculators.guardrail_values import Outcome
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.past_payments import PastVerdict, judged
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.policy_past import ReadPast, read_past
from interlock.runway.services.views import Amount, BusinessView, View

MOST_DAYS = 366
_OUTCOMES: tuple[Outcome, ...] = ("allow", "warn", "block")
_SHOWN = 200
_SAID = {"allow": "allowed", "warn": "warned of", "block": "blocked"}


class OutcomeView(View):
    """How many payments got this verdict, and their sum: under the policy in force, and under the one that is tried."""

    outcome: Outcome
    before: int
    before_amount: Amount
    after: int
    after_amount: Amount


class FlipView(View):
    """A payment that would have been judged otherwise. ``before`` and ``after`` in words, two people among them; ``why``: the

    tried policy's reason where it is the stricter one, else that of the policy in force.
    """

    payment_id: str
    dated: date
    vendor: str
    number: str | None
    amount: Amount
    before: str
    after: str
    why: str
    link: str | None


class DryRunView(View):
    """``limits``: what the past was rebuilt from, and what nobody can know of it any more. ``flips``: the first 200."""

    ask: str
    say: str
    business: BusinessView
    since: date
    until: date
    payments: int
    amount: Amount
    outcomes: tuple[OutcomeView, ...]
    flips: tuple[FlipView, ...]
    flips_count: int
    flips_amount: Amount
    limits: tuple[str, ...]


class PolicyDryRun:
    """One client's past payments under two policies."""

    def __init__(self, db: Session, business: Business, *, links: Links, today: date) -> None:
        self._db = db
        self._business = business
        self._links = links
        self._today = today

    def get_dry_run_experience(self, now: Policy, tried: Policy, since: date) -> DryRunView:
        """``now``: in force; ``tried``: the draft. Reads the mirror alone."""
        read = read_past(self._db, self._business, since, self._today)
        before, after = judged(read.past, (now, tried), since)
        pairs = list(zip(before, after, strict=True))
        flips = [(was, would) for was, would in pairs if _said(was) != _said(would)]
        home = self._business.home_currency
        return DryRunView(
            ask=f"What would this policy have said of {self._business.name}’s payments since {on_day(since, self._today)}?",
            say=_answer(pairs, flips, home),
            business=BusinessView.of(self._business),
            since=since,
            until=self._today,
            payments=len(pairs),
            amount=_sum(before, home),
            outcomes=tuple(_outcome(each, before, after, home) for each in _OUTCOMES),
            flips=tuple(self._flip(was, would) for was, would in flips[:_SHOWN]),
            flips_count=len(flips),
            flips_amount=_sum([would for _, would in flips], home),
            limits=self._limits(read),
        )

    def _flip(self, was: PastVerdict, would: PastVerdict) -> FlipView:
        payment = was.payment
        return FlipView(
            payment_id=payment.id,
            dated=payment.dated,
            vendor=payment.vendor or "No vendor",
            number=payment.number,
            amount=Amount.minor(payment.minor, self._business.home_currency),
            before=_said(was),
            after=_said(would),
            why=_why(was, would),
            link=self._links.to("bill_payment", payment.id),
        )

    def _limits(self, read: ReadPast) -> tuple[str, ...]:
        """What the figures rest on, and what they can't tell."""
        found = [
            "Reconstructed, not recorded: the cash of each day is the books’ bank balances walked back from today by what the "
            "books say moved since; what customers owed then is placed by how they had paid until then.",
            "Payments of one day are judged together. Of a blocked day only what would have had to be dropped counts as blocked.",
            "Not known any more, so not judged: which payments were approved and not yet made, what the banks showed and how "
            "fresh it was, findings of the day, who would have approved.",
        ]
        if read.past.recurring:
            found.append(
                f"{counted(len(read.past.recurring), 'recurring item')} confirmed since, taken to have recurred then as now."
            )
        else:
            found.append("Nothing that recurs is confirmed here, so payroll and the like stand in no day’s path.")
        if read.by_card:
            found.append(f"Left out: {counted(read.by_card, 'payment')} that no bank account paid.")
        if read.foreign:
            found.append(f"Left out: {counted(read.foreign, 'payment')} in another currency.")
        if self._business.control_start > self._today or read.past.payments == ():
            return tuple(found)
        return (*found, f"Interlock answers for this client from {on_day(self._business.control_start, self._today)}.")


def _said(each: PastVerdict) -> str:
    return f"{_SAID[each.outcome]}, two people" if each.people > 1 else _SAID[each.outcome]


def _why(was: PastVerdict, would: PastVerdict) -> str:
    severity = _OUTCOMES.index
    if severity(would.outcome) > severity(was.outcome):
        return would.why
    if severity(would.outcome) < severity(was.outcome):
        return f"no longer: {was.why}"
    if would.people != was.people:
        return "above the first limit" if would.people > was.people else "no longer above the first limit"
    return would.why


def _outcome(outcome: Outcome, before: Sequence[PastVerdict], after: Sequence[PastVerdict], home: str) -> OutcomeView:
    was = [each for each in before if each.outcome == outcome]
    would = [each for each in after if each.outcome == outcome]
    return OutcomeView(
        outcome=outcome,
        before=len(was),
        before_amount=_sum(was, home),
        after=len(would),
        after_amount=_sum(would, home),
    )


def _sum(verdicts: Sequence[PastVerdict], home: str) -> Amount:
    return Amount.minor(sum(each.payment.minor for each in verdicts), home)


def _answer(
    pairs: Sequence[tuple[PastVerdict, PastVerdict]], flips: Sequence[tuple[PastVerdict, PastVerdict]], home: str
) -> str:
    if not pairs:
        return "Nothing to try it on. The books hold no bill payment of those days from a bank account."
    of = f"{counted(len(pairs), 'payment')}, reconstructed from the books"
    if not flips:
        return f"The same as the policy in force. {of[:1].upper()}{of[1:]}: no verdict changes."
    ways: dict[str, list[int]] = {"judged more strictly": [], "less strictly": [], "with another number of people": []}
    for was, would in flips:
        ways[_way(was, would)].append(was.payment.minor)
    told = ", ".join(f"{len(each)} {way} ({Money(sum(each), home)})" for way, each in ways.items() if each)
    dollars = Money(sum(was.payment.minor for was, _ in flips), home)
    return f"{counted(len(flips), 'verdict')} would flip, {home} {dollars}. Of {of}: {told}."


def _way(was: PastVerdict, would: PastVerdict) -> str:
    step = _OUTCOMES.index(would.outcome) - _OUTCOMES.index(was.outcome)
    if not step:
        return "with another number of people"
    return "judged more strictly" if step > 0 else "less strictly"
