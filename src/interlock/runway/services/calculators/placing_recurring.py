"""What recurs, placed: what a person confirmed is sure, on its days; what only looks so is drawn as forecast. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from interlock.domains.firm.policy.values import EssentialPolicy, PayRunPolicy
from interlock.kernel.money import Money
from interlock.runway.services.calculators.calendars import CADENCES, Coming, coming
from interlock.runway.services.calculators.categories import essential_place
from interlock.runway.services.calculators.flows import Flow, FlowKind, LeftOut, Source
from interlock.runway.services.calculators.pay_runs import run_for
from interlock.runway.services.calculators.placed import FOREIGN, Aside, Placed, tomorrow
from interlock.runway.services.calculators.recurring import PAYROLL, Detected, parties_of
from interlock.runway.services.calculators.words import on_day

_KINDS: dict[str, FlowKind] = {
    "payroll": "payroll",
    "tax": "tax",
    "rent": "rent",
    "utilities": "utilities",
    "debt": "debt",
    "card": "card",
}
_CARD_ASSUMED_DAYS = 21


class Recurs(Struct, frozen=True, gc=False):
    """Something recurring that a person confirmed; fields as ``RecurringItem`` has them, ``days`` as numbers."""

    recurring_id: str
    signature: str
    name: str
    category: str
    inflow: bool
    cadence: str
    days: tuple[int, ...]
    anchor: date
    amount_minor: int
    currency: str


class CardOwed(Struct, frozen=True, gc=False):
    """What is owed on a card now, above zero, in home currency. ``account_id``: the ledger's account of the card."""

    account_id: str
    name: str
    minor: int


class Variance(Struct, frozen=True, gc=False):
    """What was expected on a day and not seen in the seven days after. ``minor``: money in above zero."""

    recurring_id: str
    name: str
    on: date
    minor: int


class PlacedSeries(Struct, frozen=True):
    """Flows of what recurs, what didn't happen, and what is left out."""

    flows: tuple[Flow, ...] = ()
    variances: tuple[Variance, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def placed(self) -> Placed:
        return Placed(self.flows, self.left_out)


def is_bill(signature: str) -> bool:
    """Whether what recurs is a bill that will be entered, so that pay runs pay it."""
    return signature.startswith("bill:")


def coming_of(item: Recurs, seen: Sequence[date], today: date, until: date) -> tuple[Coming, ...]:
    """The days of one item that nothing real serves; ``seen``: dates of its own movements (bills: their due dates)."""
    if item.cadence not in CADENCES:
        raise ValueError(f"{item.cadence!r} is no cadence.")
    return coming(item.cadence, item.days, item.anchor, item.category == PAYROLL, seen, today, until)


def missed(item: Recurs, seen: Sequence[date], today: date, most_days: int = 2) -> date | None:
    """The earliest day of the last six weeks, over ``most_days`` ago, that ``item`` was due on and that nothing served (C12)."""
    for each in coming_of(item, seen, today, today):
        if each.on + timedelta(days=most_days) < today:
            return each.on
    return None


def confirmed(
    items: Iterable[Recurs],
    seen: Mapping[str, Sequence[date]],
    cards: Iterable[CardOwed],
    essential: EssentialPolicy,
    pay_runs: PayRunPolicy,
    today: date,
    until: date,
    home: str,
) -> PlacedSeries:
    """What is confirmed, day by day to ``until``. ``seen``: by signature, dates of what really happened or is entered.

    A card's next payment is what is owed on it where that is more than usual; a card nobody confirmed a payment of is paid off in
    three weeks.
    """
    flows: list[Flow] = []
    variances: list[Variance] = []
    aside = Aside()
    owed = {each.account_id: each for each in cards}
    for item in items:
        if item.currency != home:
            aside.put(FOREIGN, item.currency, item.amount_minor)
            continue
        card = _card_of(item, owed)
        for each in coming_of(item, seen.get(item.signature, ()), today, until):
            if each.standing == "variance":
                variances.append(Variance(item.recurring_id, item.name, each.on, _signed(item.amount_minor, item)))
                continue
            amount = item.amount_minor if card is None else max(card.minor, item.amount_minor)
            flows.append(_flow(item, each, amount, card, essential, pay_runs, today))
            card = None
    flows.extend(_card_unknown(card, today) for card in owed.values() if card.minor > 0)
    flows.sort(key=lambda flow: (flow.likely, flow.key))
    return PlacedSeries(tuple(flow for flow in flows if flow.likely <= until), tuple(variances), aside.said())


def unconfirmed(
    bills: Iterable[Detected], seen: Mapping[str, Sequence[date]], pay_runs: PayRunPolicy, today: date, until: date
) -> Placed:
    """Bills that come on a calendar and nobody confirmed, not entered yet: drawn as forecast, never sure."""
    flows: list[Flow] = []
    for each in bills:
        if not is_bill(each.signature) or each.inflow:
            continue
        item = Recurs(
            each.signature,
            each.signature,
            each.name,
            each.category,
            each.inflow,
            each.cadence,
            each.days,
            each.anchor,
            each.amount_minor,
            each.currency,
        )
        for due in coming_of(item, seen.get(each.signature, ()), today, until):
            run = run_for(due.on, pay_runs, today)
            if due.standing == "to_come" and run <= until:
                flows.append(
                    Flow(
                        f"unbilled:{each.signature}:{due.on}",
                        "unbilled",
                        "forecast",
                        -each.amount_minor,
                        run,
                        run,
                        each.name,
                        f"{each.name}, {each.cadence} bill due {on_day(due.on, today)}",
                        "unbilled_series",
                        f"{each.cadence}, {len(each.seen)} seen; median of the last six {_said(each.amount_minor, each.currency)}",
                        each.seen[0],
                    )
                )
    return Placed(tuple(flows))


def _flow(
    item: Recurs,
    each: Coming,
    amount: int,
    card: CardOwed | None,
    essential: EssentialPolicy,
    pay_runs: PayRunPolicy,
    today: date,
) -> Flow:
    day, rule = _day_of(item, each, pay_runs, today)
    place = None if item.inflow else essential_place(item.category, essential.order)
    because = f"{item.cadence}, due {on_day(each.on, today)}, confirmed at {_said(item.amount_minor, item.currency)}"
    if card is not None:
        rule = rule if rule == "recurring_not_seen" else "card_day"
        because += f"; owed on the card now: {_said(card.minor, item.currency)}"
    if each.standing == "not_seen":
        because += "; not seen on its day"
    return Flow(
        f"recurring:{item.recurring_id}:{each.on}",
        _KINDS.get(item.category, "sales" if item.inflow else "recurring"),
        "sure",
        _signed(amount, item),
        day,
        day,
        item.name,
        f"{item.name}, {on_day(each.on, today)}",
        rule,
        because,
        Source("ours", "recurring_item", item.recurring_id),
        essential=place is not None,
        place=99 if place is None else place,
        assumed=each.standing == "not_seen",
    )


def _day_of(item: Recurs, each: Coming, pay_runs: PayRunPolicy, today: date) -> tuple[date, str]:
    if each.standing == "not_seen":
        return tomorrow(today), "recurring_not_seen"
    if is_bill(item.signature) and not item.inflow:
        return run_for(each.on, pay_runs, today), "recurring_run"
    return each.on, "recurring_payday" if item.category == PAYROLL else "recurring_day"


def _card_of(item: Recurs, owed: dict[str, CardOwed]) -> CardOwed | None:
    """The card that ``item`` pays off, taken out of ``owed``."""
    if item.category != "card":
        return None
    which, ids = parties_of(item.signature)
    return next((owed.pop(each) for each in ids if which == "accounts" and each in owed), None)


def _card_unknown(card: CardOwed, today: date) -> Flow:
    day = tomorrow(today + timedelta(days=_CARD_ASSUMED_DAYS - 1))
    return Flow(
        f"card:{card.account_id}",
        "card",
        "sure",
        -card.minor,
        day,
        day,
        card.name,
        f"{card.name}, balance",
        "card_no_day",
        "owed now; no payment of this card is confirmed to recur",
        Source("qbo", "account", card.account_id),
        assumed=True,
    )


def _signed(minor: int, item: Recurs) -> int:
    return minor if item.inflow else -minor


def _said(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
