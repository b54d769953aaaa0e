"""A notice is Stripe's when one of its signatures is ours over the time and the very bytes, and the time is near."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.stripe.notifications import is_genuine, read
from tests.rails.stripe import shapes

_NOW = datetime.fromtimestamp(shapes.NOON, UTC)
_SECRET = "whsec_of_a_test"
_BODY = b'{"id": "evt_1"}'


def signed(body: bytes, secret: str = _SECRET, at: int = shapes.NOON) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


@given(st.binary(max_size=200))
def test_our_own_signature_is_accepted_over_any_body(body: bytes) -> None:
    assert is_genuine(body, f"t={shapes.NOON},v1={signed(body)}", _SECRET, _NOW)


@given(st.text(max_size=120))
def test_any_other_header_is_turned_away(header: str) -> None:
    assert not is_genuine(_BODY, header, _SECRET, _NOW)


def test_a_secret_that_is_rolled_leaves_several_signatures() -> None:
    header = f"t={shapes.NOON},v1={signed(_BODY, 'whsec_old')},v1={signed(_BODY)},v0={'0' * 64}"
    assert is_genuine(_BODY, header, _SECRET, _NOW)


@pytest.mark.parametrize(
    "header",
    [
        f"t={shapes.NOON},v0={signed(_BODY)}",
        f"t={shapes.NOON},v1={signed(_BODY, 'whsec_other')}",
        f"t={shapes.NOON + 1},v1={signed(_BODY)}",
        f"t={shapes.NOON},t={shapes.NOON},v1={signed(_BODY)}",
        f"v1={signed(_BODY)}",
        f"t={shapes.NOON},v1={signed(_BODY).upper()}",
        f"t=-{shapes.NOON},v1={signed(_BODY)}",
        f"t={shapes.NOON}," + ",".join(["v1=00"] * 2000) + f",v1={signed(_BODY)}",
    ],
)
def test_forgeries_are_turned_away(header: str) -> None:
    assert not is_genuine(_BODY, header, _SECRET, _NOW)


@pytest.mark.parametrize(("seconds", "near"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_and_no_more(seconds: int, near: bool) -> None:
    header = f"t={shapes.NOON},v1={signed(_BODY)}"
    assert is_genuine(_BODY, header, _SECRET, _NOW + timedelta(seconds=seconds)) is near


def test_a_notice_names_what_to_read_again() -> None:
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "invoice.paid",
            "account": "acct_9",
            "created": shapes.NOON,
            "livemode": False,
            "data": {"object": {"id": "in_1", "object": "invoice", "status": "paid"}},
        }
    ).encode()
    hint = read(body)
    assert (hint.event_id, hint.external_id, hint.entity, hint.entity_id) == ("evt_1", "acct_9", "invoice", "in_1")
    assert (hint.operation, hint.happened_at, hint.concerns) == ("paid", _NOW, True)
    assert read(body, account_id="acct_1").external_id == "acct_1", "at its own address a notice is about that account"
    assert not read(body, live=True).concerns, "a test object says nothing of real money"


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"id": 5}'])
def test_what_cant_be_read_still_asks_for_a_sync_of_its_account(body: bytes) -> None:
    hint = read(body, account_id="acct_1")
    assert hint.concerns and hint.external_id == "acct_1" and hint.event_id


@given(st.binary(max_size=300))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    assert read(body).event_id
