"""Nothing can be written for a business whose switch is off, and a switch turned off is off from that moment."""

import asyncio
import json

import pytest

from interlock.domains.qbo.rail import QBORail
from interlock.infra import translog
from interlock.rails.connections import Connection
from interlock.rails.errors import OutcomeUnknown
from interlock.rails.records import RecordingOff
from tests.recording.kinds import Kind
from tests.recording.office import Client, Office, new_key


@pytest.fixture
def reading_only(office: Office) -> Client:
    """A client that hasn't said yes; no other test records for it."""
    client = office.clients[2]
    office.switch(client, False)
    return client


def test_off_is_refused_before_anything_is_sent(office: Office, kind: Kind, reading_only: Client) -> None:
    owed = kind.owes(office.sandbox, reading_only.realm_id)
    rail = office.rail(reading_only)
    with pytest.raises(RecordingOff, match="interlock recording on CLIENT") as refusal:
        office.record(kind, kind.paid(new_key(), owed), rail)
    assert (refusal.value.code, refusal.value.status) == ("recording_off", 409)
    assert rail.usage[0] == 0, "not even a question went to QuickBooks"


def test_off_the_call_does_not_exist_below_either(office: Office, kind: Kind, reading_only: Client) -> None:
    rail = office.rail(reading_only)
    with pytest.raises(PermissionError, match="not among the calls"):
        office.house.transport.run(rail._client.record(kind.entity.lower(), {}, new_key()))
    assert rail.usage[0] == 0


def test_off_one_can_still_look(office: Office, kind: Kind, reading_only: Client) -> None:
    owed, key = kind.owes(office.sandbox, reading_only.realm_id), new_key()
    office.switch(reading_only, True)
    made = office.record(kind, kind.paid(key, owed), office.rail(reading_only))
    office.switch(reading_only, False)
    found = office.find(kind, kind.paid(key, owed), office.rail(reading_only))
    assert found is not None and found.document_id == made.document_id


def test_turned_off_before_the_sending_nothing_is_sent(office: Office, kind: Kind, reading_only: Client) -> None:
    owed, key = kind.owes(office.sandbox, reading_only.realm_id), new_key()
    office.switch(reading_only, True)
    rail = office.prompted({2: lambda: office.switch(reading_only, False)}, reading_only)
    with pytest.raises(RecordingOff):
        office.record(kind, kind.paid(key, owed), rail)
    assert office.recorded(kind, key, reading_only) == []


def test_turned_off_after_a_sending_got_lost_it_is_not_sent_again(
    office: Office, kind: Kind, reading_only: Client
) -> None:
    owed, key = kind.owes(office.sandbox, reading_only.realm_id), new_key()
    office.switch(reading_only, True)
    office.sandbox.fault("down", path="requestid", count=1)
    rail = office.prompted({3: lambda: office.switch(reading_only, False)}, reading_only)
    with pytest.raises(OutcomeUnknown):
        office.record(kind, kind.paid(key, owed), rail)
    assert office.recorded(kind, key, reading_only) == []


def test_turned_off_while_a_throttled_sending_waits_it_stays_unsent(
    office: Office, kind: Kind, reading_only: Client
) -> None:
    owed, key = kind.owes(office.sandbox, reading_only.realm_id), new_key()
    office.switch(reading_only, True)
    office.sandbox.fault("throttle", path="requestid", count=1)
    rail = office.rail(reading_only)

    async def a_minute_in_which_somebody_says_no(_seconds: float) -> None:
        await asyncio.to_thread(office.switch, reading_only, False)

    rail._client._sleep = a_minute_in_which_somebody_says_no
    with pytest.raises(RecordingOff):
        office.record(kind, kind.paid(key, owed), rail)
    assert office.recorded(kind, key, reading_only) == [], "ask the switch before each sending, not before the first"


def test_turned_off_after_a_sending_was_taken_it_is_still_found(
    office: Office, kind: Kind, reading_only: Client
) -> None:
    owed, key = kind.owes(office.sandbox, reading_only.realm_id), new_key()
    office.switch(reading_only, True)
    office.sandbox.fault("cut_after_commit", path="requestid", count=1)
    rail = office.prompted({2: lambda: None, 3: lambda: office.switch(reading_only, False)}, reading_only)
    answer = office.record(kind, kind.paid(key, owed), rail)
    assert [row["Id"] for row in office.recorded(kind, key, reading_only)] == [answer.document_id]


def test_a_rail_opened_while_it_was_off_stays_without(office: Office, kind: Kind, reading_only: Client) -> None:
    owed = kind.owes(office.sandbox, reading_only.realm_id)
    rail: QBORail = office.rail(reading_only)
    office.switch(reading_only, True)
    with pytest.raises(RecordingOff):
        office.record(kind, kind.paid(new_key(), owed), rail)


def test_each_turn_is_a_line_in_the_log_with_who_did_it(office: Office, reading_only: Client) -> None:
    office.switch(reading_only, True)
    office.switch(reading_only, True)  # as it stands: no line
    office.switch(reading_only, False)
    with office.house.database.reading(reading_only.scope) as session:
        lines = translog.lines(session, str(reading_only.scope.business_id))
        standing = session.get_one(Connection, (reading_only.scope.business_id, "qbo")).records
    turned = [line for line in lines if line.action == "connection.records_switched"][-2:]
    assert [(line.actor, json.loads(line.body)["on"]) for line in turned] == [("a test", True), ("a test", False)]
    assert not standing
