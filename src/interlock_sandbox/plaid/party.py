"""Plaid as a party: sessions, tokens and Items change by acts; it looks at the banks every few hours by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.bank.model import BankLine, hashed
from interlock_sandbox.bank.planted import login_lapses
from interlock_sandbox.notices.notices import Notices
from interlock_sandbox.parties import Step
from interlock_sandbox.plaid import notices
from interlock_sandbox.plaid.faults import LOGIN_REQUIRED, item_error
from interlock_sandbox.plaid.feed import Feed
from interlock_sandbox.plaid.items import (
    DAYS_UNLESS_TOLD,
    LINK_TOKEN_LIFE,
    LOGIN_LAPSES_AFTER,
    LOOKS_EVERY,
    MOST_DAYS,
    PUBLIC_TOKEN_LIFE,
    UPDATE_LINK_LIFE,
    Item,
    Link,
    PublicToken,
    Session,
    identifier,
    token,
)  # fmt: skip
from interlock_sandbox.plaid.keys import Keys

FIRST_PULL_DAYS = 30


class Plaid:
    """Deterministic from the seed, the banks and the acts.

    ``initial_seconds`` and ``historical_seconds`` are how long a new Item's first and whole history take;
    ``balance_seconds`` how long a fresh balance takes; ``down`` are institutions out of reach with their code.
    """

    def __init__(self, seed: int, bank: Bank, courier: Notices) -> None:
        self.seed = seed
        self.bank = bank
        self.client_id = hashed("plaid client", seed, length=24)
        self.secret = hashed("plaid secret", seed, length=30)
        self.links: dict[str, Link] = {}
        self.public_tokens: dict[str, PublicToken] = {}
        self.items: dict[str, Item] = {}
        self.by_access: dict[str, str] = {}
        self.keys = Keys(seed)
        self._courier = courier
        self._manner = notices.manner(self.keys)
        self.settings: dict[str, float] = {"initial_seconds": 0, "historical_seconds": 0, "balance_seconds": 0}
        self.down: dict[str, str] = {}
        self.acts = 0

    # --- look-ups -----------------------------------------------------------------------------------------------

    def link_at(self, page: str) -> Link | None:
        """The link whose page stands at this address."""
        return next((link for link in self.links.values() if link.page == page), None)

    def lines(self, item: Item, now: datetime, days: int) -> list[BankLine]:
        """What the bank shows of an Item's accounts within the history that was agreed to."""
        earliest = (item.created_at - timedelta(days=days)).date()
        return [
            line for account in item.accounts for line in self.bank.lines(account, now) if line.dated >= earliest
        ]  # fmt: skip

    # --- what happens -------------------------------------------------------------------------------------------

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        self.acts += 1
        getattr(self, f"_{act['act']}")(act, at)

    def due(self, now: datetime) -> Step | None:
        """The next look at a bank, the rest of a history, a login that lapses."""
        steps = [step for item in self.items.values() if (step := self._due(item, now)) is not None]
        return min(steps, key=lambda step: (step.at, str(step.act))) if steps else None

    def _due(self, item: Item, now: datetime) -> Step | None:
        if item.access_token is None or item.removed or item.error is not None:
            return None
        ends = min((moment for moment in (item.lapses_at, item.ends_at) if moment is not None), default=None)
        if ends is not None and ends <= now:
            return Step(ends, {"act": "trouble", "item": item.id, "code": LOGIN_REQUIRED})
        if item.institution in self.down or "transactions" not in item.products:
            return None
        if not item.complete:
            first = item.created_at + timedelta(seconds=self.settings["initial_seconds"])
            whole = max(first, item.created_at + timedelta(seconds=self.settings["historical_seconds"]))
            if whole <= now:
                return Step(whole, {"act": "look", "item": item.id, "whole": True})
            if not item.ready and first <= now:
                return Step(first, {"act": "look", "item": item.id, "whole": False})
            return None
        assert item.looked_at is not None
        slots = (now - item.looked_at) // LOOKS_EVERY
        if slots < 1:
            return None
        return Step(item.looked_at + slots * LOOKS_EVERY, {"act": "look", "item": item.id, "whole": True})

    # --- acts ---------------------------------------------------------------------------------------------------

    def _link(self, act: dict[str, Any], at: datetime) -> None:
        """/link/token/create was called."""
        made = token("link", self.seed, self.acts)
        wanted = act["wanted"]
        life = UPDATE_LINK_LIFE if "access_token" in wanted else LINK_TOKEN_LIFE
        lifetime = (wanted.get("hosted_link") or {}).get("url_lifetime_seconds")
        self.links[made] = Link(
            made, identifier("page", self.seed, self.acts), wanted, at,
            at + (timedelta(seconds=int(lifetime)) if lifetime else life),
            item=self.by_access.get(str(wanted.get("access_token"))),
        )  # fmt: skip

    def _start(self, act: dict[str, Any], at: datetime) -> None:
        """The page was opened; after somebody left, it may be opened again."""
        self._session(self.links[act["link"]], at)

    def _leave(self, act: dict[str, Any], at: datetime) -> None:
        """The person left the page without agreeing."""
        link = self.links[act["link"]]
        session = self._session(link, at)
        session.finished_at = at
        self._tell(link.wanted.get("webhook"), notices.session_finished(link, session), at)

    def _finish(self, act: dict[str, Any], at: datetime) -> None:
        """The person agreed: a new Item, or one that works again."""
        link = self.links[act["link"]]
        session = self._session(link, at)
        session.finished_at = at
        if link.update and link.item is not None:
            item = self.items[link.item]
            item.accounts = tuple(act["accounts"])
            self._restore(item, at)
        else:
            item = self._new_item(link.wanted, str(act["realm"]), str(act["institution"]), act["accounts"], at)
        link.item = item.id
        session.accounts = item.accounts
        session.public_token = self._mint(item, at)
        hook = link.wanted.get("webhook")
        self._tell(hook, notices.item_added(link, session), at)
        self._tell(hook, notices.session_finished(link, session), at)

    def _public(self, act: dict[str, Any], at: datetime) -> None:
        """/sandbox/public_token/create was called: an Item without the page."""
        self._mint(self._new_item(act["wanted"], str(act["realm"]), str(act["institution"]), act["accounts"], at), at)

    def _exchange(self, act: dict[str, Any], at: datetime) -> None:
        item = self.items[self.public_tokens.pop(act["public_token"]).item]
        if item.access_token is None:
            item.access_token = token("access", self.seed, item.id, item.rotations)
            self.by_access[item.access_token] = item.id
            if login_lapses(list(self.bank.vaults).index(item.realm)):
                item.lapses_at = at + LOGIN_LAPSES_AFTER

    def _rotate(self, act: dict[str, Any], at: datetime) -> None:
        """/item/access_token/invalidate: the old token is dead at once."""
        del at
        item = self.items[act["item"]]
        item.rotations += 1
        if item.access_token is not None:
            del self.by_access[item.access_token]
        item.access_token = token("access", self.seed, item.id, item.rotations)
        self.by_access[item.access_token] = item.id

    def _remove(self, act: dict[str, Any], at: datetime) -> None:
        del at
        self.items[act["item"]].removed = True

    def _webhook(self, act: dict[str, Any], at: datetime) -> None:
        item = self.items[act["item"]]
        item.webhook = act["webhook"]
        self._tell_item(
            item, notices.item_notice("WEBHOOK_UPDATE_ACKNOWLEDGED", item, new_webhook_url=item.webhook), at
        )

    def _trouble(self, act: dict[str, Any], at: datetime) -> None:
        """The login is broken; the app is told, and every call about the Item says so."""
        item = self.items[act["item"]]
        item.lapses_at = item.ends_at = None
        item.error = str(act["code"])
        item.failed_at = at
        code = "USER_PERMISSION_REVOKED" if item.error == "USER_PERMISSION_REVOKED" else "ERROR"
        self._tell_item(item, notices.item_notice(code, item, error=item_error(item.error).body()), at)

    def _ending(self, act: dict[str, Any], at: datetime) -> None:
        """The bank will want a new login before long; the app is told ahead."""
        item = self.items[act["item"]]
        item.ends_at = at + timedelta(days=float(act["days"]))
        self._tell_item(item, notices.item_notice("PENDING_DISCONNECT", item, **notices.ending(item)), at)

    def _repair(self, act: dict[str, Any], at: datetime) -> None:
        """It works again without anybody's doing."""
        self._restore(self.items[act["item"]], at)

    def _consent(self, act: dict[str, Any], at: datetime) -> None:
        """A product is used for the first time."""
        item = self.items[act["item"]]
        item.products = tuple(dict.fromkeys([*item.products, str(act["product"])]))
        if act.get("days"):
            item.days = int(act["days"])
        if act["product"] == "transactions":
            self._pull(item, at, whole=True)

    def _look(self, act: dict[str, Any], at: datetime) -> None:
        self._pull(self.items[act["item"]], at, whole=bool(act["whole"]))

    def _balances(self, act: dict[str, Any], at: datetime) -> None:
        """Balances were fetched anew; /accounts/get shows these from now on."""
        self.items[act["item"]].balances_at = at

    def _fire(self, act: dict[str, Any], at: datetime) -> None:
        item = self.items[act["item"]]
        self._tell_item(item, notices.fired(str(act["type"]), str(act["code"]), item), at)

    def _set(self, act: dict[str, Any], at: datetime) -> None:
        """Settings of the control API."""
        del at
        self.settings.update(act.get("settings", {}))
        for institution, code in act.get("down", {}).items():
            self.down.pop(institution, None)
            if code is not None:
                self.down[institution] = str(code)

    def _new_key(self, act: dict[str, Any], at: datetime) -> None:
        del act
        self.keys.rotate(at)

    # --- how ----------------------------------------------------------------------------------------------------

    def _session(self, link: Link, at: datetime) -> Session:
        """The visit that is going on, begun now if there is none."""
        if link.open is not None:
            return link.open
        made = Session(identifier("session", self.seed, self.acts), at)
        link.sessions.append(made)
        return made

    def _new_item(
        self, wanted: dict[str, Any], realm: str, institution: str, accounts: list[str], at: datetime
    ) -> Item:
        item_id = identifier("item", self.seed, self.acts)
        asked = [*wanted.get("products", ()), *wanted.get("required_if_supported_products", ())]
        consented = [*asked, *wanted.get("optional_products", ()), *wanted.get("additional_consented_products", ())]
        days = int((wanted.get("transactions") or {}).get("days_requested") or DAYS_UNLESS_TOLD)
        item = Item(
            item_id, realm, institution, tuple(accounts), wanted.get("webhook"), tuple(dict.fromkeys(asked)),
            tuple(dict.fromkeys(consented)), min(days, MOST_DAYS), at, Feed(item_id), balances_at=at,
        )  # fmt: skip
        self.items[item_id] = item
        return item

    def _mint(self, item: Item, at: datetime) -> str:
        made = token("public", self.seed, item.id, self.acts)
        self.public_tokens[made] = PublicToken(item.id, at + PUBLIC_TOKEN_LIFE)
        return made

    def _restore(self, item: Item, at: datetime) -> None:
        broken = item.error is not None
        item.error = item.lapses_at = item.ends_at = None
        if broken:
            self._tell_item(item, notices.item_notice("LOGIN_REPAIRED", item), at)
        if item.ready:
            self._pull(item, at, whole=True)

    def _pull(self, item: Item, at: datetime, *, whole: bool) -> None:
        """Look at the bank; tell the app when something is new or the history has become complete."""
        days = item.days if whole else min(item.days, FIRST_PULL_DAYS)
        news = item.feed.look(self.lines(item, at, days), at)
        completed = whole and not item.complete
        item.looked_at = item.balances_at = at
        item.complete = item.complete or whole
        if news or completed:
            self._tell_item(item, notices.sync_updates(item), at)

    def _tell_item(self, item: Item, body: dict[str, Any], at: datetime) -> None:
        if self._tell(item.webhook, body, at):
            item.last_webhook = (at, str(body["webhook_code"]))

    def _tell(self, url: object, body: dict[str, Any], at: datetime) -> bool:
        if not url:
            return False
        self._courier.post("plaid", str(url), notices.written(body), self._manner, at=at)
        return True
