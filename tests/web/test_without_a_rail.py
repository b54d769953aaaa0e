"""A build without its paying rail: everything that needs it parks itself, on every page, in the API and at a terminal."""

from collections.abc import Iterator

import pytest

from interlock.app.abilities import abilities_of
from interlock.app.cli.showing.connections import show_capabilities
from interlock.app.cli.showing.rails_page import markdown
from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.kernel.scope import Scope
from interlock.rails.moves import PaysBills
from interlock.rails.registry import CapabilityParked
from interlock.runway.services.experiences.capabilities import CapabilitiesService
from tests.support import beside
from tests.web.conftest import Site
from tests.web.serving import served

_NEED_RAMP = {"pay", "hand-off", "cancel", "rail-bills", "payment-status", "one-bill"}
_SAYS = "Waits for a rail that"


@pytest.fixture(scope="module")
def without(stand_in: Site) -> Iterator[Site]:
    """The same installation, served by a build that has no Ramp; its client had linked one."""
    house = stand_in.house
    beside.linked(house, scope_of(stand_in), "ramp")
    build = tuple(each for each in house.build if each.name != "ramp")
    bare = House(house.settings, house.database, house.vault, house.clock, house.transport, False, build=build)
    with served(create_app(bare), local_token(house.settings.key_file)) as at:
        yield Site(at.port, at.token, bare, stand_in.businesses)


def scope_of(site: Site) -> Scope:
    return Scope(site.client.firm_id, site.client.business_id)


def test_every_page_says_that_bill_pay_is_parked(without: Site) -> None:
    for screen in ("tray", "console", "digest", "bills", "connection", "capabilities", "log"):
        page = without.page(f"/b/{without.client.slug}/{screen}")
        assert page.status == 200, screen
        assert "approve and pay, waits for a rail that pays bills" in page.text, (
            f"{screen} shows it, greyed, with what it waits for"
        )
    pay_run = without.page(f"/b/{without.client.slug}/pay-run").text
    assert "Approve and pay: waits for a rail that pays bills." in pay_run


def test_the_api_refuses_it_and_names_what_would_un_park_it(without: Site) -> None:
    said = without.ask("GET", f"/api/v1/businesses/{without.client.slug}/capabilities").json()
    assert {each["key"] for each in said["features"] if each["kind"] == "parked"} == _NEED_RAMP
    for key in _NEED_RAMP:
        answer = without.ask("GET", f"/api/v1/businesses/{without.client.slug}/capabilities/{key}")
        assert (answer.status, answer.json()["code"]) == (409, "capability_parked")
        assert _SAYS in answer.json()["message"]
    assert [each["rail"] for each in said["rails"]] == ["qbo", "plaid", "stripe"]


def test_code_that_asks_for_the_capability_is_refused_as_well(without: Site) -> None:
    with pytest.raises(CapabilityParked, match="waits for a rail that pays bills"):
        without.house.registry.require(scope_of(without), PaysBills)


def test_terminal_and_documentation_follow(without: Site, capsys: pytest.CaptureFixture[str]) -> None:
    view = CapabilitiesService(abilities_of(without.house)).of_build()
    show_capabilities(view)
    shown = " ".join(capsys.readouterr().out.split())
    assert "parked:PaysBills" in shown and _SAYS in shown
    page = markdown(view)
    assert (
        "parked: Waits for a rail that pays bills." in page and "| Capability | QuickBooks | Plaid | Stripe |" in page
    )


def test_a_link_to_a_rail_that_left_the_build_harms_nothing(without: Site) -> None:
    answer = without.ask("GET", f"/api/v1/businesses/{without.client.slug}/connection")
    assert answer.status == 200
    assert [each["rail"] for each in answer.json()["connection"]["rails"]] == ["qbo", "plaid", "stripe"]
    assert without.page("/connections").status == without.page("/").status == 200
    delivered = without.ask("POST", f"/webhooks/ramp/{without.client.business_id}", body=b"{}")
    assert delivered.status == 401, "nobody is there to tell it from a forgery"
