"""Whose customers are asked to pay in the demo: one client's, by its controller, in the words that Interlock brings."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.domains.ar.policy.chasing import STAGES, Manner
from interlock.domains.ar.services.chase_service import ChaseService
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope

CHASES = 1
"""By its place in the firm's list."""
_CONTROLLER = "wren"
_SENDER, _REPLY_TO = "Wren Halloran", "wren@people.example"
_THROUGH = "demo"


def ask_customers(house: House, clients: Sequence[Business]) -> None:
    """The controller has read the words and switched it on, where nobody has said anything about it yet."""
    for client in clients[CHASES : CHASES + 1]:
        with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
            service = _service(house, session, client)
            if service.setup() is not None:
                continue
            for stage in STAGES:
                service.accept_words(stage, service.words(stage)[0].digest)
            service.choose(Manner(on=True), sender_name=_SENDER, reply_to=_REPLY_TO)


def _service(house: House, session: Session, client: Business) -> ChaseService:
    policies = PolicyService(session, client.firm_id)
    return ChaseService(
        session,
        client,
        acting=PeopleService(session, client.firm_id).acting(client.business_id, _CONTROLLER, through=_THROUGH),
        policy=lambda: policies.in_force(client).policy,
        now=house.clock.now(),
    )
