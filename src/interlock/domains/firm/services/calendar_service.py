"""The rows of ``timetable.BusinessDue``: what is due by the calendar for all firms, and when each is due next."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interlock.domains.firm.timetable import BusinessDue
from interlock.infra.db.types import Instant
from interlock.kernel.scope import Scope


class DueWork(Struct, frozen=True):
    """One business's work whose time has come."""

    firm_id: str
    business_id: str
    work: str
    due_at: datetime


def due_works(session: Session, now: datetime, most: int, works: Collection[str]) -> list[DueWork]:
    """Those of ``works`` that are due across all firms (system scope), longest waiting first."""
    columns = (BusinessDue.firm_id, BusinessDue.business_id, BusinessDue.work, BusinessDue.due_at)
    query = select(*columns).where(BusinessDue.due_at <= now, BusinessDue.work.in_(sorted(works)))
    found = session.execute(query.order_by(BusinessDue.due_at, BusinessDue.business_id).limit(most))
    return [DueWork(*row) for row in found]


def find_due(session: Session, scope: Scope, work: str) -> BusinessDue | None:
    """The business's row, as it stands."""
    return session.get(BusinessDue, (scope.business_id, work), populate_existing=True)


def set_due(session: Session, scope: Scope, work: str, due_at: datetime) -> None:
    """It is due then, and what went wrong before is over; the row is made where there is none."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = insert(BusinessDue).values(
        firm_id=scope.firm_id, business_id=scope.business_id, work=work, due_at=due_at, failures=0
    )
    session.flush()
    session.execute(
        made.on_conflict_do_update(
            index_elements=[BusinessDue.business_id, BusinessDue.work],
            set_={"due_at": literal(due_at, Instant), "failures": 0, "trouble": None},
        )
    )


def keep_trouble(session: Session, scope: Scope, work: str, *, trouble: str, retry_at: datetime) -> None:
    """It failed, in plain words, and is tried again then."""
    row = find_due(session, scope, work)
    if row is not None:
        row.due_at, row.trouble, row.failures = retry_at, trouble, row.failures + 1


def revive_due(session: Session, ended: DueWork, now: datetime) -> None:
    """A run for ``ended`` is over and yet its row stands unmoved: make it due anew. System scope."""
    session.execute(
        update(BusinessDue)
        .where(
            BusinessDue.business_id == ended.business_id,
            BusinessDue.work == ended.work,
            BusinessDue.due_at == ended.due_at,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
