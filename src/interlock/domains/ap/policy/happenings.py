"""What can happen to a payment once it is released: events as values, in the words of whoever says them. Pure."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from interlock.domains.ap.policy.course import RailWord

PersonSays = Literal["not_made", "look_again", "take_back", "returned", "proven"]
"""``not_made``: looked at the rail, nothing is there under our key; ``take_back``: it is not to be paid after all; ``returned``:

the money came back; ``proven``: the difference was looked at and is right as it is.
"""


class Released(Struct, frozen=True, tag=True):
    """A person, or the pay run's schedule, let it go: the instruction is committed."""


class SendBegun(Struct, frozen=True, tag=True):
    """Committed before the call: from here on the instruction may have reached the rail."""


class SendMade(Struct, frozen=True, tag=True):
    """The rail answered. ``word``: how it stands there."""

    word: RailWord


class SendRefused(Struct, frozen=True, tag=True):
    """Certainly nothing was made, and the same would be refused again."""


class NotSent(Struct, frozen=True, tag=True):
    """Certainly nothing was made, and the same may work later."""

    retry_at: datetime


class SendLost(Struct, frozen=True, tag=True):
    """It was sent, or may have been, and nobody knows what became of it."""


class Found(Struct, frozen=True, tag=True):
    """Looked up by its key: there it stands."""

    word: RailWord


class NotFound(Struct, frozen=True, tag=True):
    """Looked up by its key: it isn't there. ``answered``: the rail was asked at all."""

    answered: bool = True


class CancelMade(Struct, frozen=True, tag=True):
    """The rail took the cancelling; whether it is cancelled is read back (``RailSaid``)."""


class CancelRefused(Struct, frozen=True, tag=True):
    """Too late to cancel, or nobody answered: it goes on as it was."""


class RailSaid(Struct, frozen=True, tag=True):
    """How the payment stands at the rail now. ``differs``: over another amount, or for another vendor."""

    word: RailWord
    differs: bool = False


class BankShowed(Struct, frozen=True, tag=True):
    """A posted line is matched with this payment, alone or with all of its batch. ``differs``: not to the cent."""

    differs: bool = False


class BankTookBack(Struct, frozen=True, tag=True):
    """The match or the line it stood on is gone."""


class BankReturned(Struct, frozen=True, tag=True):
    """The bank shows the same money coming back."""


class LedgerShowed(Struct, frozen=True, tag=True):
    """The ledger has the payment on the right bill. ``differs``: of another amount."""

    differs: bool = False


class LedgerTookBack(Struct, frozen=True, tag=True):
    """The ledger's payment was deleted or voided, or no longer pays the bill."""


class RecordBegun(Struct, frozen=True, tag=True):
    """Committed before the ledger is written."""


class RecordMade(Struct, frozen=True, tag=True):
    """Written down in the ledger and read back."""


class RecordRefused(Struct, frozen=True, tag=True):
    """The ledger takes no such entry: a person enters it."""


class RecordLost(Struct, frozen=True, tag=True):
    """Whether it stands in the ledger isn't known; recording looks first, so it is asked again under the same key."""

    retry_at: datetime


class PersonSaid(Struct, frozen=True, tag=True):
    says: PersonSays


class TimePassed(Struct, frozen=True, tag=True):
    """What was waited for until ``due_at`` hasn't come."""


Event = (
    Released
    | SendBegun
    | SendMade
    | SendRefused
    | NotSent
    | SendLost
    | Found
    | NotFound
    | CancelMade
    | CancelRefused
    | RailSaid
    | BankShowed
    | BankTookBack
    | BankReturned
    | LedgerShowed
    | LedgerTookBack
    | RecordBegun
    | RecordMade
    | RecordRefused
    | RecordLost
    | PersonSaid
    | TimePassed
)
EVENTS: tuple[type[Event], ...] = (
    Released,
    SendBegun,
    SendMade,
    SendRefused,
    NotSent,
    SendLost,
    Found,
    NotFound,
    CancelMade,
    CancelRefused,
    RailSaid,
    BankShowed,
    BankTookBack,
    BankReturned,
    LedgerShowed,
    LedgerTookBack,
    RecordBegun,
    RecordMade,
    RecordRefused,
    RecordLost,
    PersonSaid,
    TimePassed,
)
