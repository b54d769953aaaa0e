"""One key is one document in the books, whatever breaks on the way; and what is answered is what the books show."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from interlock.domains.qbo.rail import QBORail
from interlock.kernel.money import Money
from interlock.rails.errors import OutcomeUnknown, Rejected, Unavailable
from tests.recording.kinds import BILL, CARD, CHECKING, DATED, INVOICE, Kind
from tests.recording.office import Office, new_key


def once(office: Office, kind: Kind, key: str) -> None:
    found = office.recorded(kind, key)
    assert len(found) == 1, f"one payment carries the key, not {[row['Id'] for row in found]}"


def test_a_payment_made_elsewhere_is_written_down_and_read_back(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    answer = office.record(kind, kind.paid(key, owed, "100.00", note="By wire"))
    (row,) = office.recorded(kind, key)
    assert (answer.document_id, answer.found) == (row["Id"], False)
    assert (row["TxnDate"], row["TotalAmt"]) == (DATED.isoformat(), Decimal("100.00"))
    assert row["PrivateNote"] == f"By wire [Interlock {key}]"
    assert [(line["Amount"], line["LinkedTxn"][0]["TxnId"]) for line in row["Line"]] == [(Decimal(100), owed["Id"])]
    (settled,) = answer.settled
    assert (settled.applied, settled.left_open) == (Money(100_00, "USD"), Money(20_00, "USD"))
    assert office.open_balance(kind, owed) == Decimal("20.00"), "the books show it less open"


def test_asked_again_under_the_same_key_the_standing_one_is_answered(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    first = office.record(kind, kind.paid(key, owed))
    office.sandbox.fault("down", path="requestid")  # a second sending would not get through
    again = office.record(kind, kind.paid(key, owed))
    assert (again.document_id, again.found, again.version) == (first.document_id, True, first.version)
    found = office.find(kind, kind.paid(key, owed))
    assert found is not None and found.document_id == first.document_id
    once(office, kind, key)


@pytest.mark.parametrize("trouble", ["cut_after_commit", "malformed"])
def test_taken_but_not_answered_it_is_found_and_not_sent_again(office: Office, kind: Kind, trouble: str) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    office.sandbox.fault(trouble, path="requestid", count=2)
    answer = office.record(kind, kind.paid(key, owed))
    assert [each["count"] for each in office.faults_left()] == [1], "looked up, not sent a second time"
    assert answer.settled[0].left_open == Money(0, "USD")
    once(office, kind, key)


@pytest.mark.parametrize(("trouble", "status"), [("down", 0), ("server_error", 500), ("server_error", 503)])
def test_lost_on_the_way_it_is_sent_once_more_under_the_same_key(
    office: Office, kind: Kind, trouble: str, status: int
) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    office.sandbox.fault(trouble, status=status, path="requestid", count=1)
    answer = office.record(kind, kind.paid(key, owed))
    assert not answer.found
    once(office, kind, key)


def test_what_cannot_be_known_is_said_so_and_the_same_key_finds_out_later(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    office.sandbox.fault("server_error", path="requestid", count=2)
    with pytest.raises(OutcomeUnknown, match=rf"isn't known.*{key}") as unknown:
        office.record(kind, kind.paid(key, owed))
    assert unknown.value.key == key
    assert office.recorded(kind, key) == [], "two sendings, both refused by a broken server"
    assert office.find(kind, kind.paid(key, owed)) is None
    assert not office.record(kind, kind.paid(key, owed)).found
    once(office, kind, key)


def test_taken_and_then_unreadable_it_is_unknown_until_it_can_be_read(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    office.sandbox.fault("cut_after_commit", path="requestid", count=1)
    rail = office.prompted({2: lambda: office.sandbox.fault("server_error", path="WHERE+Id+IN")})
    _sleeps_into(rail, [])
    with pytest.raises(OutcomeUnknown, match="Then: QuickBooks"):
        office.record(kind, kind.paid(key, owed), rail)
    office.sandbox.calm()
    assert office.record(kind, kind.paid(key, owed)).found
    once(office, kind, key)


def test_written_and_then_unreadable_it_is_unknown_until_it_can_be_read(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    rail = office.prompted({2: lambda: office.sandbox.fault("malformed", path="WHERE+Id+IN")})
    with pytest.raises(OutcomeUnknown, match=r"took it as .* but reading it back failed"):
        office.record(kind, kind.paid(key, owed), rail)
    office.sandbox.calm()
    assert office.record(kind, kind.paid(key, owed)).found
    once(office, kind, key)


def test_throttled_it_waits_and_goes_on(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    rail, pauses = office.rail(), list[float]()
    _sleeps_into(rail, pauses)
    office.sandbox.fault("throttle", path="requestid", count=2)
    office.record(kind, kind.paid(key, owed), rail)
    assert pauses == [60.0, 60.0], "Intuit's advice for a 429"
    once(office, kind, key)


def test_throttled_for_good_nothing_was_written_and_it_may_be_retried(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    rail = office.rail()
    _sleeps_into(rail, [])
    office.sandbox.fault("throttle", path="requestid")
    with pytest.raises(Unavailable, match="throttling"):
        office.record(kind, kind.paid(key, owed), rail)
    assert office.recorded(kind, key) == []


def test_an_expired_token_is_renewed_and_the_record_sent_once(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    rail = office.rail()
    office.find(kind, kind.paid(key, owed), rail)
    office.sandbox.fault("expire_tokens", realm=office.client.realm_id)
    office.record(kind, kind.paid(key, owed), rail)
    once(office, kind, key)


def test_moved_to_another_day_in_quickbooks_it_is_still_known_and_said_to_differ(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    made = office.record(kind, kind.paid(key, owed))
    office.sandbox.update(office.client.realm_id, kind.entity, {"Id": made.document_id, "TxnDate": "2026-11-18"})
    with pytest.raises(Rejected, match=f"{made.document_id}.*date 2026-11-18, not 2026-11-20") as refused:
        office.record(kind, kind.paid(key, owed))
    assert refused.value.reason == "differs"
    once(office, kind, key)


def test_voided_in_quickbooks_it_is_not_written_again(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    made = office.record(kind, kind.paid(key, owed))
    office.sandbox.void(office.client.realm_id, kind.entity, made.document_id)
    with pytest.raises(Rejected, match="voided in QuickBooks since") as refused:
        office.record(kind, kind.paid(key, owed))
    assert refused.value.reason == "voided"
    once(office, kind, key)


def test_deleted_in_quickbooks_it_is_not_written_again(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    made = office.record(kind, kind.paid(key, owed))
    office.sandbox.delete(office.client.realm_id, kind.entity, made.document_id)
    with pytest.raises(OutcomeUnknown, match=f"{made.document_id} and shows no such document"):
        office.record(kind, kind.paid(key, owed))
    assert office.recorded(kind, key) == []


def test_a_copy_made_in_quickbooks_is_left_to_a_person(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    office.record(kind, kind.paid(key, owed, "50.00"))
    (row,) = office.recorded(kind, key)
    copy = {name: row[name] for name in row if name not in {"Id", "SyncToken", "MetaData", "domain", "sparse"}}
    body = {**copy, "TotalAmt": "50.00", "Line": [{"Amount": "50.00", "LinkedTxn": row["Line"][0]["LinkedTxn"]}]}
    body.pop("UnappliedAmt", None)
    office.sandbox.create(office.client.realm_id, kind.entity, body)
    with pytest.raises(Rejected, match="several") as refused:
        office.record(kind, kind.paid(key, owed, "50.00"))
    assert refused.value.reason == "several"


def test_one_payment_of_two_bills_by_card(office: Office) -> None:
    first, second = (BILL.owes(office.sandbox, office.client.realm_id, amount) for amount in ("70.00", "30.00"))
    parts = ((first["Id"], Money(70_00, "USD")), (second["Id"], Money(10_00, "USD")))
    key = new_key()
    answer = office.record(
        BILL,
        BILL.paid(key, first, "80.00", applied=parts, method="card", paid_from_account_id=CARD, number="W-7 & 8"),
    )
    assert [(each.document_id, str(each.left_open)) for each in answer.settled] == [
        (first["Id"], "0.00"),
        (second["Id"], "20.00"),
    ]
    (row,) = office.recorded(BILL, key)
    assert (row["PayType"], row["CreditCardPayment"]["CCAccountRef"]["value"], row["DocNumber"]) == (
        "CreditCard",
        CARD,
        "W-7 & 8",
    )


def test_nothing_is_printed_and_no_card_is_charged(office: Office) -> None:
    bill, invoice = (kind.owes(office.sandbox, office.client.realm_id) for kind in (BILL, INVOICE))
    first, second = new_key(), new_key()
    office.record(BILL, BILL.paid(first, bill))
    office.record(INVOICE, INVOICE.paid(second, invoice, reference="pi_3Q"))
    (paid,) = office.recorded(BILL, first)
    (received,) = office.recorded(INVOICE, second)
    assert paid["CheckPayment"]["PrintStatus"] == "NotSet", "the check is not put in the queue to print"
    assert (received["ProcessPayment"], received["PaymentRefNum"]) == (False, "pi_3Q")
    assert received["DepositToAccountRef"]["value"] == CHECKING


def _sleeps_into(rail: QBORail, pauses: list[float]) -> None:
    async def note(seconds: float) -> None:
        pauses.append(seconds)

    rail._client._sleep = note


def test_the_wire_carried_new_documents_of_two_kinds_and_no_other_write(office: Office, kind: Kind) -> None:
    key = new_key()
    office.record(kind, kind.paid(key, kind.owes(office.sandbox, office.client.realm_id)))
    arguments = list(map(str, office.sandbox.process.args))  # type: ignore[arg-type]
    journal = Path(arguments[arguments.index("--data") + 1]) / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    over_the_wire = [line for line in lines if line["kind"] == "write" and line["request_id"]]
    assert key in {line["request_id"] for line in over_the_wire}
    assert {(line["operation"], line["entity"]) for line in over_the_wire} <= {
        ("create", "BillPayment"),
        ("create", "Payment"),
    }
    assert len({line["request_id"] for line in over_the_wire}) == len(over_the_wire), "no key was carried out twice"


def test_on_a_busy_day_it_is_looked_for_on_every_page(office: Office) -> None:
    for number in range(1001):
        body = {"CustomerRef": {"value": "35"}, "TotalAmt": "1.00", "TxnDate": "2026-11-19", "PrivateNote": str(number)}
        office.sandbox.create(office.client.realm_id, "Payment", body)
    invoice = INVOICE.owes(office.sandbox, office.client.realm_id, CustomerRef={"value": "35"})
    asked = INVOICE.paid(new_key(), invoice, dated=date(2026, 11, 19))
    made = office.record(INVOICE, asked)
    office.sandbox.void(office.client.realm_id, "Payment", made.document_id)  # no link leads to it any more
    with pytest.raises(Rejected, match="voided in QuickBooks since"):
        office.record(INVOICE, asked)
