"""Plaid's limits are kept on our side, and each of its errors means what it should to whoever has to act."""

import asyncio

import pytest

from interlock.domains.plaid import wire
from interlock.domains.plaid.client import ALLOWED, PlaidClient
from interlock.domains.plaid.pacing import LIVE, Pacer, Paused
from interlock.domains.plaid.refusals import KeysRefused, LoginLost, Mutated, Throttled, meaning, trouble_of
from interlock.infra.transport import Reply, Transport
from interlock.rails.errors import ContractBroken, RailError, Rejected, Unauthorised, Unavailable


class Hours:
    """Time that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def timer(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def starts(resource: str, logins: list[str], calls: int) -> list[float]:
    """When ``calls`` calls for each of ``logins`` were let through."""
    hours = Hours()
    pacer = Pacer(timer=hours.timer, sleep=hours.sleep)
    began: list[float] = []

    async def story() -> None:
        for _ in range(calls):
            for login in logins:
                async with pacer.slot(resource, login):
                    began.append(hours.now)
        await pacer.close()

    asyncio.run(story())
    return began


@pytest.mark.parametrize(("resource", "most"), [(LIVE, 5), ("transactions/sync", 50), ("accounts/get", 15)])
def test_no_minute_sees_more_calls_for_a_login_than_plaid_allows(resource: str, most: int) -> None:
    began = starts(resource, ["item1"], 3 * most)
    for at in began:
        assert sum(at <= each < at + 60 for each in began) <= most


def test_one_logins_minute_holds_up_no_other() -> None:
    began = starts(LIVE, [f"item{number}" for number in range(8)], 5)
    assert began[-1] - began[0] < 60, "forty calls of eight logins fit in a minute"


def test_whoever_may_not_wait_is_told_how_long_it_would_be() -> None:
    hours = Hours()
    pacer = Pacer(timer=hours.timer, sleep=hours.sleep)

    async def story() -> None:
        for _ in range(5):
            async with pacer.slot(LIVE, "item1", patience=1.0):
                pass
        with pytest.raises(Paused) as paused:
            async with pacer.slot(LIVE, "item1", patience=1.0):
                pass
        assert 50 < paused.value.seconds < 61
        await pacer.close()

    asyncio.run(story())


def test_a_refused_login_waits_a_minute_whoever_used_it_up() -> None:
    hours = Hours()
    pacer = Pacer(timer=hours.timer, sleep=hours.sleep)

    async def story() -> None:
        pacer.used_up("accounts/get", "item1")
        before = hours.now
        async with pacer.slot("accounts/get", "item1"):
            assert hours.now - before >= 60
        await pacer.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("family", "code", "means"),
    [
        ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED", LoginLost),
        ("ITEM_ERROR", "SOMETHING_NEW", LoginLost),
        ("ITEM_ERROR", "USER_PERMISSION_REVOKED", LoginLost),
        ("INVALID_INPUT", "INVALID_ACCESS_TOKEN", LoginLost),
        ("ITEM_ERROR", "PRODUCT_NOT_READY", Unavailable),
        ("ITEM_ERROR", "NO_AUTH_ACCOUNTS", Rejected),
        ("ITEM_ERROR", "ACCESS_NOT_GRANTED", Rejected),
        ("INSTITUTION_ERROR", "INSTITUTION_DOWN", Unavailable),
        ("INSTITUTION_ERROR", "SOMETHING_NEW", Unavailable),
        ("API_ERROR", "INTERNAL_SERVER_ERROR", Unavailable),
        ("RATE_LIMIT_EXCEEDED", "ACCOUNTS_BALANCE_GET_LIMIT", Throttled),
        ("INVALID_INPUT", "INVALID_API_KEYS", KeysRefused),
        ("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", Mutated),
        ("INVALID_REQUEST", "MISSING_FIELDS", Rejected),
        ("A_NEW_FAMILY", "A_NEW_CODE", Rejected),
    ],
)
def test_what_an_error_means(family: str, code: str, means: type[RailError]) -> None:
    found = meaning(wire.Fault(family, code, "said", request_id="req1"))
    assert isinstance(found, means)
    assert isinstance(found, Unauthorised) == (means is LoginLost), "only a login's own trouble asks for a person there"


def test_an_answer_that_is_no_envelope() -> None:
    assert trouble_of(Reply(200, {}, b"<html>")) is None, "whether a good answer can be read is seen when it is read"
    assert isinstance(trouble_of(Reply(502, {}, b"<html>bad gateway</html>")), Unavailable)
    assert isinstance(trouble_of(Reply(429, {}, b"")), Throttled)
    assert isinstance(trouble_of(Reply(418, {}, b"\xff\xfe")), ContractBroken)


def test_nothing_outside_the_table_can_be_called_and_nothing_in_it_moves_money() -> None:
    transport = Transport()
    client = PlaidClient("http://127.0.0.1:1", "id", "secret", transport, Pacer(limited=False))
    with pytest.raises(PermissionError):
        transport.run(client.ask("transfer/create", {}, dict))
    transport.close()
    assert {method for method, _ in ALLOWED} == {"POST"}
    assert not [
        resource for _, resource in ALLOWED if resource.startswith(("transfer", "payment", "sandbox", "signal"))
    ]
