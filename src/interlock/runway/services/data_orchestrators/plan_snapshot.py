"""All that a client's cash path is drawn from, read once from the mirror and from what people decided (product-map §2.3, §2.8)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from interlock.domains.bank.account_identity import CARD
from interlock.domains.bank.services.recurring_service import RecurringService, series_of
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators import counted_once, placing
from interlock.runway.services.calculators.behaviour import Habits, habits_of
from interlock.runway.services.calculators.essential_outflow import essential_per_day
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.placing import CardOwed, Placed, Recurs, Written, is_bill
from interlock.runway.services.calculators.recurring import Movement, detect, signature_of
from interlock.runway.services.data_orchestrators import history_snapshot as history
from interlock.runway.services.data_orchestrators import plan_receipts as receipts
from interlock.runway.services.data_orchestrators.cash_start import Beginning, read_beginning
from interlock.runway.services.data_orchestrators.history_snapshot import Accounts
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls, anew
from interlock.runway.services.data_orchestrators.plan_payments import read_payables

WEEKS_BACK_DAYS = 91
LONGEST_PATH_DAYS = 400
_UNFIT = frozenset({"C02", "C03", "C04", "X12"})


class _Look(NamedTuple):
    """What every part of one reading needs."""

    db: Session
    business: Business
    policy: Policy
    now: datetime
    today: date
    until: date
    accounts: Accounts
    begins: Beginning
    habits: Habits
    recall: Recalls

    @property
    def home(self) -> str:
        return self.business.home_currency


def read_plan(
    db: Session,
    business: Business,
    policy: Policy,
    now: datetime,
    *,
    findings: Sequence[Finding] = (),
    recall: Recalls = anew,
) -> Plan:
    """Each movement of cash to come once, with its days. ``findings``: of which those that make the inputs unfit are said;

    ``recall``: what is kept of the mirror.
    """
    today = local_date(now, business.time_zone)
    days = min(max(policy.horizon.path_days, policy.horizon.guardrail_days), LONGEST_PATH_DAYS)
    accounts = recall("accounts", lambda: Accounts(db, business))
    look = _Look(
        db,
        business,
        policy,
        now,
        today,
        today + timedelta(days=days),
        accounts,
        read_beginning(db, business, accounts, now),
        recall("habits", lambda: habits_of(history.read_paid(db, business, today), today)),
        recall,
    )
    since, bills_since = today - timedelta(days=WEEKS_BACK_DAYS), today - timedelta(days=history.HISTORY_DAYS)
    moved = recall("movements", lambda: history.read_movements(db, business, since, bills_since, accounts))
    items = confirmed_items(db, business)
    placed = placing.together([*_receipts(look), *_payments(look), *_to_come(look, moved, items)])
    return Plan(
        today=today,
        currency=look.home,
        start=look.begins.start,
        flows=placed.flows,
        essential_per_day_minor=essential_per_day(moved, items, policy.essential, today),
        left_out=(*placed.left_out, *look.begins.left_out),
        troubles=troubles_of(findings),
    )


def confirmed_items(db: Session, business: Business) -> tuple[Recurs, ...]:
    """What a person confirmed to recur, as placing takes it."""
    service = RecurringService(db, Scope(business.firm_id, business.business_id))
    found = ((each.recurring_id, series_of(each)) for each in service.confirmed())
    return tuple(
        Recurs(
            recurring_id,
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
        for recurring_id, each in found
    )


def troubles_of(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Findings that make the inputs unfit to decide on, in words (C02, C03, C04, X12)."""
    return tuple(
        f"{each.rule.id}: {each.title}. {each.reason}" for each in findings if each.rule.id in _UNFIT and each.stops
    )


def _receipts(look: _Look) -> list[Placed]:
    """Money in: open invoices, receipts not deposited, deposits and payouts under way; each dollar in one of them."""
    db, business = look.db, look.business
    said = receipts.read_payouts(db, business, look.today, look.begins.payouts)
    waiting = counted_once.not_brought(receipts.undeposited(db, business), said.brought)
    invoices = receipts.open_invoices(db, business)
    elsewhere = {**receipts.open_at_the_rail(db, business), **receipts.paid_at_the_bank(db, business)}
    covered = counted_once.covered(invoices, elsewhere, receipts.credits_by_customer(db, business))
    lags = habits_of(history.read_lags(db, business, look.today) if waiting else (), look.today)
    under_way = said.under_way
    arriving = look.begins.arriving
    if look.begins.payouts is None:
        banked = receipts.banked(db, business, look.accounts.banks, said.under_way)
        under_way = tuple(counted_once.not_in_the_books(said.under_way, banked, said.brought))
    elif arriving:
        takes = receipts.takes(db, business, [each.id for each in arriving if each.kind == "deposit"])
        own = counted_once.in_transit(
            [
                counted_once.Deposited((each.kind, each.id), each.dated, each.minor, takes.get(each.id, ()))
                for each in arriving
            ],
            said.under_way,
            said.brought,
        )
        arriving = tuple(
            receipts.with_amount(each, own[each.kind, each.id]) for each in arriving if (each.kind, each.id) in own
        )
    return [
        placing.invoices(invoices, look.habits, look.today, look.home, covered),
        placing.undeposited(waiting, lags, look.today, look.home),
        placing.deposits_in_transit(arriving, look.today, look.home),
        placing.payouts(under_way, look.today, look.home),
        receipts.waiting_at_the_rail(said, look.today, look.home),
    ]


def _payments(look: _Look) -> list[Placed]:
    """Money out that somebody decided on or that is owed: in flight, approved, and the open bills by their pay runs."""
    owed = read_payables(
        look.db,
        look.business,
        look.accounts,
        look.now,
        look.recall,
        off_already=look.begins.pending,
        from_bank=look.begins.start.basis == "bank",
    )
    bills = {each.id: each for each in owed.bills}
    balances = {each.id: each.minor for each in owed.bills}
    spoken, still = counted_once.payables(balances, look.begins.leaving, owed.approved)
    approved = [
        placing.Committed(each.intent_id, bills[each.bill_id], still[each.intent_id], each.pay_on)
        for each in owed.approved
        if each.intent_id in still
    ]
    policy = look.policy
    return [
        placing.in_flight(look.begins.leaving, look.today),
        placing.committed(approved, policy.essential, look.today, look.home),
        placing.bills(owed.bills, policy.pay_runs, policy.essential, look.today, look.home, spoken),
    ]


def _to_come(look: _Look, moved: Sequence[Movement], items: Sequence[Recurs]) -> list[Placed]:
    """What recurs by a person's word, cards, and what nobody has written yet."""
    policy, today, until, home = look.policy, look.today, look.until, look.home
    seen: dict[str, list[date]] = defaultdict(list)
    for each in moved:
        seen[signature_of(each)].append(each.dated)
    known = {item.signature for item in items}
    bills = [each for each in moved if each.kind == "bill"]
    drawn = [each for each in detect(bills, today, home) if each.signature not in known and is_bill(each.signature)]
    on_a_calendar = known | {each.signature for each in drawn}
    cards = _cards(look)
    series = placing.confirmed(items, seen, cards, policy.essential, policy.pay_runs, today, until, home)
    since = today - timedelta(days=WEEKS_BACK_DAYS)
    billed = receipts.written_bills(look.db, look.business, since)
    takings = [
        Written(each.dated, None, each.minor)
        for each in moved
        if each.kind in ("sales_receipt", "deposit") and each.inflow and signature_of(each) not in known
    ]
    return [
        series.placed,
        placing.unconfirmed(drawn, seen, policy.pay_runs, today, until),
        placing.sales_to_come(
            receipts.written_invoices(look.db, look.business, since), look.habits, today, until, home
        ),
        placing.takings_to_come(takings, today, until, home),
        placing.bills_to_come(
            [each for vendor, each in billed if f"bill:party:{vendor}" not in on_a_calendar],
            policy.pay_runs,
            today,
            until,
            home,
        ),
    ]


def _cards(look: _Look) -> list[CardOwed]:
    """What the books say is owed on each card: what they have paid of it is off already, cleared or not."""
    return [
        CardOwed(row.id, row.name, owed)
        for row in look.accounts.by_id.values()
        if row.kind == CARD and row.currency == look.home and (owed := row.balance_minor) > 0
    ]
