"""What follows a sync, whichever rail it read: links that exact keys prove, matches that are certain, earmarks that their payments

consume, how vendors are paid, approvals that end because what they were given for has changed, what the witnesses say of
payments that were released, which customers kept their word, and which collected payments are to be written down.
"""

from sqlalchemy import select

from interlock.domains.ap.services.payee_service import PayeeService
from interlock.domains.ap.services.witnessing import witness
from interlock.domains.ar.services.receipt_records import plan_records
from interlock.domains.ar.services.reminders import Reminders
from interlock.domains.firm.models import Business
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from interlock.runway.consuming import consume_earmarks, return_earmarks
from interlock.runway.matching import match_business
from interlock.runway.voiding import void_changed


def settle(database: Database, clock: Clock, business: Business) -> None:
    """Three transactions, one at a time for each business; ``match_business`` links first: accounts are matched by their links.

    A business that has its books alone has nothing to be linked or matched; its vendors' payees are looked at all the same.
    """
    scope = Scope(business.firm_id, business.business_id)
    with database.reading(scope) as session:
        here = select(Connection.rail).where(Connection.business_id == business.business_id)
        books_alone = set(session.scalars(here)) <= {QBO}
    with held(database, f"settling:{business.business_id}", wait=True):
        with database.writing(scope) as session:
            now = clock.now()
            if not books_alone:
                match_business(session, scope, now)
                consume_earmarks(session, business, now)
            PayeeService(session, scope).observe(now)
        # Its own transaction: the decision lock comes before the log's chain, which the work above holds until it commits.
        with database.writing(scope) as session:
            now = clock.now()
            void_changed(session, scope, now)
            if witness(session, business, now):
                return_earmarks(session, business, now)  # what came back was set aside for a bill that is open again
            Reminders(session, business, now).settle_promises()
        if not books_alone:
            with database.writing(scope) as session:
                plan_records(session, business, clock.now())
