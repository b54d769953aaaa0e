"""A firm's desk on a real socket, the sandbox beside it as Intuit, and a person with a browser."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.infra.db import Database
from tests.journeys.traveller import Page, Traveller
from tests.support.house import house_over
from tests.support.sandbox import Sandbox, SandboxClient
from tests.web.serving import Served, served


@dataclass
class Journey:
    """``companies`` are the sandbox's, by their order; ``person`` is the browser that most journeys are made with."""

    house: House
    desk: Served
    sandbox: Sandbox
    companies: list[SandboxClient]
    person: Traveller

    def open(self, path: str) -> Page:
        return self.person.follow(f"{self.desk.url}{path}")

    def names(self, *names: str, firm: str = "Wren & Lark Accounting") -> Page:
        """Fill the form that begins; one name leads straight to Intuit, several to their list."""
        page = self.open("/connect/qbo")
        fields = {"names": "\n".join(names)}
        page = self.person.send(
            page, "/connect/qbo", {**fields, "firm_name": firm} if "firm_name" in page.text else fields
        )
        return self.person.follow(f"{self.desk.url}{page.headers['location']}") if page.status == 303 else page

    def at_intuit(self, page: Page, company: SandboxClient | None) -> Page:
        """From our page through Intuit's, as ``person``."""
        return through_intuit(self.person, page, company)

    def connect(self, name: str, company: SandboxClient) -> Page:
        """The whole way for one client, to its list."""
        back = self.at_intuit(self.names(name), company)
        return self.person.follow(back.onward)

    def api(self, path: str) -> object:
        answer = self.desk.ask("GET", f"/api/v1{path}")
        assert answer.status == 200, f"{path} answered {answer.status}: {answer.text}"
        return answer.json()


def through_intuit(person: Traveller, page: Page, company: SandboxClient | None) -> Page:
    """From our page to Intuit's: choose ``company`` (none: cancel), and back to the page that goes on by itself."""
    asked = person.get(page.onward)
    assert asked.status == 200, f"Intuit's page says {asked.status}: {asked.text[:300]}"
    chosen = {"decision": "cancel"} if company is None else {"decision": "connect", "realm": company.realm_id}
    back = person.send(asked, "/connect/oauth2", chosen)
    assert back.status == 302, f"Intuit's page did not send back: {back.text[:300]}"
    return person.follow(back.headers["location"])


@pytest.fixture
def public_url() -> str | None:
    """The address that a test's installation has outside of this machine; none unless it says so."""
    return None


@pytest.fixture
def journey(database: Database, sandbox: Sandbox, tmp_path: Path, public_url: str | None) -> Iterator[Journey]:
    """An installation without a client, on each database. Trouble a test makes in the sandbox is over when it ends."""
    house = house_over(database, sandbox, tmp_path)
    house.settings = replace(house.settings, public_url=public_url)
    with served(create_app(house), local_token(house.settings.key_file)) as desk:
        yield Journey(house, desk, sandbox, sandbox.clients(), Traveller())
    sandbox.calm()
    house.transport.close()
