"""A client's Ramp linked and read whole: proved before it is saved, its keys sealed, everything there and nothing twice."""

import json
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from interlock.app.house import House
from interlock.app.ramp import disconnect_ramp, ramp_rail
from interlock.domains.ramp import mapper
from interlock.domains.ramp.refusals import GONE, ScopeMissing
from interlock.domains.ramp.services.sync_service import pages
from interlock.infra.db import Database
from interlock.infra.transport import Reply, Request, Transport, Usage
from interlock.kernel.errors import BadInput, Refused
from interlock.rails import schedule
from interlock.rails.connections import NotLinked
from interlock.rails.errors import ContractBroken, Rejected, Unauthorised, Unavailable
from interlock.rails.facts import Page
from interlock.rails.reads import Part
from interlock.rails.witnesses import RailBill
from tests.rails.ramp.at_ramp import Client
from tests.rails.ramp.conftest import Takes
from tests.support.sandbox import Sandbox


def test_a_link_is_proved_saved_and_put_on_the_timetable(takes: Takes, database: Database) -> None:
    client = takes(0)
    found = client.link(hook_secret="of one subscription")
    assert (found.id, found.name) == (client.there()["business_id"], client.business.name)
    assert client.connection() == ("connected", None) and client.actions()[-1] == "connection.connected"
    with database.reading(client.scope) as session:
        due = schedule.find(session, client.scope, "ramp")
    assert due is not None and due.due_at <= client.house.clock.now()
    keys = client.keys()
    assert keys.access_token and keys.access_expires_at is not None and keys.hook_secret == "of one subscription"
    assert database.path is not None
    kept = "\n".join(sqlite3.connect(database.path).iterdump())
    assert not [each for each in (keys.secret, keys.access_token, keys.hook_secret) if each in kept], (
        "sealed, all of it"
    )


def test_new_keys_keep_the_secret_of_its_notices(takes: Takes) -> None:
    client = takes(0)
    client.link(hook_secret="of one subscription")
    client.link()
    assert client.keys().hook_secret == "of one subscription"


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"client_secret": "another"}, Unauthorised),
        ({"client_id": "nobody"}, Unauthorised),
        ({"client_secret": ""}, BadInput),
        ({"client_secret": "two words"}, BadInput),
    ],
)
def test_keys_that_open_nothing_are_not_saved(takes: Takes, changed: dict[str, str], kind: type[Exception]) -> None:
    client = takes(1)
    with pytest.raises(kind):
        client.link(**changed)
    assert ramp_rail(client.house, client.scope) is None
    assert client.actions().count("connection.connected") == 1, "QuickBooks' own"


@pytest.mark.parametrize("at_token", [False, True])
def test_an_app_without_a_scope_is_told_which(takes: Takes, at_token: bool) -> None:
    """Ramp says so where the scope is used, or already where the token is asked for: its documents differ."""
    client = takes(1)
    allowed = ["business:read", "entities:read", "vendors:read", "bills:read"]
    client.switch(allowed_scopes=allowed, refuses_scopes_at_token=at_token)
    try:
        with pytest.raises(ScopeMissing, match="bank_accounts:read"):
            client.link()
    finally:
        client.switch(allowed_scopes=None, refuses_scopes_at_token=False)
    assert ramp_rail(client.house, client.scope) is None


def test_a_ramp_that_serves_another_client_is_refused(takes: Takes) -> None:
    first, second = takes(0), takes(1)
    first.link()
    there = first.there()
    with pytest.raises(Refused, match="already serves another business"):
        second.link(client_id=there["client_id"], client_secret=there["client_secret"])


def test_everything_that_is_there_is_read_and_the_second_time_nothing_changes(takes: Takes) -> None:
    client = takes(2)
    client.link()
    first = client.sync.sync()
    there = {each["id"]: each for each in client.there()["bills"]}
    here = client.bills()
    assert here.keys() == there.keys(), "each bill once, archived ones too, and no other"
    for id_, bill in here.items():
        said = there[id_]
        assert (bill.number, bill.total_minor, bill.state) == (
            said["invoice_number"],
            said["amount_minor"],
            said["status_summary"].lower(),
        )
        assert bill.ledger_id == said["qbo_bill"]
    assert {each.pays_bills for each in client.funding()} >= {True} and all(each.mask for each in client.funding())
    assert client.vendors().keys() >= {bill.vendor_id for bill in here.values()}
    again = client.sync.sync()
    assert first.mode == again.mode == "full"
    assert [(each.upserted, each.deleted) for each in again.entities] == [(0, 0)] * len(again.entities)
    assert client.actions().count("sync.finished") == 2


def test_small_pages_lead_to_the_same_rows(client: Client) -> None:
    whole = [bytes(each) for each in client.run(_walk(client, 100))]
    assert [bytes(each) for each in client.run(_walk(client, 2))] == whole and len(whole) > 20


async def _walk(client: Client, rows: int) -> list[Any]:
    calls = client.rail._client
    page = await calls.listing("bills", {}, rows=rows)
    found = list(page.data)
    while page.page.next is not None:
        page = await calls.listing("bills", {}, page.page.next)
        found += page.data
    return found


def test_a_page_that_ends_with_what_is_archived_meanwhile_begins_the_listing_again(client: Client) -> None:
    order = client.hand_off()
    body = {
        "vendor_id": order.vendor_id, "entity_id": order.entity_id, "invoice_number": order.number,
        "invoice_currency": "USD", "issued_at": "2026-11-20", "due_at": "2026-12-20", "remote_id": order.key,
    }  # fmt: skip
    first, second, third = (client.elsewhere("POST", "bills", body)["id"] for _ in range(3))
    calls, begun = client.rail._client, list[str | None]()

    async def listing(cursor: str | None) -> Part:
        begun.append(cursor)
        answer = await calls.listing("bills", {"remote_id": order.key}, cursor, rows=2)
        if begun == [None]:  # the first page was shown, and its last row goes at once
            assert _id(answer.data[-1]) == second
            await client.rail.cancel_payment(second)
        facts = tuple(mapper.bill(bytes(each)) for each in answer.data)
        return Part(Page(RailBill, facts, client.house.clock.now()), answer.page.next)

    async def walk() -> list[str]:
        return [each.id async for part in pages(listing, "bills") for each in part.page.facts]

    assert client.run(walk()) == [first, second, first, third] and begun.count(None) == 2


def _id(raw: Any) -> str:
    return str(json.loads(bytes(raw))["id"])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/ramp/developer/v1/bills?start=1",
        "https://elsewhere.example/developer/v1/bills?start=1",
        "{base}/developer/v1/vendors?start=1",
        "{base}/developer/v1/bills/../vendors?start=1",
        "//elsewhere.example/developer/v1/bills",
        "http://[",
        "",
    ],
)
def test_a_next_page_elsewhere_is_not_followed(client: Client, address: str) -> None:
    """Our token goes with the request, so it goes to Ramp and to nobody else."""
    base = client.house.settings.ramp_api_url
    with pytest.raises(ContractBroken, match="next page"):
        client.run(client.rail.rail_bills(f"bills {address.format(base=base)}" if address else "bills http:"))


def test_a_trace_is_learnt_once_and_stays_over_the_next_listings(takes: Takes) -> None:
    client = takes(0)
    client.link()
    done = client.pay(client.instruction())
    client.sync.sync()
    assert client.bills()[done.rail_id].trace is None
    trace = client.at_screen(done.rail_id, "pay", complete=False)["payment"]["trace_id"]["trace_id"]
    for state in ("payment_processing", "payment_completed"):
        client.sync.sync()
        bill = client.bills()[done.rail_id]
        assert (bill.trace, bill.state) == (trace, state)
        if state == "payment_processing":
            client.at_screen(done.rail_id, "arrive")
    assert bill.payment_state == "paid" and bill.paid_at is not None


def test_bills_of_one_batch_are_told_to_be_one(takes: Takes) -> None:
    client = takes(0)
    client.link()
    two = [client.pay(client.instruction()).rail_id for _ in range(2)]
    client.sandbox.control("POST", f"ramp/{client.realm_id}/batch", {"bills": two})
    client.sync.sync()
    batches = {client.bills()[each].batch_id for each in two}
    assert len(batches) == 1 and None not in batches


def test_a_draft_that_is_submitted_and_a_bill_that_is_archived_keep_their_history(takes: Takes) -> None:
    client = takes(0)
    client.link()
    vendor_id, _ = client.payee()
    draft_id = client.elsewhere("POST", "bills/drafts", {"vendor_id": vendor_id, "remote_id": "d-1"})["id"]
    done = client.pay(client.instruction())
    client.sync.sync()
    draft = client.bills()[draft_id]
    assert (draft.draft, draft.state, draft.vendor_name) == (True, "draft", client.vendors()[vendor_id].name)
    order = client.hand_off()
    made = client.run(client.rail.hand_off_bill(order))
    client.run(client.rail.cancel_payment(done.rail_id))
    client.sync.sync()
    bills = client.bills()
    assert bills[made.rail_id].state == "approval_pending" and not bills[made.rail_id].draft
    assert (bills[done.rail_id].state, bills[done.rail_id].archived_at is not None) == ("archived", True)


def test_who_is_owed_is_asked_where_it_can_be_paid_and_not_each_time(takes: Takes) -> None:
    client = takes(3)
    client.link()
    client.sync.sync()
    owed = {bill.vendor_id for bill in client.bills().values() if bill.payment_state != "paid" and not bill.archived_at}
    vendors = client.vendors()
    for id_ in owed:
        accounts = client.run(client.rail.payee_accounts(id_))
        assert vendors[id_].payable is bool(accounts), f"{vendors[id_].name} has {len(accounts)} accounts there"
    few = client.sync.sync().calls
    assert few < 15, f"{few} calls: what was asked a moment ago is known"
    assert client.sync.sync(full=True).calls >= few + len(owed)


def test_a_scope_that_is_taken_away_asks_a_person_and_mends_by_connecting_again(takes: Takes) -> None:
    client = takes(1)
    client.link()
    client.sync.sync()
    before = client.bills()
    client.switch(allowed_scopes=["business:read", "entities:read", "bank_accounts:read", "bills:read"])
    try:
        with pytest.raises(ScopeMissing, match="vendors:read"):
            client.sync.sync()
        state, trouble = client.connection()
        assert state == "needs reconnect" and "vendors:read" in (trouble or "")
        assert client.bills().keys() == before.keys(), "what was read stays"
    finally:
        client.switch(allowed_scopes=None)
    client.link()
    client.sync.sync()
    assert client.connection() == ("connected", None)


def test_a_token_that_ends_is_replaced_by_one_other(takes: Takes) -> None:
    client = takes(1)
    client.link()
    before = client.keys().access_token
    client.sandbox.control("POST", f"ramp/{client.realm_id}/revoke")
    client.sync.sync()
    after = client.keys().access_token
    assert after and after != before
    client.sync.sync()
    assert client.keys().access_token == after, "kept, for ten days"


def test_many_at_once_ask_for_one_token(takes: Takes) -> None:
    """Each as a process of its own would: the first asks, the others find what it kept."""
    client = takes(1)
    client.link()
    client.sandbox.control("POST", f"ramp/{client.realm_id}/revoke")
    counting = CountsTokens()
    house = House(
        client.house.settings, client.house.database, client.house.vault, client.house.clock, counting, limited=False
    )
    together, said = threading.Barrier(6), list[str]()

    def read() -> None:
        rail = ramp_rail(house, client.scope)
        assert rail is not None
        together.wait(10)
        said.append(counting.run(rail.business()).name)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    counting.close()
    assert said == [client.business.name] * 6 and counting.tokens == 1


@dataclass
class CountsTokens(Transport):
    tokens: int = field(default=0)

    async def send(self, request: Request, usage: Usage | None = None) -> Reply:
        self.tokens += request.url.endswith("/token")
        return await super().send(request, usage)


def test_while_ramp_is_away_what_was_read_stays(takes: Takes) -> None:
    client = takes(1)
    client.link()
    client.sync.sync()
    before, last = client.bills(), client.sync.freshness().last_sync
    client.sandbox.fault("server_error", path="/ramp/developer/v1/vendors", status=503)
    with pytest.raises(Unavailable):
        client.sync.sync()
    assert client.bills().keys() == before.keys() and client.sync.freshness().last_sync == last
    assert client.connection() == ("connected", None), "nobody has to do anything"


def test_a_listing_that_breaks_off_buries_nothing(takes: Takes) -> None:
    """Bills are read, and then the archived ones can't be: what isn't seen is not gone."""
    client = takes(0)
    client.link()
    done = client.pay(client.instruction())
    client.run(client.rail.cancel_payment(done.rail_id))
    client.sync.sync()
    client.sandbox.fault("malformed", path="/developer/v1/bills/drafts", count=1)
    with pytest.raises(ContractBroken):
        client.sync.sync()
    assert client.bills()[done.rail_id].state == "archived"
    client.sync.sync()
    assert client.bills()[done.rail_id].state == "archived"


def test_one_bill_is_read_again_by_its_id(client: Client) -> None:
    done = client.pay(client.instruction(4_200))
    (page,) = client.run(client.rail.payments_again([done.rail_id, "00000000-0000-4000-8000-000000000000"]))
    (bill,) = page.facts
    assert (bill.id, bill.total_minor) == (done.rail_id, 4_200)
    with pytest.raises(Rejected) as raised:
        client.run(client.rail._client.one("bills/{id}", "00000000-0000-4000-8000-000000000000"))
    assert raised.value.reason == GONE


def test_disconnected_the_token_is_dead_the_keys_are_gone_and_the_history_stays(takes: Takes) -> None:
    client = takes(1)
    client.link()
    client.sync.sync()
    bills, token = client.bills(), client.keys().access_token
    done = disconnect_ramp(client.house, client.business, actor="a test")
    assert done.revoked and "its token is revoked" in done.words
    assert _is_dead(client.house, token)
    assert ramp_rail(client.house, client.scope) is None and client.bills().keys() == bills.keys()
    with pytest.raises(NotLinked):
        client.sync.sync()
    again = disconnect_ramp(client.house, client.business, actor="a test")
    assert "nothing was changed" in again.words and client.actions().count("connection.disconnected") == 1


def test_where_ramp_cannot_be_told_it_ends_here_all_the_same(takes: Takes, sandbox: Sandbox) -> None:
    client = takes(1)
    client.link()
    sandbox.fault("server_error", path="/token/revoke", status=503)
    done = disconnect_ramp(client.house, client.business, actor="a test")
    assert not done.revoked and "could not be told" in done.words and ramp_rail(client.house, client.scope) is None


def _is_dead(house: House, token: str) -> bool:
    request = Request(
        "GET", f"{house.settings.ramp_api_url}/developer/v1/business", (), {"Authorization": f"Bearer {token}"}
    )
    return house.transport.run(house.transport.send(request)).status == 401
