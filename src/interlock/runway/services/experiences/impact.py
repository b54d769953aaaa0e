"""What a batch of bills would do: the verdict in a sentence, and the cash path before and after it. Nothing is written."""

from collections.abc import Iterable
from datetime import date

import msgspec
from msgspec.structs import replace

from interlock.domains.ap.ports import Judged
from interlock.kernel.money import Money
from interlock.runway.services.calculators.batch import Batch, at_of, batch_of, lowest, on
from interlock.runway.services.calculators.guardrail_values import Low, Outcome, Question, Reason, Verdict
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.views import Amount, View

_ESSENTIALS_SHOWN = 3
_SAID: dict[Outcome, str] = {"allow": "Allowed", "warn": "Warning", "block": "Blocked"}


class LowView(View):
    """The lowest balance at the low side (p80), the first day of it, and how far it is above the floor."""

    amount: Amount
    on: date
    headroom: Amount


class ReasonView(View):
    """A constraint that isn't kept. ``bill_ids``: whom it is about, all when empty."""

    binding: str
    words: str
    on: date | None
    shortfall: Amount | None
    bill_ids: tuple[str, ...]
    overridable: bool


class DropView(View):
    bill_id: str
    label: str
    amount: Amount


class PathPoint(View):
    """One day's balance at the low side, without and with the batch."""

    day: date
    before: Amount
    after: Amount


class EssentialView(View):
    """What comes first in the waterfall: whether the floor holds on its day, without and with the batch."""

    label: str
    on: date
    amount: Amount
    held_before: bool
    held_after: bool


class ImpactView(View):
    """The guardrail's answer. ``after_drop``: the low point once what it names is dropped; ``acknowledge``: a warning

    that whoever approves has to tick; ``overridable``: every reason can be overridden by a person who may.
    """

    count: int
    total: Amount
    outcome: Outcome
    words: str
    short: str
    reasons: tuple[ReasonView, ...]
    overridable: bool
    acknowledge: bool
    floor: Amount
    floor_term: str
    before: LowView
    after: LowView
    after_drop: LowView | None
    breach_before: date | None
    breach_after: date | None
    shortfall: Amount
    drop: tuple[DropView, ...]
    drop_total: Amount
    drop_proven: bool
    essentials: tuple[EssentialView, ...]
    path: tuple[PathPoint, ...]
    today: date
    engine: int


def impact_of(judged: Judged) -> ImpactView:
    """The answer as people and programs read it; every figure comes from the very question that was judged."""
    question = msgspec.json.decode(judged.question, type=Question)
    verdict = msgspec.json.decode(judged.verdict, type=Verdict)
    batch = batch_of(question)
    currency, floor = question.currency, verdict.floor_minor
    labels = {each.bill_id: each.label for each in question.wanted}
    amounts: dict[str, int] = {}
    for each in question.wanted:
        amounts[each.bill_id] = amounts.get(each.bill_id, 0) + each.minor
    return ImpactView(
        count=len(amounts),
        total=Amount.minor(sum(amounts.values()), currency),
        outcome=verdict.outcome,
        words=verdict.words if question.wanted else _nothing(verdict, question),
        short=_short(verdict, question),
        reasons=tuple(_reason(each, currency) for each in verdict.reasons),
        overridable=judged.overridable,
        acknowledge=verdict.outcome == "warn",
        floor=Amount.minor(floor, currency),
        floor_term=verdict.floor_term,
        before=_low(verdict.before, floor, currency),
        after=_low(verdict.after, floor, currency),
        after_drop=_low(_without(question, verdict.drop), floor, currency) if verdict.drop else None,
        breach_before=verdict.breach_before,
        breach_after=verdict.breach_after,
        shortfall=Amount.minor(verdict.shortfall_minor, currency),
        drop=tuple(
            DropView(bill_id=bill_id, label=labels[bill_id], amount=Amount.minor(amounts[bill_id], currency))
            for bill_id in verdict.drop
        ),
        drop_total=Amount.minor(verdict.drop_minor, currency),
        drop_proven=verdict.drop_proven,
        essentials=tuple(_essentials(question, batch, floor)),
        path=tuple(
            PathPoint(
                day=on(at, question.today),
                before=Amount.minor(before, currency),
                after=Amount.minor(after, currency),
            )
            for at, (before, after) in enumerate(zip(batch.before.low, batch.after.low, strict=True))
        ),
        today=question.today,
        engine=judged.engine,
    )


def _low(low: Low, floor: int, currency: str) -> LowView:
    headroom = Amount.minor(low.minor - floor, currency)
    return LowView(amount=Amount.minor(low.minor, currency), on=low.on, headroom=headroom)


def _without(question: Question, dropped: Iterable[str]) -> Low:
    """The low point of what is left of a batch."""
    gone = set(dropped)
    left = replace(question, wanted=tuple(each for each in question.wanted if each.bill_id not in gone))
    return lowest(batch_of(left).after.low, question.today)


def _reason(reason: Reason, currency: str) -> ReasonView:
    return ReasonView(
        binding=reason.binding,
        words=reason.words,
        on=reason.on,
        shortfall=Amount.minor(reason.shortfall_minor, currency) if reason.shortfall_minor else None,
        bill_ids=reason.bill_ids,
        overridable=reason.overridable,
    )


def _essentials(question: Question, batch: Batch, floor: int) -> Iterable[EssentialView]:
    """The next ones of the first rank of the waterfall, payroll as a rule."""
    essential = [each for each in question.cash if each.essential and each.minor < 0]
    first = min((each.place for each in essential), default=0)
    shown = sorted((each for each in essential if each.place == first), key=lambda each: (each.likely, each.key))
    for each in shown[:_ESSENTIALS_SHOWN]:
        at = at_of(each.late, question.today)
        if at < batch.size:
            yield EssentialView(
                label=each.label,
                on=each.late,
                amount=Amount.minor(-each.minor, question.currency),
                held_before=batch.before.low[at] >= floor,
                held_after=batch.after.low[at] >= floor,
            )


def _nothing(verdict: Verdict, question: Question) -> str:
    """What stands while nothing is selected."""
    low = Money(verdict.before.minor, question.currency)
    day = on_day(verdict.before.on, question.today)
    room = verdict.before.minor - verdict.floor_minor
    said = Money(abs(room), question.currency)
    if room >= 0:
        return f"Nothing selected: lowest {low} on {day}, {said} above floor."
    return f"Nothing selected, and the floor is broken already: lowest {low} on {day}, {said} below floor."


def _short(verdict: Verdict, question: Question) -> str:
    """The verdict for the bar: ``Blocked: 12,000.00 below floor on 17 Dec``."""
    if not question.wanted:
        return "Nothing selected"
    currency, lowest_day = question.currency, on_day(verdict.after.on, question.today)
    if verdict.outcome == "allow":
        return f"Allowed: lowest {Money(verdict.after.minor, currency)} on {lowest_day}"
    reason = verdict.reasons[0]
    if reason.binding == "floor":
        return f"{_SAID[verdict.outcome]}: {Money(verdict.shortfall_minor, currency)} below floor on {lowest_day}"
    more = len(verdict.reasons) - 1
    said = f"{_SAID[verdict.outcome]}: {reason.words}"
    return f"{said}, and {counted(more, 'more reason')}" if more else said
