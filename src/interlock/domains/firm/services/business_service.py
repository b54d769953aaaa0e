"""Firms and their client businesses."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business, Firm
from interlock.infra import translog
from interlock.kernel.clock import zone
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope

_NAME_CHARACTERS = 120


def business_of(db: Session, business_id: str) -> Business:
    """The business by its id; ``NotFound`` outside the session's scope."""
    scope = db.info["scope"]
    found = db.get(Business, business_id)
    if found is None or (isinstance(scope, Scope) and found.firm_id != scope.firm_id):
        raise NotFound(f"There is no business {business_id!r} here; `interlock business list` shows them.")
    return found


class BusinessService:
    """A firm's clients. Changes are logged in the firm's own chain, or the business's where it exists."""

    def __init__(self, db: Session, firm_id: str) -> None:
        self.db = db
        self.firm_id = firm_id

    def list_businesses(self) -> Sequence[Business]:
        """All of the firm's clients, by name."""
        return self.db.scalars(select(Business).where(Business.firm_id == self.firm_id).order_by(Business.name)).all()

    def find(self, wanted: str) -> Business:
        """By id, slug or name; ``NotFound`` names what exists nearby."""
        query = select(Business).where(
            Business.firm_id == self.firm_id,
            or_(Business.business_id == wanted, Business.slug == wanted, Business.name == wanted),
        )
        found = self.db.scalars(query).first()
        if found is None:
            raise NotFound(f"There is no business {wanted!r} here; `interlock business list` shows them.")
        return found

    def take_on(
        self, name: str, *, home_currency: str, time_zone: str, control_start: date, now: datetime, actor: str
    ) -> Business:
        """A new client. ``control_start`` is the first day we answer for."""
        name = name.strip()
        if not name or len(name) > _NAME_CHARACTERS:
            raise BadInput(f"A business needs a name of 1 to {_NAME_CHARACTERS} characters.")
        zone(time_zone)
        slug = self._free_slug(name)
        business = Business(
            business_id=new_id("biz", now),
            firm_id=self.firm_id,
            name=name,
            slug=slug,
            time_zone=time_zone,
            home_currency=home_currency,
            control_start=control_start,
            created_at=now,
        )
        self.db.add(business)
        self.db.flush()
        translog.append(
            self.db,
            Scope(self.firm_id, business.business_id),
            now=now,
            actor=actor,
            action="business.taken_on",
            body={"name": name, "home_currency": home_currency, "control_start": control_start.isoformat()},
        )
        return business

    def _free_slug(self, name: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "business"
        taken = set(self.db.scalars(select(Business.slug).where(Business.firm_id == self.firm_id)))
        return next(slug for n in range(len(taken) + 1) if (slug := base if n == 0 else f"{base}-{n + 1}") not in taken)


def the_firm(db: Session, name: str | None, now: datetime) -> Firm:
    """The installation's firm; made when there is none yet and a ``name`` is given."""
    found = db.scalars(select(Firm).order_by(Firm.created_at)).first()
    if found is not None:
        return found
    if name is None:
        raise NotFound(
            "There is no firm in this database yet; `interlock connect qbo` makes one with its first client."
        )
    firm = Firm(firm_id=new_id("firm", now), name=name, created_at=now)
    db.add(firm)
    db.flush()
    translog.append(db, Scope(firm.firm_id), now=now, actor="set-up", action="firm.founded", body={"name": name})
    return firm
