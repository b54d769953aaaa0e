"""Orders to the collecting rail wired to the rails: what ``domains.ar.workflows.order_work`` asks for, from this house."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.app.paying import business_of, tell_fault
from interlock.domains.ar.workflows.order_work import OrderWork
from interlock.kernel.scope import Scope
from interlock.rails import schedule

_SOON = timedelta(seconds=10)
"""Orders sent one after the other are read back by one reading."""


def order_work(house: House) -> OrderWork:
    """The works of all orders of this installation."""

    def soon(session: Session, scope: Scope, capability: type[Any]) -> None:
        wanted = house.clock.now() + _SOON
        for rail in house.registry.able(capability):
            due = schedule.find(session, scope, rail)
            if due is not None and due.due_at > wanted:
                schedule.hasten(session, scope, rail, due_at=wanted, reason="an order")

    return OrderWork(
        database=house.database,
        clock=house.clock,
        opens=house.registry.require,
        run=house.transport.run,
        business=lambda business_id: business_of(house, business_id),
        soon=soon,
        fault=tell_fault,
    )
