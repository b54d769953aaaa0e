"""What this product can do to a company's books is one frozen table, and all of it is reading.

A second table is added where a business lets us record, and holds two calls: creating a bill payment, creating a payment.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.app.house import House
from interlock.domains.qbo import client
from interlock.domains.qbo.rail import QBORail
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.listens import FollowsChanges
from interlock.rails.reads import ReadsBills, ReadsLedgerReports
from interlock.rails.records import RecordsBillPayments, RecordsCustomerPayments
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


def test_the_table_of_recording_is_this_one() -> None:
    assert {("POST", "billpayment"), ("POST", "payment")} == client.RECORDING, (
        "recording creates two kinds of document and does nothing else: say why in an ADR, then change this test"
    )


def opened(house: House, scope: Scope) -> QBORail:
    rail = house.registry.require(scope, FollowsChanges)
    assert isinstance(rail, QBORail)
    return rail


def written_by_api(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The writes that came over the wire, as the sandbox's own journal has them (people's edits carry no requestid)."""
    arguments = list(map(str, sandbox.process.args))  # type: ignore[arg-type]
    journal = Path(arguments[arguments.index("--data") + 1]) / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [line for line in lines if line["kind"] == "write" and line["request_id"]]


def test_a_business_that_has_not_said_yes_is_only_read(house: House, sandbox: Sandbox) -> None:
    business, scope = take_on(house, sandbox.clients()[0])
    house.sync_of(business).sync(full=True)
    house.sync_of(business).sync()
    assert written_by_api(sandbox) == []
    assert opened(house, scope)._client._recording == frozenset(), "its client has no second table"


_MORE_THAN_RECORDING: list[tuple[str, dict[str, Any]]] = [
    ("bill", {"VendorRef": {"value": "5"}}),
    ("invoice", {"CustomerRef": {"value": "5"}}),
    ("vendor", {"DisplayName": "Somebody"}),
    ("billpayment", {"Id": "7", "SyncToken": "0"}),
    ("billpayment", {"VendorRef": {"value": "5"}, "ProcessBillPayment": True}),
    ("billpayment?operation=delete", {"VendorRef": {"value": "5"}}),
    ("payment", {"Id": "7", "CustomerRef": {"value": "5"}}),
    ("payment", {"SyncToken": "0", "CustomerRef": {"value": "5"}}),
    ("payment", {"sparse": True, "CustomerRef": {"value": "5"}}),
    ("payment", {"CustomerRef": {"value": "5"}, "ProcessPayment": True}),
    ("payment?operation=void", {"CustomerRef": {"value": "5"}}),
    ("deposit", {}),
    ("transfer", {}),
    ("batch", {"BatchItemRequest": []}),
]


@pytest.mark.parametrize("on", [False, True])
def test_nothing_but_a_new_record_of_what_happened_can_be_sent(house: House, sandbox: Sandbox, on: bool) -> None:
    _, scope = take_on(house, sandbox.clients()[0])
    with house.database.writing(scope) as session:
        connections.set_records(session, scope, "qbo", on, house.clock.now(), "a test")
    rail = opened(house, scope)
    for resource, document in _MORE_THAN_RECORDING:
        with pytest.raises(PermissionError, match="not among the calls"):
            house.transport.run(rail._client.record(resource, document, "key_1"))
    assert rail.usage == (0, 0), "refused before anything was sent"


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
    assert house.registry.able(RecordsBillPayments) == house.registry.able(RecordsCustomerPayments) == ["qbo"]
    assert isinstance(house.registry.require(scope, ReadsLedgerReports), QBORail)


def test_a_business_without_the_rail_is_told_what_to_connect(house: House) -> None:
    with pytest.raises(CapabilityMissing, match="Connect QuickBooks first"):
        house.registry.require(Scope("firm_none", "biz_none"), ReadsBills)


def test_a_capability_no_rail_has_says_so(house: House) -> None:
    class PaysBills:
        """Nothing in this build does."""

    with pytest.raises(CapabilityMissing, match="No rail in this build can do PaysBills"):
        house.registry.require(Scope("firm_none", "biz_none"), PaysBills)
