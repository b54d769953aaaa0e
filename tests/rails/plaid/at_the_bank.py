"""A person at a bank's login page, and a business whose banks are linked by going there."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace
from typing import Any

from interlock.app.bank_links import BankLinks
from interlock.app.build import RailBuild
from interlock.app.house import House
from interlock.app.plaid import plaid_listener, plaid_rail, plaid_sync
from interlock.app.plaid_notices import heard
from interlock.domains.firm.models import Business
from interlock.domains.plaid.rail import PlaidRail
from interlock.domains.plaid.services.sync_service import PlaidSyncService
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.rails import items, schedule, witnesses
from interlock.rails.bank_links import BankLink
from interlock.rails.items import LinkedItem
from tests.support.sandbox import Sandbox

PLAID = RailBuild(
    "plaid", PlaidRail, plaid_rail, lambda house, business: (plaid_sync(house, business), None), plaid_listener, heard
)


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_browser = urllib.request.build_opener(_Stays)


def with_plaid(house: House, sandbox: Sandbox, **more: Any) -> House:
    """The same house with Plaid in its build, pointed at the sandbox."""
    keys = sandbox.control("GET", "plaid")
    settings = replace(
        house.settings,
        plaid_api_url=f"{sandbox.url}/plaid",
        plaid_client_id=keys["client_id"],
        plaid_secret=keys["secret"],
        **more,
    )
    build = (*(each for each in house.build if each.name != "plaid"), PLAID)
    return House(settings, house.database, house.vault, house.clock, house.transport, limited=False, build=build)


@dataclass
class Client:
    """A business of the sandbox's, and what its banks are called there."""

    house: House
    sandbox: Sandbox
    business: Business
    realm_id: str

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    @property
    def banks(self) -> BankLinks:
        return BankLinks(self.house)

    @property
    def sync(self) -> PlaidSyncService:
        return plaid_sync(self.house, self.business)

    @property
    def logins_there(self) -> list[dict[str, Any]]:
        listed = self.sandbox.control("GET", "rails")["clients"]
        logins: list[dict[str, Any]] = next(each for each in listed if each["realm_id"] == self.realm_id)["plaid"][
            "logins"
        ]
        return logins

    def link(self, place: int = 0, *, item_id: str | None = None) -> BankLink:
        """Begin, agree at the bank, finish."""
        begun = self.banks.begin(self.business.slug, actor="a test", item_id=item_id)
        assert begun.url is not None, "a link that was just begun has a page"
        agree(begun.url, None if item_id else self.logins_there[place])
        return self.banks.finish(begun.link_id)

    def logins(self) -> list[LinkedItem]:
        with self.house.database.reading(self.scope) as session:
            found = items.of_business(session, self.scope, "plaid")
            session.expunge_all()
            return found

    def accounts(self) -> list[Any]:
        return self._rows(witnesses.BankAccount)

    def lines(self) -> list[Any]:
        return self._rows(witnesses.BankLine)

    def log(self) -> list[translog.Line]:
        with self.house.database.reading(self.scope) as session:
            return list(translog.lines(session, str(self.business.business_id)))

    def actions(self) -> list[str]:
        return [line.action for line in self.log()]

    def there(self, item_id: str) -> dict[str, Any]:
        """The login as the sandbox has it."""
        said = self.sandbox.control("GET", "plaid")["items"]
        found: dict[str, Any] = next(each for each in said if each["item_id"] == item_id)
        return found

    def due_in_minutes(self) -> float:
        """When this client's banks are read next, from now."""
        with self.house.database.reading(self.scope) as session:
            due = schedule.find(session, self.scope, "plaid")
            assert due is not None, "a linked bank is on the timetable"
            return (due.due_at - self.house.clock.now()).total_seconds() / 60

    def truth(self) -> dict[str, list[dict[str, Any]]]:
        """The bank's own lines, by the bank's account id."""
        found: dict[str, list[dict[str, Any]]] = {}
        for line in self.sandbox.control("GET", f"bank/{self.realm_id}/lines")["lines"]:
            found.setdefault(line["account"], []).append(line)
        return found

    def _rows(self, kind: type[Any]) -> list[Any]:
        with self.house.database.reading(self.scope) as session:
            rows = list(self.house.witnesses.rows(session, self.scope, kind))
            session.expunge_all()
            return rows


def agree(url: str, login: dict[str, Any] | None = None) -> str:
    """Agree to share every account; ``login`` unless the page knows the bank. The address the person is sent back to, or ''."""
    shown = f"{url}?{urllib.parse.urlencode({'login': login['login']})}" if login else url
    with urllib.request.urlopen(shown) as answer:
        page = answer.read().decode()
    accounts = re.findall(r'name="account" value="([^"]+)"', page)
    assert accounts, f"the consent page shows no accounts to choose: {page[:400]}"
    form = [("decision", "agree"), *(("account", each) for each in accounts)]
    if login:
        form.append(("login", login["login"]))
    return _send(url, form)


def leave(url: str) -> str:
    """Open the page and leave it without agreeing."""
    with urllib.request.urlopen(url):
        pass
    return _send(url, [("decision", "leave")])


def _send(url: str, form: list[tuple[str, str]]) -> str:
    try:
        with _browser.open(url, urllib.parse.urlencode(form).encode()):
            return ""
    except urllib.error.HTTPError as sent_on:
        if sent_on.code not in (302, 303):
            raise
        return str(sent_on.headers["location"])
