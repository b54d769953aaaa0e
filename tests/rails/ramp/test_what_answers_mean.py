"""Ramp's answers in the five ways a rail fails: what certainly made nothing, what may have, and what a person has to do."""

import pytest

from interlock.domains.ramp import refusals
from interlock.domains.ramp.refusals import ScopeMissing, Throttled, TokenRefused
from interlock.infra.transport import Reply
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected, Unauthorised, Unavailable
from tests.rails.ramp.shapes import refusal

TRACED = {"x-trace-id": "abc123"}


def question(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> RailError | None:
    return refusals.trouble_with_question(Reply(status, headers or TRACED, body), "bills:read")


def act(status: int, body: bytes = b"") -> RailError | None:
    return refusals.trouble_with_instruction(Reply(status, TRACED, body), "bills:write", "pin_1")


def test_a_missing_scope_is_named_and_so_is_what_mends_it() -> None:
    said = refusal("DEVELOPER_7100", "These scopes are not allowed for this client: bills:write")
    trouble = act(403, said)
    assert isinstance(trouble, ScopeMissing) and trouble.scopes == ("bills:write",)
    assert "lacks the scope bills:write" in trouble.sentence and "interlock connect ramp" in trouble.sentence


def test_a_scope_that_ramp_does_not_name_is_told_from_the_call() -> None:
    trouble = question(403, refusal("DEVELOPER_7100", "Forbidden"))
    assert isinstance(trouble, ScopeMissing) and "bills:read" in trouble.sentence
    other = question(403, b"<html>no</html>")
    assert isinstance(other, Unauthorised) and "It needs bills:read" in other.sentence


@pytest.mark.parametrize("status", [400, 404, 405, 422])
def test_a_refusal_says_what_is_wrong_field_by_field_and_made_nothing(status: int) -> None:
    said = refusal("DEVELOPER_7001", "Invalid.", {"due_at": ["Not a valid date."], "vendor_id": ["Unknown."]})
    trouble = act(status, said)
    assert isinstance(trouble, Rejected)
    assert "due_at: Not a valid date" in trouble.sentence and "trace abc123" in trouble.sentence


def test_unknown_fields_are_told_by_name() -> None:
    trouble = act(422, refusal("DEVELOPER_7001", "Unknown field.", {"payment_method": ["Unknown field."]}))
    assert isinstance(trouble, Rejected) and trouble.reason == "unknown_field:payment_method"


@pytest.mark.parametrize("status", [302, 408, 409, 500, 502, 503, 504])
def test_an_act_that_may_have_been_done_is_unknown(status: int) -> None:
    trouble = act(status, b"<html>oops</html>")
    assert isinstance(trouble, OutcomeUnknown) and trouble.key == "pin_1"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_that_failed_there_may_be_tried_again(status: int) -> None:
    assert isinstance(question(status), Unavailable)


def test_throttled_says_for_how_long() -> None:
    assert isinstance(act(429), Throttled), "refused before anything began, so it may be sent again"
    named = question(429, headers={"retry-after": "7"})
    assert isinstance(named, Throttled) and named.retry_after == 7
    absurd = question(429, headers={"retry-after": "99999999"})
    assert isinstance(absurd, Throttled) and absurd.retry_after is not None and absurd.retry_after <= 900


def test_a_token_that_is_no_good_is_not_yet_a_lost_connection() -> None:
    assert isinstance(question(401), TokenRefused) and isinstance(act(401), TokenRefused)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, b'{"error": "invalid_client"}', Unauthorised, "no longer accepts this client's app"),
        (400, b'{"error": "invalid_client"}', Unauthorised, "no longer accepts this client's app"),
        (400, b'{"error": "invalid_scope"}', ScopeMissing, "bills:read and bills:write"),
        (400, b'{"error": "invalid_request"}', Rejected, "invalid_request"),
        (503, b"", Unavailable, "503"),
        (429, b"", Throttled, "throttling"),
    ],
)
def test_what_a_refused_token_request_means(status: int, body: bytes, kind: type[RailError], words: str) -> None:
    trouble = refusals.trouble_with_token(Reply(status, {}, body), "bills:read bills:write")
    assert isinstance(trouble, kind) and words in trouble.sentence


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error_v2": null}', b'{"error_v2": {"additional_info": [1]}}', b"\xff"]
)
def test_an_answer_in_no_known_shape_is_judged_by_its_status(body: bytes) -> None:
    assert isinstance(act(400, body), Rejected) and isinstance(act(500, body), OutcomeUnknown)
