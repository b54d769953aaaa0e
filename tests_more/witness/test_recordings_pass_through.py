"""Real QuickBooks traffic, recorded by other people, passes through our wire structs and mapper unbent.

The recordings are not part of this repository: set INTERLOCK_RECORDINGS to the folder that holds ``qbo/``. They hold no Bill,
BillPayment, Payment or Deposit: for those our shapes rest on Intuit's documentation, and on the sandbox.
"""

import json
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interlock.domains.qbo import wire
from interlock.domains.qbo.client import _trouble
from interlock.domains.qbo.mapper import BY_WIRE_NAME, Company, to_fact
from interlock.infra.transport import Reply
from interlock.rails.errors import Rejected, Unauthorised
from tests.support.world import columns_of

_FOLDER = os.environ.get("INTERLOCK_RECORDINGS")
pytestmark = pytest.mark.skipif(
    _FOLDER is None, reason="the recordings are not in this repository; set INTERLOCK_RECORDINGS to their folder"
)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_COMPANY = Company("USD")
# What the recordings are known to hold of the kinds we map; a folder with less is not the one we mean.
_EXPECTED = {"Account", "Customer", "Invoice", "SalesReceipt", "Vendor"}


def recordings() -> list[tuple[str, dict[str, Any]]]:
    if _FOLDER is None:
        return []
    found = sorted(Path(_FOLDER).rglob("*.json"))
    assert found, f"no recordings under {_FOLDER}"
    return [(path.name, json.loads(path.read_text(), parse_float=Decimal)) for path in found]


def body_of(recording: dict[str, Any]) -> bytes:
    return _ENCODER.encode(recording["body"])


def entities_in(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every object under the name of an entity we map, wherever it stands in an answer."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(value, dict):
        for name, part in value.items():
            if name in BY_WIRE_NAME:
                rows = part if isinstance(part, list) else [part]
                found += [(name, row) for row in rows if isinstance(row, dict) and "Id" in row and "MetaData" in row]
            found += entities_in(part)
    elif isinstance(value, list):
        for part in value:
            found += entities_in(part)
    return found


def test_every_recorded_object_of_a_kind_we_map_says_the_same_in_our_words() -> None:
    seen: dict[str, int] = {}
    for name, recording in recordings():
        for entity, row in entities_in(recording["body"]):
            seen[entity] = seen.get(entity, 0) + 1
            fact = to_fact(BY_WIRE_NAME[entity], _ENCODER.encode(row), _COMPANY)
            for column, value in columns_of(entity, row, "USD").items():
                assert plain(fact, column) == value, f"{name}: {entity} {row['Id']} {column}"
    assert seen.keys() >= _EXPECTED, f"the recordings under {_FOLDER} hold only {sorted(seen)}"
    assert sum(seen.values()) > 100


def plain(fact: Any, column: str) -> Any:
    value = getattr(fact, column)
    if column in {"lines", "links"}:
        return sorted((msgspec.structs.astuple(each) for each in value), key=repr)
    if column == "exchange_rate" and value is not None:
        return Decimal(value)
    return value.isoformat() if column in {"dated", "due"} and value is not None else value


def test_envelopes_counts_and_empty_answers_are_read() -> None:
    answers = {name: recording for name, recording in recordings() if "QueryResponse" in str(recording["body"])[:60]}
    assert answers, "no recorded query"
    for name, recording in answers.items():
        answer = msgspec.json.decode(body_of(recording), type=wire.Answer)
        assert answer.time is not None, name
        assert _trouble(Reply(200, {}, body_of(recording))) is None, name


def test_a_recorded_change_set_is_read() -> None:
    (recording,) = [recording for name, recording in recordings() if name.startswith("cdc__basic")]
    answer = msgspec.json.decode(body_of(recording), type=wire.Answer)
    rows = [name for change in answer.CDCResponse for response in change.QueryResponse for name in response]
    assert "Estimate" in rows


def test_recorded_faults_mean_what_they_say() -> None:
    meanings = {
        "error__401__0.json": (401, Unauthorised, ""),
        "error__400__1.json": (400, Rejected, "4001"),
        "error__400_json__0.json": (400, Rejected, "2010"),
        "error__500__0.json": (400, Rejected, "500"),
        "error__500__1.json": (400, Rejected, "2030"),
        "error__validation__0.json": (400, Rejected, "6240"),
    }
    found = dict(recordings())
    for name, (status, error, reason) in meanings.items():
        assert int(found[name]["status"]) in {status, 500}, name
        trouble = _trouble(Reply(status, {}, body_of(found[name])))
        assert type(trouble) is error, name
        assert getattr(trouble, "reason", "") == reason, name
        assert "REDACTED" not in str(trouble), "what a fault echoes of a token is not repeated"


def test_recorded_reports_are_read() -> None:
    names = {"reports__gl__0.json": "GeneralLedger", "reports__profit_and_loss__0.json": "ProfitAndLoss"}
    found = dict(recordings())
    for name, report_name in names.items():
        report = msgspec.json.decode(body_of(found[name]), type=wire.Report)
        assert report.Header.ReportName == report_name
        assert report.Columns.Column


def test_times_keep_their_instant() -> None:
    for name, recording in recordings():
        for entity, row in entities_in(recording["body"]):
            fact = to_fact(BY_WIRE_NAME[entity], _ENCODER.encode(row), _COMPANY)
            assert fact.updated_at == datetime.fromisoformat(row["MetaData"]["LastUpdatedTime"]), name
