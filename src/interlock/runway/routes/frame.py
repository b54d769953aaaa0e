"""What stands around every page: the firm, its clients, how fresh the books are, where one can go, and the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from interlock.domains.firm.models import Firm
from interlock.runway.desk import BusinessDesk, Desk, FirmDesk
from interlock.runway.routes.rendering import moment
from interlock.runway.services.experiences.capabilities import CapabilityView, LimitView, limits
from interlock.runway.services.experiences.connections import ConnectionView
from interlock.runway.services.experiences.rail_links import LEDGER, RailLinkView, worn
from interlock.runway.services.views import BusinessView, SyncStatus

PORTFOLIO = "portfolio"
Keys = tuple[tuple[str, tuple[str, ...]], ...]

_MOVE: Keys = (("Move", ("j", "k")), ("Open", ("↵",)))
_ALWAYS: Keys = (
    ("Open source", ("o",)),
    ("Explain", ("e",)),
    ("Search client", ("/",)),
    ("Taller rows", ("d",)),
    ("Go to Tray, …", ("g", "t")),
    ("All keys", ("?",)),
)
_OF_PAGE: dict[str, Keys] = {
    "console": (
        *_MOVE,
        ("Select", ("x",)),
        ("Range", ("⇧", "x")),
        ("Approve", ("a",)),
        ("Schedule", ("s",)),
        ("Reject", ("r",)),
        ("Hold", ("h",)),
        ("Part, comment", ("c",)),
        ("Drop", ("⇧", "d")),
        ("Undo", ("z",)),
    ),
    "pay-run": (*_MOVE, ("Select", ("x",)), ("Release", ("a",))),
    "digest": (("Print", ("p",)),),
}


@dataclass(frozen=True)
class Item:
    """A page of a client: its path, the key after ``g``, and how many rows wait there."""

    path: str
    name: str
    key: str
    count: int | None = None


@dataclass(frozen=True)
class Frame:
    """The frame of one page. ``stays`` is the page that another client is opened on; ``broken`` is the client's connection

    while it needs a person, ``worn`` its other rails that do: every page says so, since their figures stand still.
    ``parked``: features that no rail here has what they need for; ``limits``: what can't be done on this very page.
    """

    firm: str
    clients: list[BusinessView]
    page: str
    fresh: str
    stale: bool
    client: BusinessView | None = None
    broken: ConnectionView | None = None
    items: tuple[Item, ...] = ()
    keys: Keys = (*_MOVE, *_ALWAYS)
    parked: tuple[CapabilityView, ...] = ()
    worn: tuple[RailLinkView, ...] = ()
    limits: tuple[LimitView, ...] = ()
    people: tuple[tuple[str, str, str], ...] = ()
    """Who can be chosen to act: handle, name, roles at this client."""

    @property
    def stays(self) -> str:
        return self.page if any(item.path == self.page for item in self.items) else "tray"


def firm_frame(desk: FirmDesk, *, oldest: tuple[str, SyncStatus] | None = None, page: str = PORTFOLIO) -> Frame:
    """Around a page of the whole firm; ``oldest`` is the client whose books were read longest ago."""
    fresh = f"As of {moment(desk.now, _zone_of(desk))}"
    stale = False
    if oldest is not None:
        fresh, stale = f"{fresh} · oldest: {oldest[0]}, {oldest[1].words}", oldest[1].stale
    people = tuple((each.handle, each.name, "") for each in desk.people)
    return Frame(_firm(desk), _clients(desk), page, fresh, stale, people=people)


def client_frame(desk: Desk, at: BusinessDesk, page: str) -> Frame:
    """Around a page of one client."""
    status = SyncStatus.of(at.qbo_sync.freshness())
    linked = at.connections.get_connection_experience().connection
    beside = [each for each in linked.rails if each.rail != LEDGER and each.linked]
    can = desk.capabilities.of_business(at.session, at.business, at.now)
    with desk.firm() as firm:
        return Frame(
            firm=_firm(firm),
            clients=_clients(firm),
            page=page,
            fresh=_as_of(at.now, at.business.time_zone, status, beside),
            stale=status.stale or any(each.stale for each in beside),
            client=BusinessView.of(at.business),
            broken=linked if linked.mend is not None or linked.alarm else None,
            items=_items(at),
            parked=tuple(each for each in can.features if each.kind == "parked"),
            worn=worn(beside),
            limits=limits(can, page),
            people=tuple(
                (person.handle, person.name, ", ".join(role.replace("_", " ") for role in sorted(roles)))
                for person, roles in at.people_service.at(at.business.business_id)
            ),
            keys=(*_OF_PAGE.get(page, _MOVE), *_ALWAYS),
        )


def _items(at: BusinessDesk) -> tuple[Item, ...]:
    return (
        Item("overview", "Overview", "o"),
        Item("tray", "Tray", "t", len(at.findings.all)),
        Item("console", "Console", "c", at.bill_service.count_bills_ready_for_decision()),
        Item("pay-run", "Pay run", "x"),
        Item("payments", "Payments", "e", at.payments.waiting() or None),
        Item("digest", "Digest", "d"),
        Item("bills", "Bills", "b"),
        Item("invoices", "Invoices", "i"),
        Item("receivables", "Receivables", "z"),
        Item("aging", "Aging", "a"),
        Item("balances", "Balances", "m"),
        Item("match", "Matches", "w"),
        Item("identity", "Identity", "y"),
        Item("connection", "Connection", "q"),
        Item("payees", "Payees", "n"),
        Item("people", "People", "u"),
        Item("policy", "Policy", "r"),
        Item("capabilities", "Capabilities", "v"),
        Item("log", "Log", "l"),
    )


def _as_of(now: datetime, time_zone: str, status: SyncStatus, beside: Sequence[RailLinkView]) -> str:
    rails = [f"{each.name} {each.fresh if each.mend is None else each.short}" for each in beside]
    return " · ".join([f"As of {moment(now, time_zone)}", f"QuickBooks {status.words}", *rails])


def _firm(desk: FirmDesk) -> str:
    return desk.session.scalars(select(Firm.name).where(Firm.firm_id == desk.firm_id)).one()


def _clients(desk: FirmDesk) -> list[BusinessView]:
    return [BusinessView.of(business) for business in desk.businesses]


def _zone_of(desk: FirmDesk) -> str:
    """The portfolio has no zone of its own: the one most clients live in, else UTC."""
    zones = [business.time_zone for business in desk.businesses]
    return max(zones, key=zones.count, default="UTC")
