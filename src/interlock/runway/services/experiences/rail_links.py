"""How a client stands with each rail of this build: state in plain words, how fresh, and the one act that mends it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.rails.connections import ALARM_AHEAD, Passport
from interlock.rails.errors import spoken
from interlock.rails.items import NEEDS_LOGIN, UNREACHABLE, WORKING, LinkedItem
from interlock.rails.ports import Freshness
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.rail_links import RailLink
from interlock.runway.services.views import Instant, View

Tone = Literal["stop", "warn", "clear", "none"]
LinkState = Literal[
    "not connected",
    "connected",
    "expiring",
    "expired",
    "needs reconnect",
    "needs login",
    "unreachable",
    "failing",
    "disconnected",
]
LEDGER = "qbo"
_WORKS: frozenset[LinkState] = frozenset({"connected", "expiring", "needs login", "unreachable", "failing"})
_BANKS = "plaid"
_ALSO_SAID = {"ramp": " --client-id ID"}
"""What a command to connect can't do without, beside the secret it asks for."""
_SHORT: Mapping[LinkState, str] = {
    "not connected": "–",
    "connected": "✓",
    "expiring": "ends soon",
    "expired": "reconnect",
    "needs reconnect": "reconnect",
    "needs login": "re-link",
    "unreachable": "waits",
    "failing": "fails",
    "disconnected": "ended",
}


class RailMendView(View):
    """The one act that mends it: ``label`` in words, ``command`` at a terminal; ``path``: where a page does it by sending a form,

    with the login's ``item_id`` where it is about one.
    """

    act: Literal["connect", "relink", "sync"]
    label: str
    command: str
    path: str | None
    item_id: str | None = None


class LoginView(View):
    """One login at a bank. ``lines_at``: when the bank last gave lines; ``ends_at``: when its consent ends."""

    item_id: str
    institution: str
    works: bool
    tone: Tone
    words: str
    linked_at: Instant
    lines_at: Instant | None
    ends_at: Instant | None
    mend: RailMendView | None


class RailLinkView(View):
    """One rail of this build for one client. ``short`` fits a narrow column; ``page``: one of its own, if it has one;

    ``notices``: told, and not read after yet.
    """

    rail: str
    name: str
    state: LinkState
    tone: Tone
    short: str
    words: str
    page: str | None
    external_id: str | None
    connected_at: Instant | None
    last_sync: Instant | None
    next_due: Instant | None
    fresh: str
    stale: bool
    failures: int
    notices: int
    logins: tuple[LoginView, ...]
    mend: RailMendView | None

    @property
    def linked(self) -> bool:
        """Whether it was ever linked and not ended since."""
        return self.state not in ("not connected", "disconnected")


class RailMark(View):
    """A rail in a narrow column: ``short`` is a tick or a word, ``words`` the whole of it."""

    rail: str
    name: str
    tone: Tone
    short: str
    words: str


def rail_links(
    business: Business, rails: Sequence[str], links: Mapping[str, RailLink], now: datetime
) -> tuple[RailLinkView, ...]:
    """Of every rail in this build, in its order."""
    return tuple(_view(business, rail, links.get(rail) or RailLink(), now) for rail in rails)


def worn(links: Sequence[RailLinkView]) -> tuple[RailLinkView, ...]:
    """Rails beside the ledger that were linked and need a person now."""
    return tuple(each for each in links if each.rail != LEDGER and each.linked and each.mend is not None)


def marks(links: Sequence[RailLinkView]) -> tuple[RailMark, ...]:
    """The same in a word each."""
    return tuple(
        RailMark(rail=each.rail, name=each.name, tone=each.tone, short=each.short, words=each.words) for each in links
    )


def _view(business: Business, rail: str, link: RailLink, now: datetime) -> RailLinkView:
    state = _state(link, now)
    fresh = link.freshness(rail, now)
    return RailLinkView(
        rail=rail,
        name=spoken(rail),
        state=state,
        tone=_tone(rail, state, link, fresh),
        short=_short(state, link, fresh),
        words=_words(rail, state, link, fresh, business, now),
        page=f"/b/{business.slug}/banks" if rail == _BANKS else None,
        external_id=link.passport.external_id if link.passport and not link.logins else None,
        connected_at=link.passport.connected_at if link.passport else None,
        last_sync=link.last_sync,
        next_due=link.next_due if state in _WORKS else None,
        fresh=fresh.words,
        stale=fresh.stale and state != "not connected",
        failures=link.failures,
        notices=link.notices,
        logins=tuple(_login(business, rail, each, now) for each in link.logins),
        mend=_mend(business, rail, state, link),
    )


def _state(link: RailLink, now: datetime) -> LinkState:
    passport: Passport | None = link.passport
    if passport is None:
        return "not connected"
    if passport.state not in ("connected", "expiring"):
        return passport.state
    of_logins = {each.state for each in link.logins}
    if NEEDS_LOGIN in of_logins:
        return "needs login"
    if link.failures:
        return "failing"
    if UNREACHABLE in of_logins:
        return "unreachable"
    return "expiring" if any(_ends_soon(each, now) for each in link.logins) else passport.state


def _tone(rail: str, state: LinkState, link: RailLink, fresh: Freshness) -> Tone:
    if state in ("not connected", "disconnected"):
        return "stop" if rail == LEDGER else "none"
    if state in ("expired", "needs reconnect"):
        return "stop"
    if state == "needs login":
        return "warn" if any(each.state != NEEDS_LOGIN for each in link.logins) else "stop"
    return "warn" if state != "connected" or fresh.stale else "clear"


def _short(state: LinkState, link: RailLink, fresh: Freshness) -> str:
    if state != "connected":
        return _SHORT[state]
    if link.last_sync is None:
        return "unread"
    return "old" if fresh.stale else _SHORT[state]


def _words(rail: str, state: LinkState, link: RailLink, fresh: Freshness, business: Business, now: datetime) -> str:
    name, passport, today = spoken(rail), link.passport, local_date(now, business.time_zone)
    if passport is None:
        return f"{name} is not connected."
    if state == "disconnected":
        day = (
            on_day(local_date(passport.disconnected_at, business.time_zone), today) if passport.disconnected_at else ""
        )
        told = f" {passport.trouble}" if passport.trouble else ""
        return f"Disconnected{' on ' + day if day else ''}; what was read before stays readable.{told}"
    if state == "expiring" and link.logins:
        ending = [each.institution for each in link.logins if _ends_soon(each, now)]
        return f"The login at {_list(ending)} ends soon; re-link it before."
    if state in ("expiring", "expired") and passport.ends_at is not None:
        day = on_day(local_date(passport.ends_at, business.time_zone), today)
        return f"The connection {'ends' if state == 'expiring' else 'ended'} on {day}."
    if state == "needs reconnect":
        # What mends it stands beside the words, so the half that names a command is left to the terminal.
        return re.sub(r"[;.] *[Rr]econnect .*$", ".", passport.trouble or f"{name} no longer accepts this connection.")
    if state == "needs login":
        broken = [each.institution for each in link.logins if each.state == NEEDS_LOGIN]
        asks = "asks" if len(broken) == 1 else "ask"
        return f"{_list(broken)} {asks} for a login again; what was read before stays, and gets old."
    if state == "unreachable":
        away = [each.institution for each in link.logins if each.state == UNREACHABLE]
        return f"{_list(away)} can’t be reached now; it is tried again by itself, and what was read before stays."
    if state == "failing":
        times = "" if link.failures == 1 else f", {link.failures} times in a row"
        return f"The last reading failed{times}: {link.trouble}"
    if link.last_sync is None:
        return "Connected; it is about to be read for the first time."
    return f"Connected; read {fresh.words}."


def _list(names: Sequence[str]) -> str:
    shown = sorted(set(names))[:3]
    more = len(set(names)) - len(shown)
    return ", ".join(shown) + (f" and {counted(more, 'more bank', 'more banks')}" if more else "")


def _mend(business: Business, rail: str, state: LinkState, link: RailLink) -> RailMendView | None:
    if state == "needs login":
        return next((_relink(business, rail, each) for each in link.logins if each.state == NEEDS_LOGIN), None)
    if state == "failing":
        sync = f"interlock sync {business.slug}"
        return RailMendView(act="sync", label="Read now", command=sync, path=f"/b/{business.slug}/sync")
    if state in _WORKS:
        return None
    label = "Connect" if state == "not connected" else "Connect again"
    if rail == LEDGER:
        command = f"interlock connect qbo --browser --business {shlex.quote(business.name)}"
        return RailMendView(act="connect", label=label, command=command, path="/connect/qbo")
    path = f"/b/{business.slug}/banks/link" if rail == _BANKS else None
    command = f"interlock connect {rail} {business.slug}{_ALSO_SAID.get(rail, '')}"
    return RailMendView(act="connect", label=label, command=command, path=path)


def _relink(business: Business, rail: str, item: LinkedItem) -> RailMendView:
    return RailMendView(
        act="relink",
        label=f"Re-link {item.institution}",
        command=f"interlock connect {rail} {business.slug} --relink {shlex.quote(item.institution)}",
        path=f"/b/{business.slug}/banks/link",
        item_id=item.item_id,
    )


def _ends_soon(item: LinkedItem, now: datetime) -> bool:
    return item.ends_at is not None and item.ends_at - now <= ALARM_AHEAD


def _login(business: Business, rail: str, item: LinkedItem, now: datetime) -> LoginView:
    works, today = item.state == WORKING, local_date(now, business.time_zone)
    ending = _ends_soon(item, now)
    if not works:
        words = item.trouble or "The bank asks for a login again."
    elif item.lines_at is None:
        words = "Working; the bank has given no lines yet."
    else:
        words = f"Working; the bank last gave lines on {on_day(local_date(item.lines_at, business.time_zone), today)}."
    return LoginView(
        item_id=item.item_id,
        institution=item.institution,
        works=works,
        tone="stop" if item.state == NEEDS_LOGIN else "warn" if ending or not works else "clear",
        words=words,
        linked_at=item.linked_at,
        lines_at=item.lines_at,
        ends_at=item.ends_at,
        mend=_relink(business, rail, item) if ending or item.state == NEEDS_LOGIN else None,
    )
