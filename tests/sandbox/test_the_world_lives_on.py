"""The firm's world behind the server: its reports tie, and when days pass a follower by CDC misses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from interlock_sandbox.qbo.cdc import LOOK_BACK
from interlock_sandbox.sandbox import Firm, Sandbox, World, open_sandbox
from interlock_sandbox.world import advance, build

Call = Callable[..., requests.Response]
REALM = "9341450000001000"
ENTITIES = "Account,Vendor,Customer,Bill,BillPayment,VendorCredit,Invoice,CreditMemo,Payment,Deposit,Purchase"


def economy(world: World) -> Firm:
    return build(world.seed, world.clients, world.as_of)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    opened = open_sandbox(World(3, 2, date(2026, 6, 15)), tmp_path / "data", economy, advance)
    yield opened
    opened.journal.close()


@pytest.fixture
def fresh_token(control: Call, token_call: Call) -> Callable[[], str]:
    def token() -> str:
        grant = control("GET", "/clients").json()["clients"][0]["refresh_token"]
        return str(token_call(grant_type="refresh_token", refresh_token=grant).json()["access_token"])

    return token


def rows(api: Call, token: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row of the company by entity and id."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entity in ENTITIES.split(","):
        active = "where Active in (true, false)" if entity in {"Account", "Vendor", "Customer"} else ""
        ask = {"query": f"select * from {entity} {active} orderby Id maxresults 1000"}
        answer = api("GET", "query", realm=REALM, token=token, params=ask).json()["QueryResponse"]
        found |= {(entity, row["Id"]): row for row in answer.get(entity, [])}
    return found


def test_following_by_changes_equals_listing_anew(api: Call, control: Call, fresh_token: Callable[[], str]) -> None:
    mirror = rows(api, fresh_token())
    for _ in range(3):
        cursor = control("GET", "/clock").json()["now"]
        control("POST", "/clock/advance", json={"days": 2})
        token = fresh_token()
        ask = {"entities": ENTITIES, "changedSince": cursor}
        groups = api("GET", "cdc", realm=REALM, token=token, params=ask).json()["CDCResponse"][0]["QueryResponse"]
        for group in groups:
            for entity, changed in group.items():
                if isinstance(changed, list):
                    mirror |= {(entity, row["Id"]): row for row in changed}
        # A swept payment shows its deposit only when it is read again (qbo.md §12).
        swept = [
            ("Payment", link["TxnId"])
            for (entity, _), row in mirror.items()
            if entity == "Deposit"
            for line in row["Line"]
            for link in line.get("LinkedTxn", [])
        ]
        now = rows(api, token)
        mirror |= {key: now[key] for key in swept if key in now}
        assert mirror == now, "a change was not reported by CDC"
    assert LOOK_BACK.days == 30


def test_nothing_happens_when_the_world_is_told_to_wait(
    api: Call, control: Call, fresh_token: Callable[[], str]
) -> None:
    before = rows(api, fresh_token())
    control("POST", "/clock/advance", json={"days": 5, "live": False})
    assert rows(api, fresh_token()) == before


@pytest.mark.parametrize("day", ["2026-06-15", "2026-05-31", "2026-02-28"])
def test_agings_tie_to_the_trial_balance_of_any_day(
    api: Call, fresh_token: Callable[[], str], sandbox: Sandbox, day: str
) -> None:
    token = fresh_token()

    def report(name: str, **ask: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api("GET", f"reports/{name}", realm=REALM, token=token, params=ask).json()[
            "Rows"
        ]["Row"]
        return found

    trial = {row["ColData"][0].get("id"): row["ColData"][1:] for row in report("TrialBalance", end_date=day)[:-1]}
    kinds = {record.id: record.body["AccountType"] for record in sandbox.companies[REALM].records("Account").values()}
    for name, kind, sign in (("AgedPayables", "Accounts Payable", -1), ("AgedReceivables", "Accounts Receivable", 1)):
        cells = [row for account, row in trial.items() if kinds[account] == kind]
        ledger = sum(Decimal(debit["value"] or 0) - Decimal(credit["value"] or 0) for debit, credit in cells)
        total = Decimal(report(name, report_date=day)[-1]["Summary"]["ColData"][-1]["value"])
        assert total == sign * ledger
        in_detail = report(f"{name.removesuffix('s')}Detail", report_date=day)[-1]["Summary"]["ColData"][-1]["value"]
        assert Decimal(in_detail) == total, "the detail must add up to the summary"
    assets, other = (row["Summary"]["ColData"][1]["value"] for row in report("BalanceSheet", end_date=day))
    assert assets == other
    assert Decimal(assets) != 0


class TestCompressed:
    """A server started with --gzip."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"gzip": True}

    def test_only_those_who_ask_get_it(self, api: Call, fresh_token: Callable[[], str]) -> None:
        token = fresh_token()
        ask = {"query": "select * from Vendor"}
        plain = api("GET", "query", realm=REALM, token=token, params=ask, headers={"Accept-Encoding": "identity"})
        small = api("GET", "query", realm=REALM, token=token, params=ask, headers={"Accept-Encoding": "gzip"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert small.json()["QueryResponse"] == plain.json()["QueryResponse"]
