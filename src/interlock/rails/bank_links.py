"""What linking a business's banks offers to pages, the API and the terminal. Wiring joins it to the rail that links."""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

LinkStanding = Literal["waiting", "connected", "denied", "refused", "failed"]


class BankLink(Struct, frozen=True):
    """One sending of a person to a bank's login. ``url`` only while it can be opened; ``item_id`` of the login to mend."""

    link_id: str
    standing: LinkStanding
    said: str | None
    url: str | None
    item_id: str | None
    institution: str | None
    begun_at: datetime
    expires_at: datetime


class BankUnlinked(Struct, frozen=True):
    """``told``: whether the rail knows of it too; ``words`` says what is left to do."""

    item_id: str
    told: bool
    words: str


class LinksBusinessBanks(Protocol):
    """Linking banks to businesses and unlinking them. Businesses by id, slug or name."""

    def trouble(self) -> str | None:
        """Why nobody can be sent to a bank now; ``None`` when they can."""
        ...

    def begin(self, business: str, *, actor: str, origin: str | None = None, item_id: str | None = None) -> BankLink:
        """A page of the rail's to send a person to; ``item_id`` mends a login. ``origin``: where our pages are."""
        ...

    def finish(self, link_id: str) -> BankLink:
        """Ask what came of it, and keep what it brought. Again and again is fine."""
        ...

    def receive(self, state: str) -> tuple[BankLink, str]:
        """The same for a browser that came back with ``state``; and the address where it goes on."""
        ...

    def begun(self, business: str) -> tuple[BankLink, ...]:
        """Those that are open, or ended lately, newest first."""
        ...

    def ask_banks(self, business: str) -> tuple[str, ...]:
        """Have the banks asked for balances of this moment; what could not be had, and why."""
        ...

    def unlink(self, business: str, item_id: str, *, actor: str) -> BankUnlinked:
        """Tell the rail, forget the token, keep what was read."""
        ...
