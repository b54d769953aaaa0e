"""The demo's people: those of the firm who look after every client, and an owner at each client. All plainly fictional."""

from collections.abc import Sequence

from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.domains.firm.roles import Role
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope

_ACTOR = "demo"

OF_THE_FIRM: tuple[tuple[str, str, Role], ...] = (
    ("tamsin", "Tamsin Ostler", "bookkeeper"),
    ("wren", "Wren Halloran", "controller"),
    ("ansel", "Ansel Quist", "advisor"),
    ("maren", "Maren Vale", "firm_admin"),
    ("piet", "Piet Lorimer", "reviewer"),
)
OWNERS: tuple[tuple[str, str], ...] = (
    ("iris", "Iris Fenwick"),
    ("gus", "Gus Harrow"),
    ("ida", "Ida Pellworth"),
    ("noor", "Noor Bright"),
    ("fitz", "Fitz Tumbledown"),
    ("dora", "Dora Goose"),
    ("leon", "Leon Lantern"),
    ("peg", "Peg Oakapple"),
    ("sol", "Sol Marrowby"),
    ("cass", "Cass Saltmarsh"),
    ("quill", "Quill Inkwell"),
    ("rowan", "Rowan Windrow"),
)


def bring_people(house: House, clients: Sequence[Business]) -> int:
    """Make whoever isn't there yet and give each their role at every client; how many people there are."""
    firm = clients[0].firm_id
    now = house.clock.now()
    owners = [OWNERS[place % len(OWNERS)] for place in range(len(clients))]
    wanted = [(handle, name, "firm") for handle, name, _ in OF_THE_FIRM]
    wanted += [(handle, name, "client") for handle, name in dict(owners).items()]
    with house.database.writing(Scope(firm)) as session:
        people = PeopleService(session, firm)
        known = {each.handle for each in people.people()}
        for handle, name, side in wanted:
            if handle not in known:
                people.add(handle, name, side=side, email=f"{handle}@people.example", now=now, actor=_ACTOR)
    for client, (owner, _) in zip(clients, owners, strict=True):
        roles: list[tuple[str, Role]] = [(handle, role) for handle, _, role in OF_THE_FIRM]
        with house.database.writing(Scope(firm, client.business_id)) as session:
            people = PeopleService(session, firm)
            held = {person.handle for person, _ in people.at(client.business_id)}
            for handle, role in (*roles, (owner, "client_owner")):
                if handle not in held:
                    people.grant(client.business_id, handle, role, now=now, actor=_ACTOR)
    return len(wanted)
