"""The demo's first week with a firm: its policy, the client in trouble's own, and what recurs confirmed by a person once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope
from interlock.runway.desk import Desk

_THROUGH = "demo"
_FIRM_WRITER = "wren"
_CONFIRMS = frozenset({"payroll", "tax", "rent", "utilities", "debt", "card", "sales"})

FIRM_POLICY = """\
# What every client of the firm goes by, unless its own policy says otherwise.

[floor]
absolute = "5000.00"        # never less than this
buffer_days = 3             # nor less than three days of what must be paid

[horizon]
guardrail_days = 35

[approvals]
one_person = "2500.00"      # above it a second person
client_side = "10000.00"    # from here on one of the two is the client's

[pay_runs]
days = ["tue", "thu"]
decide_by = "16:00"

[digest]
day = "mon"                 # the weekly letter, at eight in the client's morning
to = ["partners@tern-and-marlow.example"]
"""

OWN_POLICIES: dict[str, str] = {
    "Pellworth Joinery": """\
# Suppliers are behind and wages come first: the owner wants to see this much, whatever is paid.

[floor]
absolute = "9000.00"
buffer_days = 0

[horizon]
guardrail_days = 28

[essential.vendors]
"Oxbow Lane Properties" = "rent"
"Thistledown Power & Water" = "utilities"
"""
}
"""By the client's name; written by its owner."""


def bring_policies(house: House, clients: Sequence[Business]) -> None:
    """Put the firm's policy in force, and a client's own where it has one; what is in force already stays."""
    firm = clients[0].firm_id
    now = house.clock.now()
    with house.database.writing(Scope(firm)) as session:
        service = PolicyService(session, firm)
        if service.newest(None) is None:
            writer = service.firm_acting(_FIRM_WRITER, through=_THROUGH)
            service.write(None, FIRM_POLICY, reason="The firm's way of working", by=writer, now=now)
    for client in clients:
        text = OWN_POLICIES.get(client.name)
        if text is None:
            continue
        with house.database.writing(Scope(firm, client.business_id)) as session:
            service = PolicyService(session, firm)
            if service.newest(client) is None:
                owner = _owner(session, client)
                service.write(client, text, reason="Wages and rent come first", by=owner, now=now)


def confirm_what_recurs(desk: Desk, clients: Sequence[Business]) -> int:
    """The controller says yes to the wages, taxes, rents and cards that the books show; how many."""
    confirmed = 0
    for client in clients:
        with desk.writing(client.business_id) as at:
            wren = at.acting(_FIRM_WRITER, through=_THROUGH)
            for each in at.recurring.get_recurring_experience().suggestions:
                if each.category in _CONFIRMS:
                    at.recurring.confirm(wren, each.signature)
                    confirmed += 1
    return confirmed


def _owner(session: Session, client: Business) -> Acting:
    people = PeopleService(session, client.firm_id)
    handle = next(person.handle for person, roles in people.at(client.business_id) if "client_owner" in roles)
    return people.acting(client.business_id, handle, through=_THROUGH)
