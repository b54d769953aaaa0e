"""What this build can do, and the rows that explain what it can't: handed to whoever answers for it."""

from interlock._parked import DECLINED, PARKED
from interlock.app.build import BUILD
from interlock.app.house import House
from interlock.rails.parking import Abilities


def abilities_of(house: House) -> Abilities:
    """The house's rails, by name, with the parked and the declined rows."""
    return Abilities(house.registry.classes, PARKED, DECLINED)


def build_abilities() -> Abilities:
    """The same of the build as it is shipped, without opening an installation."""
    return Abilities({each.name: each.rail for each in BUILD}, PARKED, DECLINED)
