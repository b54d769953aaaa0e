"""Flows, movements and wanted bills, written short: days count from the day looked at, amounts are cents."""

from datetime import date, timedelta

from interlock.runway.services.calculators.flows import Flow, FlowKind, Source
from interlock.runway.services.calculators.guardrail_values import (
    Cash,
    FloorTerms,
    Limits,
    Question,
    Spent,
    Stop,
    Wanted,
)

TODAY = date(2026, 11, 24)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def flow(
    key: str, minor: int, likely: int, late: int | None = None, *, kind: FlowKind = "recurring", bill: str | None = None
) -> Flow:
    return Flow(
        key=key,
        kind=kind,
        standing="sure",
        minor=minor,
        likely=day(likely),
        late=day(likely if late is None else late),
        party=None,
        label=key.title(),
        rule="recurring",
        because="As every month.",
        source=Source("qbo", "bill", key),
        bill_id=bill,
    )


def cash(
    key: str, minor: int, likely: int, late: int | None = None, *, place: int | None = None, bill: str | None = None
) -> Cash:
    """``place``: essential, at that place of the waterfall."""
    return Cash(
        key=key,
        label=key.title(),
        minor=minor,
        likely=day(likely),
        late=day(likely if late is None else late),
        essential=place is not None,
        place=99 if place is None else place,
        bill_id=bill,
    )


def wanted(
    label: str,
    minor: int,
    pay_on: int,
    *,
    vendor: str | None = None,
    must_pay: bool = False,
    place: int = 99,
    stops: tuple[Stop, ...] = (),
    open_credit_minor: int = 0,
) -> Wanted:
    return Wanted(
        bill_id=label.casefold(),
        label=label,
        vendor_id=vendor or label,
        minor=minor,
        pay_on=day(pay_on),
        due=day(pay_on),
        must_pay=must_pay,
        place=place,
        stops=stops,
        open_credit_minor=open_credit_minor,
    )


def question(
    start_minor: int,
    *bills: Wanted,
    moving: tuple[Cash, ...] = (),
    floor_minor: int = 0,
    limits: Limits | None = None,
    spent: Spent | None = None,
    troubles: tuple[str, ...] = (),
    days: int = 35,
) -> Question:
    return Question(
        today=TODAY,
        currency="USD",
        horizon_days=days,
        start_minor=start_minor,
        cash=moving,
        wanted=bills,
        floor=FloorTerms(absolute_minor=floor_minor),
        limits=limits or Limits(),
        spent=spent or Spent(),
        troubles=troubles,
    )
