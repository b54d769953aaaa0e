"""The books of one business as the checks need them, in some twenty indexed queries."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.vendor_twins import twins_of
from interlock.runway.services.data_orchestrators import ledger_snapshot as ledger
from interlock.runway.services.data_orchestrators import payables_snapshot as payables
from interlock.runway.services.data_orchestrators import receivables_snapshot as receivables
from interlock.runway.services.data_orchestrators.cash_ahead_snapshot import read_cash_ahead
from interlock.runway.services.data_orchestrators.collected_snapshot import read_collected
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls, anew
from interlock.runway.services.data_orchestrators.outgoing_snapshot import outgoing
from interlock.runway.services.data_orchestrators.paid_out_snapshot import read_paid_out
from interlock.runway.services.data_orchestrators.released_snapshot import read_released
from interlock.runway.services.data_orchestrators.vendors_snapshot import vendors as read_vendors
from interlock.runway.services.data_orchestrators.witnessed_snapshot import read_witnessed


def read_books(
    db: Session,
    business: Business,
    today: date,
    now: datetime,
    *,
    plan: Callable[[], Plan] | None = None,
    recall: Recalls = anew,
) -> Books:
    """Every open document, whatever its age, and what the rules hold it against. ``today`` is the client's own date.

    ``plan``: gives the plan of this very moment, where one is kept; ``recall``: what is kept of the mirror.
    """
    business_id = business.business_id
    bills = recall("open bills", lambda: payables.open_bills(db, business_id))
    vendors = recall("vendors", lambda: read_vendors(db, business, bills, today))
    twins = recall("twins", lambda: twins_of(vendors))
    witnessed = read_witnessed(db, business, today, now)
    policy = PolicyService(db, business.firm_id).in_force(business).policy
    invoices = recall("invoices", lambda: receivables.open_invoices(db, business_id))
    home = business.home_currency
    return Books(
        today=today,
        home_currency=home,
        closed_through=ledger.closed_through(db, business_id),
        bills=bills,
        other_bills=recall("other bills", lambda: payables.bills_to_compare(db, business_id, bills, today, twins)),
        vendors=vendors,
        terms=recall("terms", lambda: ledger.terms(db, business_id)),
        account_names=recall("account names", lambda: ledger.account_names(db, business_id)),
        purchases=recall("purchases", lambda: payables.purchases_near(db, business_id, bills)),
        vendor_credits=recall("vendor credits", lambda: payables.open_vendor_credits(db, business_id)),
        invoices=invoices,
        customers=recall("customers", lambda: receivables.customers(db, business_id)),
        customer_credits=recall("customer credits", lambda: receivables.open_customer_credits(db, business_id)),
        undeposited=recall("undeposited", lambda: receivables.undeposited_receipts(db, business_id)),
        control=recall("control accounts", lambda: ledger.control_sides(db, business_id, home)),
        proof=recall("proof", lambda: ledger.last_proof(db, business_id)),
        witnessed=witnessed,
        policy=policy,
        twins=twins,
        outgoing=outgoing(db, business, vendors, witnessed.lines),
        cash_ahead=read_cash_ahead(db, business, policy, now, plan() if plan else None, recall),
        released=read_released(db, business, today, now),
        collected=read_collected(db, business, today, invoices, recall),
        paid_out=read_paid_out(db, business, today),
    )
