"""Whatever is sent to Stripe is answered in Stripe's own words; nothing breaks inside, and a refused call changes nothing."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.stripe.call import Route
from interlock_sandbox.stripe.forms import parameters
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.stripe.table import ROUTES
from interlock_sandbox.world import build

AS_OF = date(2026, 9, 30)
NESTED = ("", "[]", "[0]", "[a]", "[price]", "[default_payment_method]", "[0][price]", "[0][quantity]", "[gte]", "[type]",
          "[payment_intent]", "[completed_sessions]", "[completed_sessions][limit]", "[name]", "[number]")  # fmt: skip
WORDS = ("", "usd", "true", "card", "send_invoice", "pm_card_visa", "nobody", "0", "-1", "1", "2500", "99999999999", "1.5",
         "a@b.example", "data.source", "customer", "lines.data", "é\x00")  # fmt: skip


OPEN: list[Sandbox] = []  # not an argument of the test: hypothesis would write the whole world down when it fails


@pytest.fixture(scope="module", autouse=True)
def _world() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        OPEN.append(open_sandbox(World(11, 1, AS_OF), Path(folder), lambda world: build(11, 1, world.as_of)))
        yield
        OPEN.pop().journal.close()


LIKELY = {
    "int": ("", ["1", "2500", "60"]), "bool": ("", ["true", "false"]), "list": ("[]", ["card", "*"]), "range": ("[gte]", ["0"]),
    "map": ("[price]", ["x"]),
}  # fmt: skip


@st.composite
def forms(draw: st.DrawFn) -> tuple[Route, int, list[tuple[str, str]]]:
    """A call of the table, which object its path names, and a form: mostly of its own parameters, some values odd.

    A number for a value stands for an object of the account.
    """
    route = draw(st.sampled_from(ROUTES))
    known = parameters(route.accepts)
    form = []
    for name, (kind, required) in known.items():
        if draw(st.integers(0, 9)) < (9 if required else 2):
            bracket, values = LIKELY.get(kind, ("", [*WORDS, *map(str, range(12))]))
            form.append((name + bracket, draw(st.sampled_from(values))))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        name = draw(st.sampled_from([*known, "unheard_of"]))
        form.append((name + draw(st.sampled_from(NESTED)), draw(st.sampled_from(WORDS))))
    return route, draw(st.integers(0, 40)), form


def ids_of(party: Stripe) -> list[str]:
    account = next(iter(party.by_realm.values()))
    kinds = ("customer", "invoice", "charge", "payment_intent", "payout", "invoiceitem", "price", "product", "payment_link",
             "refund", "payment_method", "webhook_endpoint")  # fmt: skip
    return [next(iter(account.objects.get(kind, {})), "nobody") for kind in kinds]


@given(drawn=forms())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_odd_calls_are_answered_and_refused_ones_change_nothing(
    drawn: tuple[Route, int, list[tuple[str, str]]],
) -> None:
    sandbox = OPEN[0]
    party = sandbox.parties["stripe"]
    assert isinstance(party, Stripe)
    account = next(iter(party.by_realm.values()))
    route, place, form = drawn
    party.account(account.id)
    known = ids_of(party)
    stored = [*account.objects.get(_kind(route), {}), "nobody"]
    path = route.path.replace("{}", stored[place % len(stored)])
    pairs = [(name, known[int(word)] if word.isdigit() and int(word) < len(known) else word) for name, word in form]
    before = deepcopy({kind: rows for kind, rows in account.objects.items() if kind != "event"})
    answer = asyncio.run(_asked(sandbox, account.keys["secret"], route.method, path, pairs))
    assert answer[0] in (200, 400, 402, 403, 404), answer
    said = json.loads(answer[1])
    if answer[0] in (400, 403, 404):
        assert said["error"]["type"] in ("invalid_request_error", "idempotency_error")
        after = {kind: rows for kind, rows in account.objects.items() if kind != "event"}
        after["payment_method"] = before.get("payment_method", {})  # a test token becomes a method when it is named
        before["payment_method"] = after["payment_method"]
        assert after == before, (
            f"{route.method} {path} {pairs} was refused ({said['error']['message']}) and changed something"
        )


def _kind(route: Route) -> str:
    singular = {"payment_methods": "payment_method", "account": "account", "balance": "balance"}
    return singular.get(route.resource, route.resource.removesuffix("s"))


async def _asked(sandbox: Sandbox, key: str, method: str, path: str, pairs: list[tuple[str, str]]) -> tuple[int, bytes]:
    direct = Direct(sandbox)
    url, body = f"/stripe/v1/{path}", urlencode(pairs).encode()
    headers: dict[str, Any] = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
    if method == "GET":
        url, body = f"{url}?{body.decode()}", b""
    try:
        answer = await direct.answer(method, url, headers, body)
    finally:
        await direct.close()
    assert not isinstance(answer, Cut)
    return answer[0], answer[2]
