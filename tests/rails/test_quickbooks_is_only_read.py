"""What this product can do to a company's books is one frozen table, and all of it is reading."""

import pytest

from interlock.app.house import House
from interlock.domains.qbo import client
from interlock.domains.qbo.rail import QBORail
from interlock.kernel.scope import Scope
from interlock.rails.listens import FollowsChanges
from interlock.rails.reads import ReadsBills, ReadsLedgerReports
from interlock.rails.registry import CapabilityMissing
from tests.support.house import take_on
from tests.support.sandbox import Sandbox


def test_the_table_of_calls_is_this_one() -> None:
    assert {
        ("GET", "query"),
        ("GET", "cdc"),
        ("GET", "companyinfo"),
        ("GET", "preferences"),
        ("GET", "reports/AgedPayables"),
        ("GET", "reports/AgedReceivables"),
        ("GET", "reports/BalanceSheet"),
        ("POST", "batch"),
    } == client.ALLOWED, "a new call to QuickBooks is a decision: say why in an ADR, then change this test"


@pytest.mark.parametrize(
    "call", [("POST", "bill"), ("POST", "billpayment"), ("DELETE", "query"), ("GET", "reports/CashFlow")]
)
def test_a_call_outside_the_table_is_not_made(house: House, sandbox: Sandbox, call: tuple[str, str]) -> None:
    _, scope = take_on(house, sandbox.clients()[0])
    rail = house.registry.require(scope, FollowsChanges)
    assert isinstance(rail, QBORail)
    before = rail.usage
    with pytest.raises(PermissionError, match="not among the calls"):
        house.transport.run(rail._client._call(*call, ()))
    assert rail.usage == before, "refused before anything was sent"


def test_a_capability_is_what_the_class_inherits(house: House, sandbox: Sandbox) -> None:
    _, scope = take_on(house, sandbox.clients()[0])
    assert house.registry.able(ReadsBills) == ["qbo"]
    assert isinstance(house.registry.require(scope, ReadsLedgerReports), QBORail)


def test_a_business_without_the_rail_is_told_what_to_connect(house: House) -> None:
    with pytest.raises(CapabilityMissing, match="Connect qbo first"):
        house.registry.require(Scope("firm_none", "biz_none"), ReadsBills)


def test_a_capability_no_rail_has_says_so(house: House) -> None:
    class PaysBills:
        """Nothing in this build does."""

    with pytest.raises(CapabilityMissing, match="No rail in this build can do PaysBills"):
        house.registry.require(Scope("firm_none", "biz_none"), PaysBills)
