"""What Intuit's notifications say: whose they are, about what, when; and what they can't be trusted to say well."""

import json
from datetime import UTC, datetime

import pytest

from interlock.domains.qbo.notifications import MERGED_AWAY, UNREADABLE, is_genuine, read
from tests.webhooks.saying import TOKEN, classic, cloud_event, entity, events, signed

# A vector of Intuit's own Java SDK (qbo.md §6).
RECORDED = (
    b'{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":"Customer","id":"1",'
    b'"operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}'
)
RECORDED_SIGNATURE = "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q="


def test_intuits_own_signature_is_recognised() -> None:
    assert is_genuine(RECORDED, RECORDED_SIGNATURE, TOKEN)


@pytest.mark.parametrize(
    ("body", "signature", "token"),
    [
        (RECORDED + b" ", RECORDED_SIGNATURE, TOKEN),
        (RECORDED, RECORDED_SIGNATURE, TOKEN + "x"),
        (RECORDED, RECORDED_SIGNATURE[:-4] + "AAA=", TOKEN),
        (RECORDED, "", TOKEN),
        (RECORDED, "not base64!", TOKEN),
        (RECORDED, "ключ", TOKEN),
        (RECORDED, RECORDED_SIGNATURE[:20], TOKEN),
    ],
    ids=["another body", "another token", "another signature", "none", "no base64", "no ASCII", "half of it"],
)
def test_a_forgery_is_not(body: bytes, signature: str, token: str) -> None:
    assert not is_genuine(body, signature, token)


def test_the_signature_is_over_the_bytes_as_sent_not_over_what_they_mean() -> None:
    spaced = json.dumps(json.loads(RECORDED), indent=1).encode()
    assert not is_genuine(spaced, RECORDED_SIGNATURE, TOKEN)
    assert is_genuine(spaced, signed(spaced), TOKEN)


def test_both_shapes_say_the_same() -> None:
    (old,) = read(classic(("111", [entity("Bill", "7", "Update", "2026-11-24T09:00:00Z")])))
    (new,) = read(events(cloud_event("e-1", "111", "bill.updated", "7")))
    said = ("external_id", "entity", "entity_id", "operation", "concerns")
    assert [getattr(old, name) for name in said] == [getattr(new, name) for name in said]
    assert (old.entity, old.operation, new.event_id) == ("Bill", "update", "e-1")


def test_a_delivery_may_mix_companies_and_keeps_its_order() -> None:
    body = events(
        cloud_event("e-1", "111", "bill.created", "7"),
        cloud_event("e-2", "222", "vendorcredit.deleted", "8"),
        cloud_event("e-3", "111", "billpayment.voided", "9"),
    )
    assert [(hint.external_id, hint.entity, hint.operation) for hint in read(body)] == [
        ("111", "Bill", "create"),
        ("222", "VendorCredit", "delete"),
        ("111", "BillPayment", "void"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2015-10-05T14:42:19-0700", datetime(2015, 10, 5, 21, 42, 19, tzinfo=UTC)),
        ("2016-10-05T03:09:04.000Z", datetime(2016, 10, 5, 3, 9, 4, tzinfo=UTC)),
        ("2025-09-08T20:52:31.657Z", datetime(2025, 9, 8, 20, 52, 31, 657_000, tzinfo=UTC)),
        ("2025-09-10T21:31:25.179851517Z", datetime(2025, 9, 10, 21, 31, 25, 179_851, tzinfo=UTC)),
        ("2025-09-10T21:31:25", datetime(2025, 9, 11, 4, 31, 25, tzinfo=UTC)),
        ("last Tuesday", None),
        ("", None),
    ],
    ids=["no colon", "Zulu", "milliseconds", "nanoseconds", "no zone is Pacific", "no time", "none"],
)
def test_times_are_read_as_they_come(written: str, meant: datetime | None) -> None:
    (hint,) = read(classic(("111", [entity("Bill", "7", when=written)])))
    assert hint.happened_at == meant


def test_a_classic_notice_is_known_again_by_all_it_says() -> None:
    (first,) = read(classic(("111", [entity("Bill", "7")])))
    (again,) = read(classic(("111", [entity("Bill", "7")])))
    others = read(
        classic(
            ("222", [entity("Bill", "7")]),
            ("111", [entity("Vendor", "7"), entity("Bill", "8"), entity("Bill", "7", "Delete")]),
            ("111", [entity("Bill", "7", when="2026-11-24T09:00:01.000Z")]),
        )
    )
    assert first.event_id == again.event_id
    assert len({first.event_id, *(other.event_id for other in others)}) == 6


@pytest.mark.parametrize("shape", ["classic", "cloud events"])
def test_a_merge_also_tells_of_its_loser(shape: str) -> None:
    body = (
        classic(("111", [entity("Vendor", "31", "Merge", deletedId="32")]))
        if shape == "classic"
        else events(cloud_event("e-1", "111", "vendor.merged", "31", data={"deletedid": "32"}))
    )
    winner, loser = read(body)
    assert (winner.entity_id, winner.operation) == ("31", "merge")
    assert (loser.entity, loser.entity_id, loser.operation) == ("Vendor", "32", MERGED_AWAY)
    assert winner.event_id != loser.event_id


@pytest.mark.parametrize("name", ["Estimate", "TimeActivity", "Employee", "TaxAgency"])
def test_what_we_keep_nothing_of_asks_for_nothing(name: str) -> None:
    (hint,) = read(classic(("111", [entity(name, "7")])))
    assert not hint.concerns


def test_settings_that_changed_concern_us() -> None:
    (hint,) = read(events(cloud_event("e-1", "111", "preferences.updated", "1")))
    assert (hint.entity, hint.concerns) == ("Preferences", True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b'"a word"',
        b'{"eventNotifications":7}',
        b"[" * 100_000,
        b'[{"specversion":"1.0"}]',
        b'{"eventNotifications":[{"realmId":"111"}]}',
        b'{"eventNotifications":[{"realmId":"111","dataChangeEvent":{"entities":[null]}}]}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes) -> None:
    (hint,) = read(body)
    assert hint.operation == UNREADABLE


def test_one_bad_notice_does_not_take_the_others_with_it() -> None:
    body = events(cloud_event("e-1", "111", "bill.updated", "7"), {"id": 3}, cloud_event("e-2", "111", "?", "8"))
    assert [hint.operation for hint in read(body)] == ["update", UNREADABLE, UNREADABLE]


def test_an_unknown_operation_keeps_its_name_and_numbers_are_read_as_ids() -> None:
    (hint,) = read(classic((7, [entity("Invoice", 5000000000000503624, "Frobnicated")])))  # type: ignore[arg-type]
    assert (hint.external_id, hint.entity_id, hint.operation) == ("7", "5000000000000503624", "frobnicated")
