"""Paying through Ramp: one bill for one order, whatever happens on the way, and never a second one."""

import threading
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from interlock.domains.ramp.client import ACTING, READING, RampClient, Still
from interlock.domains.ramp.rail import RampRail
from interlock.domains.ramp.refusals import ScopeMissing
from interlock.kernel.errors import Busy
from interlock.kernel.money import Money
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected, Unavailable
from tests.rails.ramp.at_ramp import Client
from tests.rails.ramp.conftest import Takes


def test_a_bill_is_made_with_its_payment_for_the_day_it_is_to_arrive(client: Client) -> None:
    order = client.instruction(123_456)
    done = client.pay(order)
    (there,) = client.under(order.key)
    assert (done.rail_id, done.found, done.state) == (there["id"], False, "payment_scheduled")
    assert there["amount"]["amount"] == 123_456, "written in dollars, kept in cents: the same money"
    assert there["payment"]["payment_method"] == "ACH" and there["invoice_number"] == order.number
    assert there["payment"]["details"]["source_bank_account_id"] == order.funding_account_id
    leaves = there["payment"]["payment_date"][:10]
    assert leaves == (order.arrives_on - timedelta(days=5)).isoformat(), "three business days before it is to arrive"


def test_where_people_release_payments_it_waits_for_them(client: Client) -> None:
    client.switch(payment_release=True)
    assert client.pay(client.instruction()).state == "awaiting_release"


def test_asked_again_it_is_found_and_not_made_again(client: Client) -> None:
    order = client.instruction()
    first, second = client.pay(order), client.pay(order)
    assert (second.found, second.rail_id) == (True, first.rail_id) and len(client.under(order.key)) == 1
    assert client.run(client.rail.find_payment(order.key)).rail_id == first.rail_id
    assert client.run(client.rail.find_payment("pin_nobodys")) is None


def test_the_field_that_ramp_no_longer_names_is_left_out_where_it_refuses_it(client: Client) -> None:
    client.switch(knows_payment_method=False)
    order = client.instruction()
    done = client.pay(order)
    assert (done.found, len(client.under(order.key))) == (False, 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arrives_on": "a Saturday"}, "weekend or a bank holiday"),
        ({"method": "wire"}, "not for DOMESTIC_WIRE"),
        ({"vendor_account_id": None}, "needs an account in Ramp"),
        ({"number": "N" * 21}, "1 to 20 characters"),
        ({"amount": Money(0, "USD")}, "above zero"),
        ({"entity_id": "00000000-0000-4000-8000-000000000000"}, "does not exist"),
    ],
)
def test_what_is_refused_made_nothing(client: Client, changed: dict[str, Any], said: str) -> None:
    order = client.instruction()
    if "arrives_on" in changed:
        changed = {"arrives_on": order.arrives_on + timedelta(days=4)}
    order = client.instruction(**changed)
    with pytest.raises(Rejected, match=said):
        client.pay(order)
    assert client.under(order.key) == []


def test_an_answer_that_got_lost_is_looked_up_by_the_key(client: Client) -> None:
    order = client.instruction()
    client.sandbox.fault("cut_after_commit", path="/v1/bills", method="POST", count=1)
    done = client.pay(order)
    (there,) = client.under(order.key)
    assert (done.rail_id, done.found) == (there["id"], True)


def test_an_answer_that_cannot_be_read_is_looked_up_too(client: Client) -> None:
    order = client.instruction()
    client.sandbox.fault("malformed", path="/v1/bills", method="POST", count=1)
    assert client.pay(order).rail_id == client.under(order.key)[0]["id"]


@pytest.mark.parametrize("trouble", ["drop", "server_error"])
def test_what_was_sent_and_is_not_there_stays_unknown_and_is_not_sent_again(client: Client, trouble: str) -> None:
    order = client.instruction()
    client.sandbox.fault(trouble, path="/v1/bills", method="POST", count=1, status=504)
    with pytest.raises(OutcomeUnknown) as raised:
        client.pay(order)
    assert raised.value.key == order.key and client.under(order.key) == [], "one POST was sent, and met trouble"
    assert client.run(client.rail.find_payment(order.key)) is None


def test_when_it_cannot_even_be_looked_up_it_stays_unknown_until_it_is_found(client: Client) -> None:
    order = client.instruction()
    client.sandbox.fault("cut_after_commit", path="/v1/bills", method="POST", count=1)
    with pytest.raises(OutcomeUnknown) as raised:
        client.run(client.going_blind().pay_bill(order))
    assert raised.value.key == order.key
    client.sandbox.calm()
    (there,) = client.under(order.key)
    assert client.run(client.rail.find_payment(order.key)).rail_id == there["id"]
    again = client.pay(order)
    assert (again.found, len(client.under(order.key))) == (True, 1), "the order that was unknown is never made twice"


def test_made_and_not_read_back_is_unknown_because_two_could_stand_there(client: Client) -> None:
    order = client.instruction()
    with pytest.raises(OutcomeUnknown, match="couldn't be read back"):
        client.run(client.going_blind().pay_bill(order))
    client.sandbox.calm()
    assert client.pay(order).found and len(client.under(order.key)) == 1


def test_two_bills_under_one_key_are_named_and_left_to_a_person(client: Client) -> None:
    order = client.instruction()
    body = {
        "vendor_id": order.vendor_id, "entity_id": order.entity_id, "invoice_number": order.number,
        "invoice_currency": "USD", "issued_at": "2026-11-20", "due_at": "2026-12-20", "remote_id": order.key,
        "line_items": [{"amount": "123.45"}],
    }  # fmt: skip
    made = [client.elsewhere("POST", "bills", body)["id"] for _ in range(2)]
    with pytest.raises(OutcomeUnknown) as raised:
        client.pay(order)
    assert all(each in raised.value.sentence for each in made)
    client.elsewhere("DELETE", f"bills/{made[0]}")
    assert client.pay(order).rail_id == made[1], "once a person archived one, the other is it"


def test_a_bill_over_another_amount_is_not_taken_for_the_order(client: Client) -> None:
    """Cents taken for dollars would be such a bill."""
    order = client.instruction(12_345)
    client.pay(order)
    hundredfold = client.instruction(1_234_500, key=order.key)
    with pytest.raises(OutcomeUnknown, match="were asked for"):
        client.pay(hundredfold)
    assert len(client.under(order.key)) == 1


class TakesCentsForDollars(RampClient):
    """What Ramp would be that misread the amount, and whose answer got lost."""

    async def act(
        self,
        method: str,
        resource: str,
        body: Mapping[str, Any] | None,
        key: str,
        id_: str | None = None,
        *,
        still: Still | None = None,
    ) -> bytes:
        misread = {**(body or {}), "line_items": [{"amount": "12345.00"}]}
        await super().act(method, resource, misread, key, id_, still=still)
        raise OutcomeUnknown("ramp", "It was sent to Ramp and no answer came.", key)


def test_a_lost_answer_does_not_hide_a_bill_over_another_amount(client: Client) -> None:
    order = client.instruction(12_345)
    calls = TakesCentsForDollars(*client._parts(), patience=0.0)
    rail = RampRail(calls, client.there()["business_id"], client.house.clock.now, lambda _key: nullcontext())
    with pytest.raises(OutcomeUnknown, match="were asked for"):
        client.run(rail.pay_bill(order))
    assert len(client.under(order.key)) == 1


def test_a_key_that_paid_somebody_else_is_not_taken_for_this_order(client: Client) -> None:
    order = client.instruction(12_345)
    client.pay(order)
    vendors = [each["id"] for each in client.elsewhere("GET", "vendors?page_size=100&is_active=true")["data"]]
    other = next(each for each in vendors if each != order.vendor_id)
    with pytest.raises(OutcomeUnknown, match="was asked for"):
        client.pay(client.instruction(12_345, key=order.key, vendor_id=other))
    assert len(client.under(order.key)) == 1


def test_an_order_that_was_cancelled_is_not_made_again(client: Client) -> None:
    order = client.instruction()
    done = client.pay(order)
    client.run(client.rail.cancel_payment(done.rail_id))
    again = client.pay(order)
    assert (again.rail_id, again.state, again.found) == (done.rail_id, "archived", True)


def test_a_filter_that_ramp_ignores_finds_nothing_of_others(client: Client) -> None:
    """Ramp ignores query parameters it doesn't know: the key on each row is what counts."""
    order = client.instruction()
    client.pay(order)
    others = [each for each in client.elsewhere("GET", "bills?page_size=100")["data"] if each["remote_id"] != order.key]
    assert others, "there are bills of others to be taken for ours"
    assert client.run(client.rail.find_payment("pin_of_an_older_api")) is None


def test_throttled_it_waits_and_is_sent_once(client: Client) -> None:
    order, slept = client.instruction(), list[float]()
    rail = client.patient(slept)
    client.sandbox.fault("throttle", path="/v1/bills", method="POST", count=2)
    done = client.run(rail.pay_bill(order))
    assert (done.found, len(client.under(order.key)), slept) == (False, 1, [2.0, 2.0])


def test_two_at_once_make_one_bill(client: Client) -> None:
    order = client.instruction()
    client.sandbox.fault("latency", path="/v1/bills", method="POST", count=2, seconds=0.3)
    together, ended = threading.Barrier(2), list[Any]()

    def pay() -> None:
        rail = client.rail
        together.wait(10)
        try:
            ended.append(client.run(rail.pay_bill(order)))
        except (Busy, RailError) as trouble:
            ended.append(trouble)

    threads = [threading.Thread(target=pay) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(client.under(order.key)) == 1, f"one order, one bill; the two ended with {ended}"
    assert len(ended) == 2 and sum(not isinstance(each, Exception) for each in ended) >= 1


def test_an_app_that_may_only_read_pays_nothing_and_stays_connected(takes: Takes) -> None:
    client = takes(1)
    client.link(read_only=True)
    order = client.instruction()
    with pytest.raises(ScopeMissing, match="lacks the scope bills:write"):
        client.pay(order)
    assert client.under(order.key) == [] and client.connection() == ("connected", None)


def test_while_ramp_is_away_nothing_is_sent(client: Client) -> None:
    order = client.instruction()
    client.sandbox.fault("server_error", path="/ramp/", status=503)
    with pytest.raises(Unavailable):
        client.pay(order)
    client.sandbox.calm()
    assert client.under(order.key) == [], "what can't be looked up first isn't sent"


def test_nothing_can_approve_release_or_take_the_seat(client: Client) -> None:
    calls = {f"{method} {resource}" for method, resource in (*READING, *ACTING)}
    assert not [each for each in calls if any(word in each for word in ("approv", "release", "hold", "accounting"))]
    assert not [each for each in calls if each.startswith(("PATCH", "PUT"))], "nothing that stands is changed"

    async def sleep(_seconds: float) -> None: ...

    raw = client.calls(sleep)
    for method, resource in (
        ("POST", "bills/{id}/release"),
        ("POST", "accounting/connection"),
        ("PATCH", "bills/{id}"),
    ):
        with pytest.raises(PermissionError):
            client.run(raw.act(method, resource, {}, "pin_1", "some-bill"))
