"""A bank is linked: which account it is, which lines are what, and what can be spent, on pages, by program, at a terminal."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.bank.models import Account
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import witnesses
from interlock.rails.facts import Fact, Page
from tests.journeys.conftest import Journey
from tests.matching.client import stated
from tests.support.commands import environment_of


class Client:
    """A client whose books were read, and a bank that states two lines of one payment's amount."""

    def __init__(self, journey: Journey) -> None:
        company = journey.companies[0]
        journey.connect(company.name, company)
        self.journey, house = journey, journey.house
        with house.database.reading(SystemScope("a test looks up its client")) as session:
            business = session.scalars(select(Business)).one()
            session.expunge(business)
        self.slug, self.scope = business.slug, Scope(business.firm_id, business.business_id)
        house.sync_of(business).sync()
        with house.database.reading(self.scope) as session:
            once = select(BillPayment.total_minor).group_by(BillPayment.total_minor).having(func.count() == 1)
            payment = session.scalars(
                select(BillPayment)
                .where(BillPayment.method == "check", BillPayment.total_minor.in_(once), BillPayment.voided.is_(False))
                .where(BillPayment.total_minor > 0)
                .order_by(BillPayment.dated.desc(), BillPayment.id)
            ).first()
            assert payment is not None, "the sandbox's books have a payment by check"
            self.payment = payment
            link = session.scalars(select(PayableLink).where(PayableLink.document_id == payment.id)).first()
            assert link is not None, "it pays a bill"
            self.bill_id = link.linked_id
            account = session.get_one(Account, (self.scope.business_id, payment.account_id))
            self.account_name = account.full_name
            session.expunge_all()
        dated = self.payment.dated + timedelta(days=3)
        line = {
            "account_id": "b1",
            "dated": dated,
            "amount_minor": -self.payment.total_minor,
            "currency": "USD",
            "pending": False,
        }
        self.state(
            stated(
                witnesses.BankAccount,
                "b1",
                item_id="item",
                institution="Larkfield Bank",
                name="Everyday",
                mask="4821",
                kind="depository",
                currency="USD",
                current_minor=5_000_000,
                available_minor=4_900_000,
                observed_at=house.clock.now(),
                live=True,
            ),
            stated(witnesses.BankLine, "L1", name="CHECK PAID", **line),
            stated(witnesses.BankLine, "L2", name="PAPER ITEM", **line),
        )

    def state(self, *facts: Fact) -> None:
        house = self.journey.house
        with house.database.writing(self.scope) as session:
            for fact in facts:
                house.witnesses.store(session, self.scope, Page(type(fact), (fact,), house.clock.now()), 1)

    def api(self, path: str) -> Any:
        return self.journey.api(f"/businesses/{self.slug}/{path}")

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        desk = self.journey.desk
        answer = desk.ask(
            "POST", f"/api/v1/businesses/{self.slug}/{path}", headers=desk.bearer(), body=json.dumps(body)
        )
        return answer.status, answer.json()

    def command(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "interlock", *words],
            env={**os.environ, **environment_of(self.journey.house.settings)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, f"interlock {' '.join(words)} ended with {run.returncode}: {run.stderr}"
        return run.stdout


@pytest.fixture
def client(journey: Journey) -> Client:
    return Client(journey)


def test_a_person_links_an_account_decides_on_a_line_and_sees_what_can_be_spent(client: Client) -> None:
    journey, slug = client.journey, client.slug
    page = journey.open(f"/b/{slug}/balances")
    assert "1 account stands for none of the books" in page.said
    page = journey.open(f"/b/{slug}/identity")
    assert "Everyday" in page.said
    linked = {"kind": "account", "rail_id": "b1", "ledger_id": str(client.payment.account_id), "act": "confirm"}
    assert journey.person.send(page, f"/b/{slug}/identity", linked).status == 303
    page = journey.open(f"/b/{slug}/match")
    assert "2 suggestions wait for you" in page.said, "two lines alike, one payment: nobody guesses"
    suggestion = next(
        each for each in client.api("matches")["matches"] if each["line"]["text"] == "PAPER ITEM"
    )  # fmt: skip
    refused = {"match_id": suggestion["match_id"], "act": "refuse", "which": "suggested"}
    assert journey.person.send(page, f"/b/{slug}/match", refused).status == 303
    (kept,) = client.api("matches?which=matched")["matches"]
    assert (kept["line"]["text"], kept["movements"][0]["id"]) == ("CHECK PAID", client.payment.id)
    assert "CHECK PAID" in journey.open(f"/b/{slug}/bills/{client.bill_id}").said, "a bill's page shows the bank's line"
    page = journey.open(f"/b/{slug}/balances")
    assert f"in the books {client.account_name}" in page.said
    assert "can be spent" in page.said or "Over-committed" in page.said
    assert "PAPER ITEM" in journey.open(f"/b/{slug}/match?which=open").said


def test_by_program_every_act_answers_and_the_parts_sum_to_the_cent(client: Client) -> None:
    pair = {"kind": "account", "rail_id": "b1", "ledger_id": client.payment.account_id}
    assert client.post("identity", {**pair, "act": "confirm"}) == (200, {**pair, "state": "linked"})
    assert client.post("identity", {**pair, "act": "refuse"})[0] == 403, "what is linked is undone, not refused"
    status, made = client.post(
        "matches", {"line_id": "L1", "movements": [{"kind": "bill_payment", "id": client.payment.id}]}
    )
    assert status == 200, made
    assert client.post(f"matches/{made['match_id']}", {"act": "confirm"})[1]["code"] == "refused"
    (account,) = client.api("balances")["cash"]["accounts"]
    drift = account["drift"]
    whole = {
        name: Decimal(drift[name]["amount"]) for name in ("gap", "outstanding", "in_transit", "lines", "remainder")
    }
    parts = whole["outstanding"] - whole["in_transit"] + whole["lines"] + whole["remainder"]
    assert parts == whole["gap"] == Decimal(account["current"]["amount"]) - Decimal(account["book"]["amount"])
    assert client.post(f"matches/{made['match_id']}", {"act": "undo"})[0] == 200
    assert client.post("matches/match_of_nobody", {"act": "undo"})[0] == 404
    assert client.post("identity", {**pair, "act": "undo"})[1]["state"] == "undone"
    assert client.api("balances")["cash"]["accounts"][0]["ledger_id"] is None


def test_at_a_terminal_the_same(client: Client) -> None:
    account = str(client.payment.account_id)
    assert "linked" in client.command("identity", "confirm", client.slug, "account", "b1", account)
    suggested = json.loads(client.command("match", client.slug, "--json"))
    assert suggested["suggested_count"] == 2
    said = client.command("match", "line", client.slug, "L1", f"bill_payment:{client.payment.id}")
    assert said == "Matched.\n"
    assert "CHECK PAID" in client.command("match", client.slug, "--which", "matched")
    assert "Everyday ··4821, Larkfield Bank" in client.command("balances", client.slug)
    assert "posted" in client.command("bills", "seen", client.slug, client.bill_id)
