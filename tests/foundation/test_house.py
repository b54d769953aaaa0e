"""What the house shares, it shares once."""

from pathlib import Path
from typing import Protocol

from interlock.app.opening import open_house
from interlock.app.settings import read_settings
from interlock.domains.qbo.mapper import RAIL
from interlock.rails.reads import ReadsBills


class PaysBills(Protocol):
    """A capability that no rail of this build has."""

    async def pay(self, bill_id: str) -> None: ...


def test_rails_of_one_realm_share_its_pace_and_other_realms_have_their_own(tmp_path: Path) -> None:
    with open_house(read_settings({"INTERLOCK_DATABASE_URL": f"sqlite:///{tmp_path / 'interlock.db'}"})) as house:
        assert house.pacer_of("123") is house.pacer_of("123"), (
            "Intuit counts by realm, so two rails must not get double"
        )
        assert house.pacer_of("123") is not house.pacer_of("456")


def test_the_qbo_rail_is_known_by_what_its_class_inherits(tmp_path: Path) -> None:
    with open_house(read_settings({"INTERLOCK_DATABASE_URL": f"sqlite:///{tmp_path / 'interlock.db'}"})) as house:
        assert house.registry.able(ReadsBills) == [RAIL]
        assert house.registry.able(PaysBills) == [], "QuickBooks can't pay a bill, so no list may say so"
