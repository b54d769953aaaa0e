"""What most commands begin with: the house opened from the environment, the firm, a business by its name."""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import read_settings
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.kernel.scope import Scope, SystemScope


@contextmanager
def opened() -> Iterator[House]:
    """The house for one command, closed behind it."""
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def firm_id(house: House) -> str:
    """The installation's firm; ``NotFound`` says how to make one."""
    with house.database.reading(SystemScope("whose installation this is")) as session:
        return the_firm(session, None, house.clock.now()).firm_id


def businesses(house: House) -> Sequence[Business]:
    """All of the firm's clients, by name; none when there is no firm yet."""
    firm = firm_id(house)
    with house.database.reading(Scope(firm)) as session:
        found = BusinessService(session, firm).list_businesses()
        session.expunge_all()
        return found


def business_named(house: House, wanted: str) -> Business:
    """A client by id, slug or name; ``NotFound`` otherwise."""
    firm = firm_id(house)
    with house.database.reading(Scope(firm)) as session:
        found = BusinessService(session, firm).find(wanted)
        session.expunge(found)
        return found


def actor() -> str:
    """Who acts, as the log names it: the person signed in to this machine."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "somebody (command line)"
