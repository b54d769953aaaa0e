"""Links to the rails beside the books, as a person sees them a while later: working, failing, refused, to be logged in again."""

from datetime import timedelta

from interlock.app.house import House
from interlock.kernel.scope import Scope
from interlock.rails import connections, items, schedule
from interlock.rails.connections import Keys, sync_state
from interlock.rails.links import LinkedBank

_READ_AGO = timedelta(minutes=4)
_NEXT_IN = timedelta(minutes=20)


def linked(house: House, scope: Scope, rail: str) -> None:
    """Connected two days ago, read four minutes ago; nothing is asked of the rail."""
    now = house.clock.now()
    with house.database.writing(scope) as session:
        name = str(scope.business_id) if rail == "plaid" else f"{rail}-{scope.business_id}"
        keys, since = Keys("key", "secret"), now - timedelta(days=2)
        connections.connect(
            session, scope, house.vault, rail=rail, external_id=name, grant=keys, now=since, actor="a test"
        )
        schedule.hasten(session, scope, rail, due_at=now + _NEXT_IN, reason="timetable")
        state = sync_state(session, scope, rail)
        state.last_sync = now - _READ_AGO
        session.add(state)


def banks(house: House, scope: Scope, *institutions: str, broken: str | None = None) -> None:
    """Logins through Plaid; ``broken`` is one that asks for a person."""
    linked(house, scope, "plaid")
    now = house.clock.now()
    with house.database.writing(scope) as session:
        for number, institution in enumerate(institutions):
            bank = LinkedBank(f"item-{scope.business_id}-{number}", "access", "ins_1", institution, None)
            items.keep(session, scope, house.vault, "plaid", bank, now, "a test")
            if institution == broken:
                items.mark(session, scope, "plaid", bank.item_id, f"{institution} asks for a login again.", now)


def failing(house: House, scope: Scope, rail: str, trouble: str) -> None:
    """Linked, and not answering since."""
    linked(house, scope, rail)
    now = house.clock.now()
    with house.database.writing(scope) as session:
        schedule.after_failure(session, scope, rail, now=now, trouble=trouble, retry_at=now + timedelta(minutes=3))


def refused(house: House, scope: Scope, rail: str, trouble: str) -> None:
    """Linked, and no longer let in."""
    linked(house, scope, rail)
    with house.database.writing(scope) as session:
        connections.mark_trouble(session, scope, rail, trouble, house.clock.now())
