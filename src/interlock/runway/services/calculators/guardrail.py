"""The liquidity guardrail (product-map §2.8): a batch of bills judged jointly, over every day of the horizon. Pure.

G is what the path starts from (cash, in flight, committed, confirmed recurring and essential items, receipts at their p80 date),
B the batch. Allowed when the p80 balance of G and B stays at or above the floor on every day, essentials are covered in
waterfall order, no bill is stopped, limits hold and the inputs are fit. Where only the floor or essentials fail, and only at
p80, it is a warning; everything else blocks.

One case is softer: a batch of nothing but bills that must be paid, where the floor is broken without it too. Those are in
G, so paying them changes nothing; it is a warning as long as the likely balance, with only what ranks before
each of them paid, stays at or above zero up to its date, and the batch lowers no day that is below the floor.

Reasons come in a fixed order, those that block first: checks (what nobody can override first), inputs, credits, limits (payment,
vendor, day, week), floor, essentials. The first one binds.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from interlock.domains.firm.policy.values import Policy
from interlock.runway.services.calculators.batch import (
    Batch,
    Group,
    at_of,
    batch_of,
    bounds_of,
    breach,
    groups_of,
    lowest,
    on,
)
from interlock.runway.services.calculators.cash_path import balances
from interlock.runway.services.calculators.dropping import Drop, smallest
from interlock.runway.services.calculators.floor import floor_of
from interlock.runway.services.calculators.flows import Flow, Plan
from interlock.runway.services.calculators.guardrail_values import (
    ENGINE,
    Balance,
    Cash,
    FloorTerms,
    Limits,
    Outcome,
    Question,
    Reason,
    Spent,
    Verdict,
    Wanted,
)
from interlock.runway.services.calculators.verdict_words import (
    Said,
    check_words,
    credit_words,
    essentials_words,
    floor_words,
    limit_words,
    payment_words,
    sentence,
)
from interlock.runway.services.calculators.waterfall import Claim, cover

_ORDER = {
    name: at
    for at, name in enumerate(
        ("check", "inputs", "credit", "payment", "vendor_week", "day", "week", "floor", "essentials")
    )
}
_PAYROLLS_SEEN = 2

Found = tuple[Outcome, Reason]


def question_of(plan: Plan, policy: Policy, wanted: Sequence[Wanted], spent: Spent) -> Question:
    """What is asked: the plan's sure movements within the horizon, which reaches over the next two payrolls at least.

    What was decided before (in flight, committed) is no longer its bill's own movement: a decision on the rest adds to it.
    """
    days = _horizon(plan, policy)
    last = on(days, plan.today)
    sure = [flow for flow in plan.flows if flow.standing == "sure" and min(flow.likely, flow.late) <= last]
    return Question(
        today=plan.today,
        currency=plan.currency,
        horizon_days=days,
        start_minor=plan.start.minor,
        cash=tuple(_cash(flow) for flow in sorted(sure, key=lambda each: (each.likely, each.late, each.key))),
        wanted=tuple(wanted),
        floor=FloorTerms(
            absolute_minor=policy.floor.absolute_minor,
            buffer_days=policy.floor.buffer_days,
            essential_per_day_minor=plan.essential_per_day_minor,
            covenant_minor=policy.floor.covenant_minor,
        ),
        limits=Limits(
            payment_minor=policy.limits.payment_minor,
            vendor_week_minor=policy.limits.vendor_week_minor,
            day_minor=policy.limits.day_minor,
            week_minor=policy.limits.week_minor,
        ),
        spent=spent,
        troubles=plan.troubles,
        balances=tuple(Balance(each.label, each.minor, each.as_of) for each in plan.start.parts),
    )


def judge(question: Question) -> Verdict:
    """The verdict; the same question always gets the same one, byte for byte, in whatever order its bills stand."""
    batch = batch_of(question)
    floor, term = floor_of(question.floor)
    groups = groups_of(batch.wanted, question.limits, question.spent)
    found = [
        *_on_bills(question, batch),
        *_on_limits(question, batch, groups),
        *_on_cash(question, batch, floor),
    ]
    found.sort(key=lambda each: (each[0] != "block", _ORDER[each[1].binding], each[1].overridable))  # stable
    reasons = tuple(reason for _, reason in found)
    outcome = found[0][0] if found else "allow"
    before, after = lowest(batch.before.low, question.today), lowest(batch.after.low, question.today)
    broken_without = breach(batch.before.low, floor, question.today)
    bills = list(dict.fromkeys(each.bill_id for each in batch.wanted))
    drop = _drop(question, batch, bills, groups, floor) if found and not question.troubles else None
    dropped = tuple(bills[at] for at in drop.positions) if drop else ()
    said = Said(
        outcome=outcome,
        reasons=reasons,
        dropped=_labelled(batch.wanted, frozenset(dropped)),
        proven=drop.proven if drop else True,
        spare_minor=_spare(question, frozenset(dropped), floor) if dropped and after.minor < floor else None,
        broken_without=broken_without,
        only_must_pay=batch.only_must_pay,
        must_pay=_labelled(batch.wanted, frozenset(each.bill_id for each in batch.wanted if each.must_pay)),
        unseen=tuple(each for each in batch.wanted if at_of(each.pay_on, question.today) >= batch.size),
        horizon_days=question.horizon_days,
        after=after,
        floor_minor=floor,
        today=question.today,
        currency=question.currency,
    )
    return Verdict(
        outcome=outcome,
        reasons=reasons,
        floor_minor=floor,
        floor_term=term,
        before=before,
        after=after,
        breach_before=broken_without,
        breach_after=breach(batch.after.low, floor, question.today),
        shortfall_minor=max(floor - after.minor, 0),
        drop=dropped,
        drop_minor=sum(each.minor for each in batch.wanted if each.bill_id in dropped),
        drop_proven=said.proven,
        words=sentence(said),
        engine=ENGINE,
    )


def _on_bills(question: Question, batch: Batch) -> Iterable[Found]:
    """What stops single bills, what makes the inputs unfit, and credits that should be used up first."""
    for each in batch.wanted:
        for stop in each.stops:
            words = check_words(each, stop)
            yield "block", Reason("check", words, bill_ids=(each.bill_id,), overridable=stop.overridable)
    for trouble in question.troubles:
        yield "block", Reason("inputs", trouble.rstrip("."))
    by_vendor: dict[str, list[Wanted]] = {}
    for each in batch.wanted:
        if each.open_credit_minor > 0:
            by_vendor.setdefault(each.vendor_id or each.bill_id, []).append(each)
    for wanted in by_vendor.values():
        credit = max(each.open_credit_minor for each in wanted)
        bill_ids = tuple(dict.fromkeys(each.bill_id for each in wanted))
        words = credit_words([each.label for each in wanted], credit, question.currency)
        yield "block", Reason("credit", words, shortfall_minor=credit, bill_ids=bill_ids)


def _on_limits(question: Question, batch: Batch, groups: Sequence[Group]) -> Iterable[Found]:
    payment = question.limits.payment_minor
    for each in batch.wanted:
        if payment is not None and each.minor > payment:
            words = payment_words(each, payment, question.currency)
            over = each.minor - payment
            yield "block", Reason("payment", words, on=each.pay_on, shortfall_minor=over, bill_ids=(each.bill_id,))
    for group in groups:
        asked = sum(batch.wanted[at].minor for at in group.positions)
        over = group.spent_minor + asked - group.limit_minor
        if over <= 0:
            continue
        wanted = [batch.wanted[at] for at in group.positions]
        yield (
            "block",
            Reason(
                group.binding,
                limit_words(group.binding, wanted, over, group.limit_minor, question.today, question.currency),
                on=wanted[0].pay_on if group.binding == "day" else None,
                shortfall_minor=over,
                bill_ids=() if group.binding == "week" else tuple(dict.fromkeys(each.bill_id for each in wanted)),
            ),
        )


def _on_cash(question: Question, batch: Batch, floor: int) -> Iterable[Found]:
    after = lowest(batch.after.low, question.today)
    holds_at_likely = min(batch.after.likely) >= floor
    spared = not holds_at_likely and batch.only_must_pay and _must_go(question, batch, floor)
    if after.minor < floor:
        words = floor_words(
            floor - after.minor,
            floor,
            after.on,
            breach(batch.after.low, floor, question.today),
            question.today,
            question.currency,
            at_low_side=holds_at_likely,
            anyway=spared or (batch.only_must_pay and breach(batch.before.low, floor, question.today) is not None),
        )
        outcome: Outcome = "warn" if holds_at_likely or spared else "block"
        yield outcome, Reason("floor", words, on=after.on, shortfall_minor=floor - after.minor)
    yield from _on_essentials(question, batch, spared=spared)


def _on_essentials(question: Question, batch: Batch, *, spared: bool) -> Iterable[Found]:
    """The first day on which cash doesn't reach for all essentials due by then, the first in the waterfall served first."""
    today = question.today
    essential = [each for each in batch.cash if each.essential and each.minor < 0]
    first_due = min((at_of(each.late, today) for each in essential), default=batch.size)
    bare = next((at for at in range(first_due, batch.size) if batch.after.low[at] < 0), None)
    if bare is None:
        return
    due = [each for each in essential if at_of(each.late, today) <= bare]
    cash = batch.after.low[bare] - sum(each.minor for each in due)
    covered = cover(cash, (Claim(each.key, each.label, each.place, -each.minor, each.late) for each in due))
    short = [each for each in covered if each.short_minor]
    likely_due = min(at_of(each.likely, today) for each in essential)
    likely_bare = any(minor < 0 for minor in batch.after.likely[likely_due:])
    words = essentials_words(short, on(bare, today), today, question.currency)
    total = sum(each.short_minor for each in short)
    yield (
        "block" if likely_bare and not spared else "warn",
        Reason("essentials", words, on=on(bare, today), shortfall_minor=total),
    )


def _must_go(question: Question, batch: Batch, floor: int) -> bool:
    """Whether a batch of must-pay bills is only warned of: it lowers no day that is below the floor, and each of them is

    covered up to its date when what ranks before it is paid first.
    """
    before, after = batch.before.likely, batch.after.likely
    if any(now < floor and now < then for now, then in zip(after, before, strict=True)):
        return False
    return all(
        _covered(question, batch, place, day) for place, day in sorted({(w.place, w.pay_on) for w in batch.wanted})
    )


def _covered(question: Question, batch: Batch, place: int, day: date) -> bool:
    last = min(at_of(day, question.today), batch.size - 1)
    moved = (
        (each.likely, each.minor)
        for each in batch.cash
        if each.minor > 0 or not each.essential or (each.place, each.likely) <= (place, day)
    )
    return min(balances(question.start_minor, moved, question.today, last + 1)) >= 0


def _drop(question: Question, batch: Batch, bills: Sequence[str], groups: Sequence[Group], floor: int) -> Drop | None:
    """The bills without which the rest is allowed; none where the floor is broken without all of them."""
    payment = question.limits.payment_minor
    stopped = {
        each.bill_id
        for each in batch.wanted
        if each.stops or each.open_credit_minor > 0 or (payment is not None and each.minor > payment)
    }
    place = {bill: at for at, bill in enumerate(bills)}
    dollars = [0] * len(bills)
    for each in batch.wanted:
        dollars[place[each.bill_id]] += each.minor
    return smallest(
        dollars,
        bounds_of(question, batch, bills, groups, floor),
        frozenset(place[bill] for bill in stopped),
        frozenset(place[each.bill_id] for each in batch.wanted if each.must_pay),
    )


def _spare(question: Question, dropped: frozenset[str], floor: int) -> int:
    """How far above the floor the lowest day is once they are dropped."""
    kept = tuple(each for each in question.wanted if each.bill_id not in dropped)
    return min(batch_of(_with(question, kept)).after.low) - floor


def _with(question: Question, wanted: tuple[Wanted, ...]) -> Question:
    return Question(
        question.today,
        question.currency,
        question.horizon_days,
        question.start_minor,
        question.cash,
        wanted,
        question.floor,
    )


def _labelled(wanted: Sequence[Wanted], bills: frozenset[str]) -> tuple[tuple[str, int], ...]:
    """Label and amount of each bill, in the order of the batch."""
    named: dict[str, tuple[str, int]] = {}
    for each in wanted:
        if each.bill_id in bills:
            named[each.bill_id] = (each.label, named.get(each.bill_id, ("", 0))[1] + each.minor)
    return tuple(named.values())


def _horizon(plan: Plan, policy: Policy) -> int:
    payrolls = sorted({flow.likely for flow in plan.flows if flow.kind == "payroll" and flow.likely >= plan.today})
    reach = max((at_of(day, plan.today) for day in payrolls[:_PAYROLLS_SEEN]), default=0)
    return max(policy.horizon.guardrail_days, min(reach, policy.horizon.path_days))


def _cash(flow: Flow) -> Cash:
    decided_before = flow.kind in {"in_flight", "committed"}
    return Cash(
        key=flow.key,
        label=flow.label,
        minor=flow.minor,
        likely=flow.likely,
        late=flow.late,
        essential=flow.essential,
        place=flow.place,
        bill_id=None if decided_before else flow.bill_id,
    )
