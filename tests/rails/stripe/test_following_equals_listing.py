"""Whatever happens at an account, in whatever order: following it ends where reading all of it anew would."""

import urllib.error
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from interlock.app.house import House
from interlock.rails.errors import Unavailable
from interlock.rails.witnesses import Charge, Dispute, RailCustomer, RailInvoice
from tests.rails.stripe.at_stripe import Client
from tests.rails.stripe.test_reading_an_account import assert_mirrors

Takes = Callable[[int], Client]


class Life:
    """Things that happen at an account, drawn by a seed."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client = client
        self.random = Random(seed)

    def goes_on(self) -> str | None:
        """Something happens; its name, or ``None`` where it couldn't happen just now."""
        acts: list[Callable[[], object]] = [
            self.pays, self.pays, self.pays_an_invoice, self.gives_back, self.contests, self.decides, self.debit_ends,
            self.bills, self.ends_a_bill, self.leaves, self.time_passes, self.time_passes, self.payout_fails,
        ]  # fmt: skip
        act = self.random.choice(acts)
        try:
            act()
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code >= 500:
                    raise
            return None
        return act.__name__

    def one(self, path: str, **wanted: object) -> str:
        rows = [
            row["id"] for row in self.client.there(path) if all(row[name] == value for name, value in wanted.items())
        ]
        return str(self.random.choice(rows)) if rows else "none"

    def pays(self) -> None:
        how = self.random.choice(
            [{"method": "card"}, {"method": "ach"}, {"method": "card", "goes_wrong": "card_declined"}]
        )
        self.client.happens("pay", amount=self.random.randrange(100, 90_000), **how)

    def pays_an_invoice(self) -> None:
        self.client.happens(
            "pay", invoice=self.one("invoices", status="open"), method=self.random.choice(["card", "ach"])
        )

    def gives_back(self) -> None:
        self.client.by_hand(
            "refunds", charge=self.one("charges", status="succeeded"), amount=str(self.random.randrange(1, 90))
        )

    def contests(self) -> None:
        self.client.at(f"charges/{self.one('charges', status='succeeded', disputed=False)}/dispute")

    def decides(self) -> None:
        self.client.at(f"disputes/{self.one('disputes')}/{self.random.choice(['won', 'lost'])}")

    def debit_ends(self) -> None:
        self.client.at(f"charges/{self.one('charges', status='pending')}/{self.random.choice(['fail', 'clear'])}")

    def bills(self) -> None:
        customer = self.one("customers")
        draft = self.client.by_hand(
            "invoices", customer=customer, collection_method="send_invoice", days_until_due="9"
        )["id"]
        self.client.by_hand("invoiceitems", customer=customer, invoice=draft, amount="7000", currency="usd")
        if self.random.random() < 0.7:
            self.client.by_hand(f"invoices/{draft}/send")

    def ends_a_bill(self) -> None:
        if self.random.random() < 0.3:
            self.client.remove(f"invoices/{self.one('invoices', status='draft')}")
        else:
            end = self.random.choice(["void", "mark_uncollectible", "pay"])
            word = {"paid_out_of_band": "true"} if end == "pay" else {}
            self.client.by_hand(f"invoices/{self.one('invoices', status='open')}/{end}", **word)

    def leaves(self) -> None:
        self.client.remove(f"customers/{self.one('customers')}")

    def time_passes(self) -> None:
        self.client.later(seconds=self.random.randrange(3_600, 2 * 86_400))

    def payout_fails(self) -> None:
        self.client.at(f"payouts/{self.one('payouts', status='paid')}/fail", code="account_closed")


@pytest.mark.parametrize("seed", range(2))
def test_any_life_is_followed(takes: Takes, seed: int) -> None:
    client = takes(seed).connect()
    client.sync()
    life = Life(client, seed)
    lived: list[str] = []
    for _ in range(4):
        lived += [name for _ in range(12) if (name := life.goes_on())]
        assert client.sync().mode == "changes"
        assert_mirrors(client)
        for row in client.there("payouts"):
            if row["reconciliation_status"] == "completed" and row["automatic"]:
                found = client.unbundle(row["id"])
                assert found.attributed, f"{row['id']}: {found.why_not} after {lived}"
    assert len(set(lived)) > 6, f"little happened, so little is proved: {lived}"


def test_a_first_reading_that_is_cut_off_goes_on_where_it_stood(takes: Takes) -> None:
    client = takes(0).connect()
    house = client.house
    hasty = House(house.settings, house.database, house.vault, house.clock, house.transport, limited=False, patience=0)
    client.sandbox.fault("server_error", path="/v1/charges", count=1)
    with pytest.raises(Unavailable):
        replace(client, house=hasty).sync()
    assert client.rows(RailInvoice) and not client.rows(Charge), "what was read before it broke is kept"
    client.happens("pay", amount=4_200, method="card")
    report = client.sync()
    assert report.mode == "full"
    assert {each.entity for each in report.entities}.isdisjoint({RailCustomer.entity, RailInvoice.entity})
    client.sync()
    assert_mirrors(client)


def test_a_reading_of_changes_that_is_cut_off_loses_none(takes: Takes) -> None:
    client = takes(2).connect()
    client.sync()
    house = client.house
    hasty = House(house.settings, house.database, house.vault, house.clock, house.transport, limited=False, patience=0)
    charge = client.happens("pay", amount=9_900, method="card")["charge"]["id"]
    client.at(f"charges/{charge}/dispute")
    client.sandbox.fault("server_error", path="/v1/disputes", count=1)
    with pytest.raises(Unavailable):
        replace(client, house=hasty).sync()
    client.sync()
    assert any(each.charge_id == charge for each in client.rows(Dispute).values())
    assert_mirrors(client)
