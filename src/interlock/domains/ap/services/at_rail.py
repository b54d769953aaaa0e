"""What the paying rail has of a bill already: a bill that is paid there, or will be, is not paid a second time from here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.policy.course import REOPENED, Stage, Way
from interlock.domains.ap.services.paying_setup import PAYING_RAIL
from interlock.domains.ap.witness_models import BillLink, RailBill
from interlock.infra.db.bulk import among
from interlock.rails.errors import spoken
from interlock.rails.identity import LINKED
from interlock.rails.paying_states import may_still_go_out, paid, under_way

_RAIL = spoken(PAYING_RAIL)


class BillsAtRail:
    """Standing bills at the paying rail, by the ledger's bill they are linked to. ``ours``: by our key, where those we made there

    stand; what is under way of them counts as taken from its bill already, what came to nothing can still be paid there.
    """

    def __init__(self, db: Session, business_id: str, bill_ids: Iterable[str], ours: Mapping[str, Stage]) -> None:
        self._ours = ours
        found = defaultdict[str, list[RailBill]](list)
        query = (
            select(BillLink.ledger_id, RailBill)
            .join(RailBill, (RailBill.business_id == BillLink.business_id) & (RailBill.id == BillLink.rail_id))
            .where(
                BillLink.business_id == business_id,
                BillLink.rail == PAYING_RAIL,
                BillLink.state == LINKED,
                among(db, BillLink.ledger_id, sorted(set(bill_ids))),
                RailBill.buried_at.is_(None),
                RailBill.archived_at.is_(None),
            )
        )
        for bill_id, there in db.execute(query.order_by(RailBill.id)):
            stage = ours.get(there.remote_id or "")
            if stage is None or stage in REOPENED:
                found[bill_id].append(there)
        self._found: dict[str, Sequence[RailBill]] = dict(found)

    def against(self, bill_id: str, way: Way) -> str | None:
        """Why a bill isn't paid this way as well: the rail is paying it, or, where it is to be made there, has it already."""
        for there in self._found.get(bill_id, ()):
            said = f"{there.number or there.id}, {there.state.replace('_', ' ')}"
            stage = self._ours.get(there.remote_id or "")
            if stage == "returned" and way == "outside":
                continue  # what was paid once the rail may refuse to archive
            if stage is not None:
                return (
                    f"{_RAIL} still has the bill of a payment that came to nothing ({said}): somebody can have it paid there. "
                    "Archive it there first."
                )
            if paid(there) or may_still_go_out(there) or under_way(there.state):
                return f"{_RAIL} pays this bill itself ({said}); paying it here as well would pay it twice."
            if way != "outside":
                return f"{_RAIL} has this bill already ({said}); release it there, or archive it there first."
        return None
