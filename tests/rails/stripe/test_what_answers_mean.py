"""Stripe's answers in the five ways a rail fails: an act is held to more than a question, for money is behind it."""

import json

import pytest

from interlock.domains.stripe.client import COLLECTING, READING, Access
from interlock.domains.stripe.refusals import trouble_with_instruction, trouble_with_question
from interlock.infra.transport import Reply
from interlock.kernel.errors import BadInput
from interlock.rails.errors import OutcomeUnknown, Rejected, Unauthorised, Unavailable


def answer(status: int, type_: str = "", code: str | None = None, **headers: str) -> Reply:
    error = {"type": type_, "code": code, "message": "As it is."}
    return Reply(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps({"error": error}).encode(),
    )


@pytest.mark.parametrize(
    ("reply", "asked", "instructed"),
    [
        (answer(200), None, None),
        (answer(400, "invalid_request_error", "parameter_missing"), Rejected, Rejected),
        (answer(402, "card_error", "card_declined"), Rejected, Rejected),
        (answer(404, "invalid_request_error", "resource_missing"), Rejected, Rejected),
        (answer(401, "invalid_request_error"), Unauthorised, Unauthorised),
        (answer(403, "invalid_request_error"), Unauthorised, Unauthorised),
        (answer(429, "invalid_request_error", "rate_limit"), Unavailable, Unavailable),
        (answer(429, "invalid_request_error", "lock_timeout"), Unavailable, Unavailable),
        (answer(400, "idempotency_error"), Rejected, OutcomeUnknown),
        (answer(409, "idempotency_error", "idempotency_key_in_use"), Unavailable, OutcomeUnknown),
        (answer(500, "api_error"), Unavailable, OutcomeUnknown),
        (answer(502), Unavailable, OutcomeUnknown),
        (Reply(503, {}, b"<html>"), Unavailable, OutcomeUnknown),
        (Reply(301, {}, b""), Rejected, OutcomeUnknown),
    ],
)
def test_what_may_have_been_done_is_never_called_refused(
    reply: Reply, asked: type[Exception] | None, instructed: type[Exception] | None
) -> None:
    for found, wanted in ((trouble_with_question(reply), asked), (trouble_with_instruction(reply, "k-1"), instructed)):
        assert found is None if wanted is None else isinstance(found, wanted), f"{reply.status} was taken for {found!r}"


def test_an_unknown_outcome_names_our_key() -> None:
    found = trouble_with_instruction(answer(500, "api_error"), "k-1")
    assert isinstance(found, OutcomeUnknown) and found.key == "k-1"


def test_a_failure_that_stripe_repeats_is_told_as_such() -> None:
    found = trouble_with_instruction(answer(500, "api_error", idempotent_replayed="true"), "k-1")
    assert isinstance(found, OutcomeUnknown) and "first time" in found.sentence


def test_a_refusal_says_what_mends_it_and_which_request_it_was() -> None:
    found = trouble_with_instruction(
        answer(400, "invalid_request_error", "charge_already_refunded", request_id="req_9"), "k-1"
    )
    assert isinstance(found, Rejected) and found.reason == "charge_already_refunded"
    assert "given back already" in found.sentence and "req_9" in found.sentence


def test_a_named_pause_is_kept_to() -> None:
    found = trouble_with_question(answer(429, retry_after="7"))
    assert isinstance(found, Unavailable) and found.retry_after == 7


def test_no_call_moves_money_elsewhere() -> None:
    """Stripe could: charges, payouts, transfers. Interlock has no such call to make."""
    acts = {resource.partition("/")[0] for _, resource in COLLECTING}
    assert acts == {"invoices", "invoiceitems", "refunds"}, "an act of another kind has to be argued for, in an ADR"
    assert {method for method, _ in READING} == {"GET"}
    assert not any(resource.endswith("/pay") for _, resource in COLLECTING), "marking paid is the ledger's business"


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False)]
)
def test_a_key_says_which_money_it_opens(key: str, live: bool) -> None:
    assert Access(key).live is live


@pytest.mark.parametrize("key", ["", "pk_live_1", "whsec_1", "sk_live_\n1", "sk_live_é"])
def test_what_is_no_secret_key_is_turned_away_before_anything_is_sent(key: str) -> None:
    with pytest.raises(BadInput):
        Access(key)
