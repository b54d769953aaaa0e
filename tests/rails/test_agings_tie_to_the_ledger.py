"""Our agings equal QuickBooks' own reports to the cent, for every client and every party, with each cause in its column."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interlock.app.house import House
from interlock.domains.ap.services.aging_service import PayablesAging
from interlock.domains.ar.services.aging_service import ReceivablesAging
from interlock.domains.firm.aging import Aging
from interlock.domains.firm.models import LedgerProof
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.support.world import cents, witness

_CLIENTS = 12


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("firm"), clients=_CLIENTS) as running:
        yield running


@pytest.fixture(scope="module")
def house(firm: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    made = house_over(database, firm, Path(folder))
    yield made
    made.close()


def report_by_party(report: Any) -> dict[str, int]:
    """Party id to the report's total for it, in cents; sections (a customer with jobs) are walked to their rows."""
    found: dict[str, int] = {}
    pending = list(report["Rows"].get("Row", []))
    while pending:
        row = pending.pop()
        pending += row.get("Rows", {}).get("Row", [])
        cells = row.get("ColData") or row.get("Header", {}).get("ColData") or []
        if cells and cells[0].get("id") and cells[-1].get("value"):
            found[cells[0]["id"]] = found.get(cells[0]["id"], 0) + cents(Decimal(cells[-1]["value"]))
    return {party: total for party, total in found.items() if total}


def ours_by_party(aging: Aging) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in aging.rows:
        if row.total_minor:
            assert row.party_id is not None, "every open item of the world has a party"
            found[row.party_id] = found.get(row.party_id, 0) + row.total_minor
    return {party: total for party, total in found.items() if total}


@pytest.mark.parametrize("at", range(_CLIENTS))
def test_every_party_of_a_client_ties(house: House, firm: Sandbox, at: int) -> None:
    client = firm.clients()[at]
    business, scope = take_on(house, client)
    house.sync_of(business).sync()
    books = witness(firm, client.realm_id)
    with house.database.reading(scope) as session:
        proof = session.get_one(LedgerProof, business.business_id)
        payables = PayablesAging(session, business.business_id).as_of(proof.report_date)
        receivables = ReceivablesAging(session, business.business_id).as_of(proof.report_date)
    params = {"report_date": proof.report_date.isoformat(), "aging_method": "Report_Date"}
    for name, aging in (("AgedPayables", payables), ("AgedReceivables", receivables)):
        theirs = report_by_party(books.get_report(name, dict(params)))
        assert ours_by_party(aging) == theirs, f"{client.name}: {name} differs"
        assert theirs, f"{client.name} has nothing open, so nothing is proved"
    assert (proof.payables_minor, proof.receivables_minor) == (
        payables.total.total_minor,
        receivables.total.total_minor,
    )
    assert proof.located == "[]", f"{client.name} does not tie: {proof.located}"
    assert json.loads(proof.balances), f"{client.name} has no account to hold against the balance sheet"
