"""Who is acting at one client, with what roles there. Pure."""

from typing import Literal

from msgspec import Struct

from interlock.domains.firm.roles import CLIENT_SIDE, MAY, Right, Role

Side = Literal["firm", "client"]


class Acting(Struct, frozen=True):
    """A person at one client. ``through``: how we know them (``command line``, ``this machine``), for the log."""

    person_id: str
    handle: str
    name: str
    side: Side
    roles: frozenset[Role]
    through: str = ""

    @property
    def rights(self) -> frozenset[Right]:
        """What their roles allow in sum, before any rule about the case at hand."""
        return frozenset().union(*(MAY[role] for role in self.roles))

    @property
    def spoken(self) -> str:
        """``Wren Halloran, controller``."""
        said = ", ".join(role.replace("_", " ") for role in sorted(self.roles))
        return f"{self.name}, {said}" if said else self.name

    @property
    def actor(self) -> str:
        """As the log names them: ``Wren Halloran [wren] (command line)``."""
        return f"{self.name} [{self.handle}]{f' ({self.through})' if self.through else ''}"

    @property
    def for_the_client(self) -> bool:
        """Whether they decide on the client's side: by where they belong and by a role of that side."""
        return self.side == "client" and bool(self.roles & CLIENT_SIDE)
