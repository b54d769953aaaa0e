"""What Interlock sends to Ramp and how it reads Ramp's words, beside somebody else's models of Ramp's API."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from interlock.domains.ramp import mapper, paying
from interlock.kernel.money import Money
from interlock.rails.moves import BillHandOff, PaymentInstruction

SHAPES = json.loads((Path(__file__).parent / "ramp_shapes.json").read_text())
DAY = date(2026, 11, 24)
ORDER = PaymentInstruction(
    key="pin_1",
    vendor_id="v",
    vendor_account_id="a",
    funding_account_id="f",
    entity_id="e",
    method="ach",
    amount=Money(1234, "USD"),
    number="N-1",
    dated=DAY,
    due=DAY,
    arrives_on=DAY,
    memo="for paper",
)
KINDS: dict[type[Any], str] = {str: "string", list: "array", dict: "object"}


def holds(body: dict[str, Any], fields: dict[str, Any]) -> None:
    assert set(body) <= set(fields), f"Ramp's models don't know {set(body) - set(fields)}"
    assert {name for name, said in fields.items() if said.get("required")} <= set(body)
    for name, value in body.items():
        assert KINDS[type(value)] in fields[name]["kinds"], name
        assert not isinstance(value, str) or len(value) <= fields[name].get("longest", len(value)), name


def test_a_bill_with_its_payment_is_what_their_models_take() -> None:
    """But for the method, which the models of 2025 need and these no longer name: it is left out where it is refused."""
    body = paying._body(ORDER)
    assert body.pop("payment_method") == "ACH"
    holds(body, SHAPES["requests"]["POST /bills"])


def test_a_draft_is_what_their_models_take() -> None:
    said = {name: getattr(ORDER, name) for name in BillHandOff.__struct_fields__}
    holds(paying._draft_body(BillHandOff(**said)), SHAPES["requests"]["POST /bills/drafts"])


def test_we_look_up_by_filters_that_their_models_have() -> None:
    assert {"remote_id", "is_archived", "page_size"} <= {*SHAPES["filters"]["/bills"], "page_size"}
    assert "remote_id" in SHAPES["filters"]["/bills/drafts"]


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("status_summary", mapper.BILL_STATES),
        ("approval_status", mapper.APPROVALS),
        ("status", mapper.PAYMENT_STATES),
        ("sync_status", mapper.SYNC_STATES),
    ],
)
def test_every_word_that_they_name_is_known(field: str, known: frozenset[str]) -> None:
    assert {each.lower() for each in SHAPES["answers"]["Bill"][field]["values"] if each} == known
