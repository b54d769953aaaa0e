"""Who may do what, what a key replays, and what trouble looks like to the SDK."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe
from stripe import StripeClient

Control = Callable[..., dict[str, Any]]
Lacking = Callable[..., list[str]]
Drafted = Callable[..., Any]


def test_who_may_do_what(stripes: Callable[..., StripeClient], told: list[dict[str, Any]]) -> None:
    with pytest.raises(stripe.AuthenticationError):
        stripes(key="sk_test_nobodys").v1.customers.list()
    restricted = stripes(key=told[0]["restricted_key"]).v1
    assert restricted.charges.list({"limit": 1}).data
    with pytest.raises(stripe.PermissionError):
        restricted.refunds.create({"charge": restricted.charges.list().data[0].id})
    platform = stripes(key=told[0]["platform_key"])
    for each in told[:2]:
        there: Any = {"stripe_account": each["account"]}
        assert platform.v1.accounts.retrieve_current(options=there).id == each["account"]
        assert platform.v1.customers.list(options=there).data
    assert {each.id for each in platform.v1.accounts.list({"limit": 100}).data} == {each["account"] for each in told}
    assert platform.v1.customers.list().data == []
    with pytest.raises(stripe.PermissionError):
        stripes(0).v1.customers.list(options={"stripe_account": told[1]["account"]})
    with pytest.raises(stripe.InvalidRequestError) as strange:
        stripes(0).v1.customers.retrieve("cus_nobody")
    assert (strange.value.http_status, strange.value.code) == (404, "resource_missing")
    assert strange.value.request_id is not None


def test_what_is_not_understood_is_refused_by_name(api: Any) -> None:
    for sent, param in (({"surname": "x"}, "surname"), ({"email": "nobody"}, "email")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            api.customers.create(sent)
        assert refused.value.param == param
    with pytest.raises(stripe.InvalidRequestError) as missing:
        api.payment_intents.create({"currency": "usd"})
    assert missing.value.code == "parameter_missing"
    with pytest.raises(stripe.InvalidRequestError):
        api.charges.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError):
        api.charges.list({"expand": ["data.invoice"]})


def test_keys_replay_the_first_answer_breakages_included(api: Any, control: Control) -> None:
    key: Any = {"idempotency_key": f"once {time.monotonic_ns()}"}
    first = api.customers.create({"name": "Once"}, key)
    again = api.customers.create({"name": "Once"}, key)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        api.customers.create({"name": "Twice"}, key)
    control("POST", "/stripe/trouble", json={"breaks": ["after"]})
    broken: Any = {"idempotency_key": f"broken {time.monotonic_ns()}"}
    for _ in range(2):
        with pytest.raises(stripe.APIError) as unknown:
            api.customers.create({"name": "Broken", "email": "broken@key.example"}, broken)
        assert unknown.value.http_status == 500
    assert len(api.customers.list({"email": "broken@key.example"}).data) >= 1


def test_one_key_in_use_by_two_at_once(api: Any, control: Control) -> None:
    control("POST", "/stripe/trouble", json={"slow_seconds": 0.6})
    key: Any = {"idempotency_key": f"both {time.monotonic_ns()}"}

    def create(_: int) -> Any:
        try:
            return api.customers.create({"name": "Both"}, key).id
        except stripe.StripeError as refused:
            return refused.http_status

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(create, range(2)))
    control("POST", "/stripe/trouble", json={})
    assert sorted(str(each)[:4] for each in answers) == ["409", "cus_"]


def test_throttled_and_broken_in_stripes_own_words(api: Any, control: Control) -> None:
    control("POST", "/faults", json={"kind": "throttle", "count": 1, "path": "/stripe/"})
    with pytest.raises(stripe.RateLimitError):
        api.customers.list()
    control("POST", "/faults", json={"kind": "server_error", "count": 1, "path": "/stripe/", "status": 503})
    with pytest.raises(stripe.APIError) as broken:
        api.customers.list()
    assert broken.value.http_status == 503
    assert broken.value.json_body is not None
