"""Released payments' work wired to the rails: what ``domains.ap.workflows`` asks for, from this house."""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.domains.ap.services.paying_setup import PayingSetupService
from interlock.domains.ap.workflows.payment_work import PaymentWork
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import schedule

log = logging.getLogger("interlock.paying")

_WHOSE = SystemScope("whose payment a run is about")
_SOON = timedelta(seconds=10)
"""Payments sent one after the other are read back by one reading."""


def payment_work(house: House) -> PaymentWork:
    """The works of all payments of this installation."""

    def soon(session: Session, scope: Scope, capability: type[Any]) -> None:
        wanted = house.clock.now() + _SOON
        for rail in house.registry.able(capability):
            due = schedule.find(session, scope, rail)
            if due is not None and due.due_at > wanted:
                schedule.hasten(session, scope, rail, due_at=wanted, reason="a payment")

    return PaymentWork(
        database=house.database,
        clock=house.clock,
        opens=house.registry.require,
        run=house.transport.run,
        business=lambda business_id: business_of(house, business_id),
        against_create=lambda session, business: PayingSetupService(session, business).against_create(),
        soon=soon,
        fault=tell_fault,
    )


def business_of(house: House, business_id: str) -> Business | None:
    """A business by its id alone, or ``None`` when it is gone."""
    with house.database.reading(_WHOSE) as session:
        business = session.get(Business, business_id)
        if business is not None:
            session.expunge(business)
        return business


def tell_fault(business_id: str, trouble: Exception) -> None:
    log.error("A payment's run for %s met something unexpected.", business_id, exc_info=trouble)
