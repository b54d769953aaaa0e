"""Every capability of every rail of the build keeps its promises, on a good day and on bad ones."""

from collections.abc import Iterator
from typing import Any

import pytest

from interlock.app.build import BUILD
from interlock.app.demo_rails import link_rails, read_rails
from interlock.app.house import House
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.scope import Scope
from interlock.rails import items
from interlock.rails.errors import ContractBroken, RailError, Unavailable
from interlock.rails.reads import ReadsBankBalances
from tests.support.conformance import ELSEWHERE, SUITES, Ground
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox


def capabilities_of(rail: type[Any]) -> list[type[Any]]:
    return [base for base in rail.__mro__ if base.__module__.startswith("interlock.rails.")]


HELD = [(each.name, capability) for each in BUILD for capability in capabilities_of(each.rail)]
PATHS = {"qbo": "/v3/", "plaid": "/plaid/", "stripe": "/stripe/", "ramp": "/ramp/"}


class Firm:
    """One client linked to every rail of the build."""

    def __init__(self, house: House, sandbox: Sandbox) -> None:
        self.house, self.sandbox = house, sandbox
        business, self.scope = take_on(house, sandbox.clients()[0])
        link_rails(house, sandbox.url, [business], read_rails(house.transport, sandbox.url))

    def ground(self, name: str) -> Ground:
        with self.house.database.reading(self.scope) as session:
            logins = [each.item_id for each in items.of_business(session, self.scope, name)]
        opened = next(each for each in BUILD if each.name == name).opens(self.house, self.scope)
        assert opened is not None, f"{name} isn't linked; does the sandbox's /control/rails hand out its keys?"
        return Ground(opened, self.house.transport, self.house.clock, logins)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    with Sandbox.started(folder / "world", clients=1) as sandbox:
        database = open_database(f"sqlite:///{folder / 'interlock.db'}")
        upgrade(database)
        house = house_over(database, sandbox, folder)
        house.patience = 0.0  # what would be waited for is raised
        try:
            yield Firm(house, sandbox)
        finally:
            house.close()


def test_every_capability_has_a_suite() -> None:
    missing = {capability.__name__ for _, capability in HELD} - {each.__name__ for each in SUITES.keys() | ELSEWHERE}
    assert missing == set(), "write what these promise in tests/support/conformance.py"


@pytest.mark.parametrize(
    ("rail", "capability"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].__name__}") for each in HELD if each[1] in SUITES],
)
def test_a_capability_keeps_its_promise(firm: Firm, rail: str, capability: type[Any]) -> None:
    SUITES[capability](firm.ground(rail))


@pytest.mark.parametrize("rail", [each.name for each in BUILD])
@pytest.mark.parametrize(
    ("trouble", "how", "raises"),
    [
        ("server_error", {"status": 503}, Unavailable),
        ("drop", {}, Unavailable),
        ("throttle", {}, Unavailable),
        ("malformed", {}, ContractBroken),
    ],
)
def test_trouble_is_one_of_the_five_errors(
    firm: Firm, rail: str, trouble: str, how: dict[str, Any], raises: type[RailError]
) -> None:
    ground = firm.ground(rail)
    firm.sandbox.fault(trouble, path=PATHS[rail], **how)
    try:
        with pytest.raises(raises) as met:
            ground.run(_a_question(ground))
    finally:
        firm.sandbox.calm()
    assert met.value.rail == rail
    assert met.value.sentence.endswith("."), "a sentence for people"
    ground.run(_a_question(firm.ground(rail)))


def _a_question(ground: Ground) -> Any:
    """The plainest thing each rail can be asked."""
    rail = ground.rail
    if ReadsBankBalances in type(rail).__mro__:
        return rail.bank_accounts(ground.items[0])
    for name in ("terms", "rail_vendors", "rail_customers"):
        if hasattr(rail, name):
            return getattr(rail, name)(1 if name == "terms" else None)
    raise AssertionError(f"say in this test what {type(rail).__name__} can be asked")


def test_a_scope_of_another_business_opens_nothing(firm: Firm) -> None:
    for each in BUILD:
        assert each.opens(firm.house, Scope(firm.scope.firm_id, "biz_somebody_else")) is None
