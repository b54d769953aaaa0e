"""What no API can do is a row with its reason, source and way out; that it is parked is computed, and refused by name."""

import pytest

from interlock._parked import DECLINED, PARKED
from interlock.app.abilities import build_abilities
from interlock.rails.capabilities import has, name_of
from interlock.rails.features import FEATURES
from interlock.rails.parking import Abilities, DeclinedRow, ParkedRow
from interlock.rails.registry import CapabilityParked
from interlock.runway.services.experiences.capabilities import CapabilitiesService, limits, required
from tests.capabilities.tables import TABLES

BUILD = build_abilities()


@pytest.mark.parametrize("row", PARKED, ids=lambda row: row.key)
def test_a_parked_row_says_why_who_says_so_and_what_would_change_it(row: ParkedRow) -> None:
    assert row.rail in BUILD.rails and not has(BUILD.rails[row.rail], row.capability), "it can now: drop the row"
    for said in (row.reason, row.unparks):
        assert said[0].isupper() or said[0] == "/", said
        assert said.endswith("."), f"a sentence: {said}"
    assert len(row.source) > 10 and not row.source.endswith(".")
    view = CapabilitiesService(BUILD).of_build()
    with pytest.raises(CapabilityParked) as refused:
        required(view, row.key)
    assert f"parked:{name_of(row.capability)}" in str(refused.value)
    assert row.unparks in str(refused.value), "the refusal names what would un-park it"


@pytest.mark.parametrize("row", DECLINED, ids=lambda row: row.key)
def test_a_declined_row_says_why_and_is_refused_with_it(row: DeclinedRow) -> None:
    assert row.rail in BUILD.rails and row.reason.endswith(".") and row.source
    with pytest.raises(CapabilityParked, match="is declined") as refused:
        required(CapabilitiesService(BUILD).of_build(), row.key)
    assert row.reason in str(refused.value)


def test_every_no_without_a_type_is_a_row_or_declined() -> None:
    named = {(row.rail, name_of(row.capability)) for row in PARKED}
    wanted = {
        (rail, lack)
        for rail, rows in TABLES.items()
        for row in rows
        for lack in row.lacks
        if isinstance(lack, str) and "declined" not in row.says
    }
    # One row explains it for the rail it would be looked for on; elsewhere nobody looks.
    elsewhere = {("plaid", "ApprovesBills"), ("stripe", "ApprovesBills"), ("qbo", "SchedulesPayments")}
    assert wanted - elsewhere <= named, "a no that people look for has its row"


def test_keys_are_said_once() -> None:
    keys = [each.key for each in (*FEATURES, *PARKED, *DECLINED)]
    assert len(keys) == len(set(keys))


def test_the_day_a_class_can_the_row_is_no_longer_parked() -> None:
    class ApprovesBills:
        """As a rail's capability would be called."""

        _is_protocol = True

    rails = {**BUILD.rails, "ramp": type("Ramp", (ApprovesBills,), {})}
    view = CapabilitiesService(Abilities(rails, PARKED, DECLINED)).of_build()
    (row,) = [each for each in view.parked if each.capability == "ApprovesBills"]
    assert row.state == "connect:ramp"


@pytest.mark.parametrize("gone", ["ramp", "plaid", "stripe"])
def test_a_build_without_a_rail_parks_what_only_that_rail_can(gone: str) -> None:
    rails = {name: rail for name, rail in BUILD.rails.items() if name != gone}
    before = {each.key: each for each in CapabilitiesService(BUILD).of_build().features}
    after = CapabilitiesService(Abilities(rails, PARKED, DECLINED)).of_build()
    parked = {each.key for each in after.features if each.kind == "parked"}
    assert {"ramp": "pay", "plaid": "bank-balances", "stripe": "collect"}[gone] in parked
    assert all(gone in before[key].rails for key in parked) and "payables" not in parked
    for key in parked:
        with pytest.raises(CapabilityParked, match="Waits for a rail that"):
            required(after, key)


def test_pages_say_what_cannot_be_done_on_them() -> None:
    view = CapabilitiesService(BUILD).of_build()
    console, tray = limits(view, "console"), limits(view, "tray")
    assert {"approve-in-ramp", "release-in-ramp", "bill-pay-of-quickbooks"} <= {each.key for each in console}
    assert {"vendor-accounts-in-ramp", "unlinked-accounts"} <= {each.key for each in tray}
    assert all("un-park" in each.words or "onnect" in each.words or "Waits" in each.words for each in (*console, *tray))
