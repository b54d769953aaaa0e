"""Money in, placed: open invoices by behaviour, Undeposited Funds, deposits and payouts on their way (product-map §2.3, §2.6)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from interlock.kernel.workdays import add_workdays, workdays_between
from interlock.runway.services.calculators.behaviour import Expected, Habits, expected, lateness
from interlock.runway.services.calculators.flows import Flow, Source
from interlock.runway.services.calculators.placed import DISPUTED, FOREIGN, Aside, Placed, tomorrow
from interlock.runway.services.calculators.words import counted, document, on_day

_LATE_WORKDAYS = 3
_OLD_WORKDAYS = 10
TRIED_PROMISES = 3
"""Fewer promises than this say nothing of how a customer keeps them."""
_NEVER_DAYS = 366
"""Beyond any path."""


class OpenInvoice(Struct, frozen=True, gc=False):
    """``minor``: its open balance in ``currency``. ``disputed``: the customer denies it, so it isn't placed. ``promised``: the day

    the customer gave for it, and what part; ``kept``: of how many promises of theirs so far how many were kept.
    """

    id: str
    number: str | None
    customer_id: str | None
    customer: str | None
    dated: date
    due: date | None
    currency: str
    minor: int
    disputed: bool = False
    promised: tuple[date, int] | None = None
    kept: tuple[int, int] = (0, 0)


class Waiting(Struct, frozen=True, gc=False):
    """A receipt that lies in Undeposited Funds, or a deposit the bank doesn't show yet. ``kind`` is the mirror's."""

    kind: str
    id: str
    number: str | None
    party: str | None
    dated: date
    currency: str
    minor: int


class PayoutDue(Struct, frozen=True, gc=False):
    """A payout under way at the collecting rail, net. Below zero: the rail takes money from the bank."""

    id: str
    arrives_on: date
    currency: str
    minor: int


def invoices(
    open_invoices: Iterable[OpenInvoice],
    habits: Habits,
    today: date,
    home: str,
    spoken_for: Mapping[str, int] = {},
) -> Placed:
    """Each open invoice when its customer's money comes. ``spoken_for``: minor units by invoice that are on their way already

    (a payout, say) or that an unapplied payment of the customer covers, so that no money counts twice. One without a due date is
    due when it was issued.
    """
    flows: list[Flow] = []
    aside = Aside()
    for each in open_invoices:
        minor = each.minor - spoken_for.get(each.id, 0)
        if minor <= 0:
            continue
        if each.disputed or each.currency != home:
            aside.put(DISPUTED if each.disputed else FOREIGN, each.currency, minor)
            continue
        due = each.due or each.dated
        usual = expected(due, habits, each.customer_id, today)
        if not each.due:
            usual = replace(usual, because=f"no due date, so due when issued; {usual.because}")
        given = _as_promised(each, usual, today)
        part = 0 if given is None or each.promised is None else min(minor, each.promised[1])
        if given is not None and part:
            flows.append(_receipt(each, part, given, today, ":promised" if part < minor else ""))
        if part < minor:
            flows.append(_receipt(each, minor - part, usual, today))
    return Placed(tuple(flows), aside.said())


def _receipt(each: OpenInvoice, minor: int, when: Expected, today: date, of_part: str = "") -> Flow:
    return Flow(
        f"receipt:{each.id}{of_part}",
        "receipt",
        "sure",
        minor,
        when.likely,
        when.late,
        each.customer,
        document("invoice", each.customer, each.number, each.dated, today),
        when.rule,
        when.because,
        Source("qbo", "invoice", each.id, each.number),
        assumed=when.assumed,
    )


def _as_promised(each: OpenInvoice, usual: Expected, today: date) -> Expected | None:
    """When it comes by the customer's word: on the day given, at p80 when it would usually come if that is later. ``None`` without

    a word that holds: its day has passed, or most promises of this customer were broken.
    """
    if each.promised is None or each.promised[0] < today:
        return None
    kept, of = each.kept
    if of >= TRIED_PROMISES and 2 * kept < of:
        return None
    day = add_workdays(max(each.promised[0], tomorrow(today)), 0)
    record = f"; {kept} of {counted(of, 'promise')} so far were kept" if of else ""
    because = f"promised for {on_day(each.promised[0], today)}{record}"
    return Expected(day, max(day, usual.late), "receipt_promised", because)


def undeposited(receipts: Iterable[Waiting], lags: Habits, today: date, home: str) -> Placed:
    """What waits in Undeposited Funds. ``lags``: from earlier receipts, ``due`` the day of receipt, ``paid_on`` of its deposit."""
    flows: list[Flow] = []
    aside = Aside()
    lag = lags.of(None)
    for each in receipts:
        if each.currency != home:
            aside.put(FOREIGN, each.currency, each.minor)
            continue
        when = expected(each.dated, lags, None, today)
        usual = f"deposited {lateness(lag.p50)} at the median".replace(" late", " later")
        flows.append(
            Flow(
                f"undeposited:{each.kind}:{each.id}",
                "in_transit",
                "sure",
                each.minor,
                when.likely,
                when.late,
                each.party,
                document("receipt", each.party, each.number, each.dated, today),
                "undeposited",
                f"received {on_day(each.dated, today)}; {usual} of {counted(lags.prior.n, 'receipt')}",
                Source("qbo", each.kind, each.id, each.number),
                assumed=when.rule in ("receipt_overdue", "receipt_very_late"),
            )
        )
    return Placed(tuple(flows), aside.said())


def deposits_in_transit(deposits: Iterable[Waiting], today: date, home: str) -> Placed:
    """Deposits that the books have and the bank doesn't show."""
    flows: list[Flow] = []
    aside = Aside()
    for each in deposits:
        if each.currency != home:
            aside.put(FOREIGN, each.currency, each.minor)
            continue
        likely = max(tomorrow(today), add_workdays(each.dated, 1))
        old = workdays_between(each.dated, today) > _OLD_WORKDAYS
        late = today + timedelta(days=_NEVER_DAYS) if old else add_workdays(likely, _LATE_WORKDAYS)
        flows.append(
            Flow(
                f"deposit:{each.kind}:{each.id}",
                "in_transit",
                "sure",
                each.minor,
                likely,
                late,
                each.party,
                document("deposit", each.party or "Deposit", each.number, each.dated, today),
                "deposit_old" if old else "deposit_in_transit",
                f"in the books on {on_day(each.dated, today)}, not at the bank yet",
                Source("qbo", each.kind, each.id, each.number),
                assumed=old,
            )
        )
    return Placed(tuple(flows), aside.said())


def payouts(under_way: Iterable[PayoutDue], today: date, home: str, book: str = "stripe") -> Placed:
    """Payouts under way; one that takes money from the bank leaves today at the latest once its day has come."""
    flows: list[Flow] = []
    aside = Aside()
    for each in under_way:
        if not each.minor:
            continue
        if each.currency != home:
            aside.put(FOREIGN, each.currency, each.minor)
            continue
        overdue = each.arrives_on <= today
        likely = add_workdays(each.arrives_on, 0)
        if overdue:
            likely = tomorrow(today) if each.minor > 0 else today
        flows.append(
            Flow(
                f"payout:{each.id}",
                "payout",
                "sure",
                each.minor,
                likely,
                add_workdays(likely, _LATE_WORKDAYS) if overdue and each.minor > 0 else likely,
                None,
                f"Payout arriving {on_day(each.arrives_on, today)}",
                "payout_overdue" if overdue else "payout",
                f"its rail says {on_day(each.arrives_on, today)}",
                Source(book, "payout", each.id),
                assumed=each.arrives_on < today,
            )
        )
    return Placed(tuple(flows), aside.said())
