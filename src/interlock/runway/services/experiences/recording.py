"""Whether a client's QuickBooks may be written to, what that means, and the switch."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.connections import Connection
from interlock.runway.services.experiences.connections import RAIL
from interlock.runway.services.views import BusinessView, Instant, View

MEANS = (
    "Interlock may write in this client’s QuickBooks what has already happened elsewhere: a bill payment or a customer’s "
    "payment with its date, its amount and the bills or invoices it settles. Those then show less open, and the account it "
    "names shows the amount. Each such entry carries “[Interlock …]” in its memo. No money moves by it, and Interlock changes, "
    "voids and deletes nothing there."
)
_READS_ONLY = "Interlock only reads this client’s QuickBooks."


class RecordingExperience(View):
    """The switch as it stands. ``means``: what it lets Interlock do, in words; ``command`` turns it the other way."""

    ask: str
    say: str
    as_of: Instant
    business: BusinessView
    on: bool
    state: Literal["on", "off", "not connected"]
    means: str
    command: str


class RecordingService:
    """One business's word on recording. Off until a person says otherwise, and off again when it is disconnected."""

    def __init__(self, db: Session, business: Business, *, now: datetime) -> None:
        self._db = db
        self._business = business
        self._now = now

    def get_recording_experience(self) -> RecordingExperience:
        found = self._db.get(Connection, (self._business.business_id, RAIL))
        on = found is not None and found.records
        if on:
            say = f"Yes. {MEANS}"
        elif found is None:
            say = f"No: {self._business.name} isn’t connected to QuickBooks."
        else:
            say = f"No. {_READS_ONLY}"
        return RecordingExperience(
            ask=f"May Interlock record in {self._business.name}’s QuickBooks?",
            say=say,
            as_of=self._now,
            business=BusinessView.of(self._business),
            on=on,
            state="not connected" if found is None else "on" if on else "off",
            means=MEANS,
            command=f"interlock recording {'off' if on else 'on'} {self._business.slug}",
        )

    def switch(self, on: bool, actor: str) -> bool:
        """Turn it, with a line in the business's log; says whether that changed anything.

        ``NotFound`` without a connection, ``Refused`` to switch it on while there is no working one.
        """
        scope = Scope(self._business.firm_id, self._business.business_id)
        return connections.set_records(self._db, scope, RAIL, on, self._now, actor)
