"""Whether a notice is Plaid's own: ES256 alone, within five minutes, over the very bytes; and what it says."""

import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.plaid import notifications, wire
from interlock.domains.plaid.keys import VerificationKeys
from interlock.domains.plaid.notifications import is_genuine, take_apart
from interlock.rails.errors import Rejected, Unavailable

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
BODY = b'{\n  "webhook_type": "TRANSACTIONS",\n  "webhook_code": "SYNC_UPDATES_AVAILABLE",\n  "item_id": "item1"\n}'
SECRET = ec.generate_private_key(ec.SECP256R1())


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key(secret: ec.EllipticCurvePrivateKey = SECRET, **more: Any) -> wire.PublicKey:
    numbers = secret.public_key().public_numbers()
    said = {
        "alg": "ES256",
        "crv": "P-256",
        "kid": "k1",
        "kty": "EC",
        "x": packed(numbers.x.to_bytes(32)),
        "y": packed(numbers.y.to_bytes(32)),
    }
    return wire.PublicKey(**{**said, **more})


def signed(body: bytes = BODY, *, at: datetime = NOW, secret: ec.EllipticCurvePrivateKey = SECRET, **head: Any) -> str:
    header = packed(json.dumps({"alg": "ES256", "kid": "k1", "typ": "JWT", **head}).encode())
    claims = {"iat": int(at.timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
    text = f"{header}.{packed(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(secret.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{packed(r.to_bytes(32) + s.to_bytes(32))}"


def genuine(header: str, body: bytes = BODY, now: datetime = NOW, by: wire.PublicKey | None = None) -> bool:
    token = take_apart(header)
    return token is not None and is_genuine(token, by or key(), body, now)


def test_plaids_own_notice_is_taken() -> None:
    assert genuine(signed())


@pytest.mark.parametrize(
    ("header", "body", "now"),
    [
        (signed(), BODY.replace(b"  ", b" "), NOW),
        (signed(), json.dumps(json.loads(BODY)).encode(), NOW),
        (signed(), BODY + b"\n", NOW),
        (signed(at=NOW - timedelta(seconds=301)), BODY, NOW),
        (signed(at=NOW + timedelta(minutes=10)), BODY, NOW),
        (signed(secret=ec.generate_private_key(ec.SECP256R1())), BODY, NOW),
        (signed(alg="HS256"), BODY, NOW),
        (signed(alg="none"), BODY, NOW),
        (signed(alg="ES384"), BODY, NOW),
        (signed(kid=""), BODY, NOW),
        (signed(kid="k" * 500), BODY, NOW),
        ("", BODY, NOW),
        ("a.b.c", BODY, NOW),
        (signed().rsplit(".", 1)[0] + ".", BODY, NOW),
        ("é." + signed(), BODY, NOW),
    ],
)
def test_whatever_differs_is_turned_away(header: str, body: bytes, now: datetime) -> None:
    assert not genuine(header, body, now)


@pytest.mark.parametrize("place", [0, 1])
def test_a_token_nested_beyond_reading_is_turned_away(place: int) -> None:
    parts = signed().split(".")
    inside = base64.urlsafe_b64decode(parts[place] + "==")[:-1]
    parts[place] = packed(inside + b', "z": ' + b"[" * 1_400 + b"]" * 1_400 + b"}")
    assert take_apart(".".join(parts)) is None, "anybody can send one: it is a forgery, not a fault of ours"


@pytest.mark.parametrize("issued", ["9" * 400, "-1", str(10**11)])
def test_a_time_beyond_all_clocks_is_turned_away(issued: str) -> None:
    head, _, signature = signed().split(".")
    claims = packed(b'{"iat": ' + issued.encode() + b', "request_body_sha256": "x"}')
    assert not genuine(f"{head}.{claims}.{signature}")


def test_a_key_of_another_kind_verifies_nothing() -> None:
    assert not genuine(signed(), by=key(alg="RS256"))
    assert not genuine(signed(), by=key(crv="P-384"))
    assert not genuine(signed(), by=key(x=packed(b"\1" * 32)))


@given(st.integers(0, len(signed()) - 1), st.characters(codec="ascii"))
def test_no_changed_character_passes(place: int, other: str) -> None:
    good = signed()
    if good[place] == other:
        return
    changed = good[:place] + other + good[place + 1 :]
    if changed.split(".")[2:] and take_apart(changed) == take_apart(good):
        return  # base64 has several texts for the same last bits
    assert not genuine(changed)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_fault(body: bytes) -> None:
    (hint,) = notifications.hints(body, NOW)
    assert len(hint.event_id) == 64


def test_two_notices_of_the_same_bytes_are_two() -> None:
    first, later = (notifications.hints(BODY, at)[0] for at in (NOW, NOW + timedelta(milliseconds=9)))
    assert first.event_id != later.event_id, "the second would be taken for a repetition, and its lines not read"


def test_what_a_hosted_page_brought_is_read_and_not_kept() -> None:
    body = json.dumps(
        {
            "webhook_type": "LINK",
            "webhook_code": "SESSION_FINISHED",
            "status": "SUCCESS",
            "link_token": "link-1",
            "public_tokens": ["public-1", "public-2"],
        }
    ).encode()
    notice = notifications.read(body)
    assert notice is not None and notice.public_tokens == ("public-1", "public-2")
    (hint,) = notifications.hints(body, NOW)
    assert "link-1" not in str(hint) and not hint.concerns


def test_a_login_that_will_end_is_told_by_the_notice() -> None:
    said = {"webhook_type": "ITEM", "webhook_code": "PENDING_DISCONNECT", "item_id": "item1"}
    dated = notifications.read(json.dumps({**said, "disconnect_time": "2026-11-30T00:00:00Z"}).encode())
    undated = notifications.read(json.dumps(said).encode())
    assert dated and undated
    assert notifications.ends_at(dated, NOW) == datetime(2026, 11, 30, tzinfo=UTC)
    assert notifications.ends_at(undated, NOW) == NOW + timedelta(days=7)


class KeyServer:
    """Answers for keys, and counts how often it was asked."""

    def __init__(self, *known: wire.PublicKey) -> None:
        self.known = {each.kid: each for each in known}
        self.asked: list[str] = []

    async def ask(self, resource: str, body: dict[str, str], shape: type[Any]) -> Any:
        assert resource == "webhook_verification_key/get" and shape is wire.KeyAnswer
        self.asked.append(body["key_id"])
        if body["key_id"] not in self.known:
            raise Rejected("plaid", "no such key", "INVALID_WEBHOOK_VERIFICATION_KEY_ID")
        return wire.KeyAnswer(self.known[body["key_id"]])


def test_a_key_is_fetched_once_and_strangers_cannot_make_us_fetch_without_end() -> None:
    now = [NOW]
    server: Any = KeyServer(key())
    keys = VerificationKeys(lambda: now[0])

    async def story() -> None:
        for _ in range(5):
            assert await keys.key("k1", server) == key()
            assert await keys.key("stranger", server) is None
        assert server.asked == ["k1", "stranger"]
        with pytest.raises(Unavailable):
            await asyncio.gather(*(keys.key(f"made up {place}", server) for place in range(100)))
        assert len(server.asked) <= 6, "no more than a few are asked for in a minute"
        now[0] += timedelta(minutes=2)
        assert await keys.key("k1", server) == key(), "a known key needs no fetching"
        assert len(server.asked) <= 6

    asyncio.run(story())


def test_strangers_do_not_keep_us_from_looking_a_known_key_up_again() -> None:
    now = [NOW]
    server: Any = KeyServer(key())
    keys = VerificationKeys(lambda: now[0])

    async def story() -> None:
        await keys.key("k1", server)
        now[0] += timedelta(hours=25)
        with pytest.raises(Unavailable):
            await asyncio.gather(*(keys.key(f"made up {place}", server) for place in range(100)))
        assert await keys.key("k1", server) == key()
        assert server.asked.count("k1") == 2, "a day later it is looked up again, flood or not"

    asyncio.run(story())


def test_a_key_that_was_replaced_verifies_nothing_any_more() -> None:
    server: Any = KeyServer(key(expired_at=int(NOW.timestamp()) - 1))
    assert asyncio.run(VerificationKeys(lambda: NOW).key("k1", server)) is None
