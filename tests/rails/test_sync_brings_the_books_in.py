"""A company's books come in whole, stay in step, and lose nothing."""

from typing import Any

import pytest

from interlock.app.house import House
from interlock.domains.ap.models import Bill
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.rails.errors import Unauthorised
from interlock.rails.ports import SyncReport
from tests.support.house import take_on
from tests.support.mirror import differences, read_mirror
from tests.support.sandbox import Sandbox, SandboxClient
from tests.support.world import read_world, witness

Row = dict[str, Any]


def in_step(house: House, sandbox: Sandbox, client: SandboxClient, business: Business, scope: Scope) -> list[str]:
    world = read_world(witness(sandbox, client.realm_id), business.home_currency)
    return differences(world, read_mirror(house.database, scope))[:20]


def counted(report: SyncReport) -> dict[str, tuple[int, int, int]]:
    return {each.entity: (each.rows, each.upserted, each.deleted) for each in report.entities}


def first(house: House, scope: Scope, model: type[Any], *where: Any) -> Any:
    from sqlalchemy import select

    with house.database.reading(scope) as session:
        return session.scalars(
            select(model)
            .where(model.business_id == scope.business_id, model.buried_at.is_(None), *where)
            .order_by(model.id)
        ).first()


def test_a_first_sync_makes_the_mirror_equal_to_the_world(house: House, sandbox: Sandbox) -> None:
    client = sandbox.clients()[0]
    business, scope = take_on(house, client)
    report = house.sync_of(business).sync()
    assert report.mode == "full"
    assert in_step(house, sandbox, client, business, scope) == []
    assert all(each.rows == each.upserted for each in report.entities), "a first listing writes every row it reads"


def test_a_second_sync_costs_one_call_and_changes_nothing(house: House, sandbox: Sandbox) -> None:
    business, _ = take_on(house, sandbox.clients()[0])
    service = house.sync_of(business)
    service.sync()
    again = service.sync()
    assert (again.mode, again.calls) == ("changes", 1)
    assert counted(again) == {}, "nothing changed in the books, so nothing is to be read"


def test_listing_everything_again_writes_nothing_new(house: House, sandbox: Sandbox) -> None:
    business, _ = take_on(house, sandbox.clients()[0])
    service = house.sync_of(business)
    rows = sum(each.rows for each in service.sync().entities)
    again = service.sync(full=True)
    assert again.mode == "full"
    assert sum(each.rows for each in again.entities) == rows
    assert sum(each.upserted for each in again.entities) == 0


def test_edits_voids_and_deletions_arrive_with_the_next_sync(house: House, sandbox: Sandbox) -> None:
    client = sandbox.clients()[1]
    business, scope = take_on(house, client)
    service = house.sync_of(business)
    service.sync()
    vendor = first(house, scope, Bill).vendor_id
    account = _expense_account(house, scope)
    made = sandbox.create(client.realm_id, "Bill", _bill(vendor, account, "101.10", "NEW-1"))["object"]
    doomed = sandbox.create(client.realm_id, "Bill", _bill(vendor, account, "9.99", "NEW-2"))["object"]
    service.sync()
    assert in_step(house, sandbox, client, business, scope) == []
    sandbox.update(client.realm_id, "Bill", {"Id": made["Id"], "PrivateNote": "Call first"})
    sandbox.delete(client.realm_id, "Bill", doomed["Id"])
    report = service.sync()
    assert report.mode == "changes"
    assert counted(report)["bill"][2] == 1, "the deleted bill is buried"
    assert in_step(house, sandbox, client, business, scope) == []
    with house.database.reading(scope) as session:
        buried = session.get(Bill, (scope.business_id, doomed["Id"]))
        assert buried is not None
        assert buried.buried_at is not None, "a deleted bill stays as a tombstone"
        lines = list(translog.lines(session, scope.business_id or ""))
    assert [line for line in lines if line.action == "mirror.deleted"], "a deletion has a line of its own"
    assert translog.verify(lines)[1] == []


def test_a_deposit_that_sweeps_up_payments_changes_them_too(house: House, sandbox: Sandbox) -> None:
    """The payment's own time doesn't move (qbo.md §12), so only the deposit tells."""
    client = sandbox.clients()[2]
    business, scope = take_on(house, client)
    service = house.sync_of(business)
    service.sync()
    payment = _undeposited_payment(witness(sandbox, client.realm_id))
    bank = _bank_account(house, scope)
    deposit = sandbox.create(client.realm_id, "Deposit", _deposit(payment, bank))["object"]
    report = service.sync()
    assert report.calls == 2, "one call for the changes, one for the payments the deposit links"
    assert in_step(house, sandbox, client, business, scope) == []
    sandbox.delete(client.realm_id, "Deposit", deposit["Id"])
    service.sync()
    assert in_step(house, sandbox, client, business, scope) == [], "the deleted deposit lets its payments go"


def test_after_a_long_gap_the_books_are_listed_whole(house: House, sandbox: Sandbox) -> None:
    from datetime import timedelta

    from interlock.rails.connections import SyncState

    client = sandbox.clients()[0]
    business, scope = take_on(house, client)
    house.sync_of(business).sync()
    with house.database.writing(scope) as session:
        state = session.get_one(SyncState, (scope.business_id, "qbo"))
        assert state.since is not None
        state.since -= timedelta(days=26)
    assert house.sync_of(business).sync().mode == "full"


@pytest.mark.parametrize("kind", ["throttle", "server_error", "latency"])
def test_passing_trouble_is_waited_out(
    house: House, sandbox: Sandbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import interlock.domains.qbo.client as client_module

    monkeypatch.setattr(client_module, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(client_module, "_THROTTLE_PAUSE_SECONDS", 0.01)
    client = sandbox.clients()[0]
    business, scope = take_on(house, client)
    sandbox.fault(kind, count=3, seconds=0.05 if kind == "latency" else 0, path="/query")
    house.sync_of(business).sync()
    assert in_step(house, sandbox, client, business, scope) == []


def test_an_expired_token_is_renewed_and_nobody_notices(house: House, sandbox: Sandbox) -> None:
    client = sandbox.clients()[0]
    business, _ = take_on(house, client)
    service = house.sync_of(business)
    service.sync()
    sandbox.fault("expire_tokens", realm=client.realm_id)
    assert service.sync().mode == "changes"


def _expense_account(house: House, scope: Scope) -> str:
    from interlock.domains.bank.models import Account

    return str(first(house, scope, Account, Account.kind == "Expense", Account.active.is_(True)).id)


def _bank_account(house: House, scope: Scope) -> str:
    from interlock.domains.bank.models import Account

    return str(first(house, scope, Account, Account.kind == "Bank", Account.active.is_(True)).id)


def _bill(vendor: str, account: str, amount: str, number: str) -> Row:
    line = {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
    }
    return {
        "VendorRef": {"value": vendor},
        "TxnDate": "2026-11-20",
        "DueDate": "2026-12-20",
        "DocNumber": number,
        "Line": [line],
    }


def _undeposited_payment(books: Any) -> Row:
    from tests.support.world import read_all

    accounts = {row["Id"] for row in read_all(books, "Account") if row.get("AccountSubType") == "UndepositedFunds"}
    for row in read_all(books, "Payment"):
        if (
            row.get("DepositToAccountRef", {}).get("value") in accounts
            and not row.get("LinkedTxn")
            and row["TotalAmt"] > 0
        ):
            return dict(row)
    raise AssertionError("the world holds no payment in Undeposited Funds; plant one in interlock_sandbox.world")


def _deposit(payment: Row, bank: str) -> Row:
    link = {"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}
    line = {"Amount": str(payment["TotalAmt"]), "LinkedTxn": [link]}
    return {"DepositToAccountRef": {"value": bank}, "TxnDate": "2026-11-23", "Line": [line]}


def test_a_grant_that_was_revoked_is_asked_for_once(house: House, sandbox: Sandbox) -> None:
    """Several calls wait for one token: one refusal answers them all, and none is left running behind it."""
    client = sandbox.clients()[0]
    business, scope = take_on(house, client)
    sandbox.fault("revoke_grant", realm=client.realm_id)
    sandbox.fault("expire_tokens", realm=client.realm_id)
    rail = house._ledger(scope)
    with pytest.raises(Unauthorised):
        house.transport.run(rail.preferences(1))
    assert rail.usage[0] <= 3, "two reads with the old token, and one refresh"
    with pytest.raises(Unauthorised, match="Reconnect the company"):
        house.sync_of(business).sync()
