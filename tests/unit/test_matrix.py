"""What a business can have is read off classes, links and switches, and the worst need decides."""

from typing import Protocol

import pytest

from interlock.domains.qbo.rail import QBORail
from interlock.rails import moves
from interlock.rails.features import FEATURES
from interlock.rails.matrix import Link, verdict
from interlock.rails.parking import Abilities
from interlock.rails.reads import ReadsBills, ReadsRailBills
from interlock.rails.records import RecordsBillPayments
from interlock.runway.services.experiences.capabilities import CapabilitiesService

RAILS = {"qbo": QBORail}
LINKED = {"qbo": Link("connected", records=False)}


@pytest.mark.parametrize(
    ("links", "needs", "code"),
    [
        ({}, (ReadsBills,), "connect:qbo"),
        (LINKED, (ReadsBills,), "live"),
        ({"qbo": Link("expiring", records=False)}, (ReadsBills,), "live"),
        ({"qbo": Link("expired", records=False)}, (ReadsBills,), "off:reconnect"),
        ({"qbo": Link("needs reconnect", records=True)}, (RecordsBillPayments,), "off:reconnect"),
        ({"qbo": Link("disconnected", records=False)}, (ReadsBills,), "connect:qbo"),
        (LINKED, (RecordsBillPayments,), "off:recording"),
        ({"qbo": Link("connected", records=True)}, (RecordsBillPayments,), "live"),
        (LINKED, ("PaysBills",), "parked:PaysBills"),
        ({}, (ReadsBills, "PaysBills"), "parked:PaysBills"),
        (LINKED, (ReadsBills, RecordsBillPayments), "off:recording"),
        (LINKED, (), "live"),
    ],
)
def test_the_worst_need_decides(links: dict[str, Link], needs: tuple[type | str, ...], code: str) -> None:
    assert verdict(needs, RAILS, links).code == code


class PaysBills(Protocol):
    """As a rail's own capability will be called."""


class PayingRail(PaysBills):
    """A rail that this build doesn't have."""


def test_the_day_a_class_inherits_it_the_feature_is_no_longer_parked() -> None:
    rails = {**RAILS, "payer": PayingRail}
    needs = (ReadsBills, "PaysBills")
    assert verdict(needs, rails, LINKED).code == "connect:payer"
    assert verdict(needs, rails, {**LINKED, "payer": Link("connected", records=False)}).code == "live"


def test_a_rail_linked_to_read_only_instructs_nothing_until_it_is_linked_again() -> None:
    class Payer(moves.PaysBills, ReadsRailBills):
        """A rail that can pay."""

    reads_only = {"payer": Link("connected", records=False, only_reads=True)}
    assert verdict((moves.PaysBills,), {"payer": Payer}, reads_only).code == "off:scopes"
    assert verdict((ReadsRailBills,), {"payer": Payer}, reads_only).code == "live"


def test_a_second_rail_that_works_makes_up_for_one_that_does_not() -> None:
    class OtherLedger(ReadsBills):
        pass

    rails = {"qbo": QBORail, "other": OtherLedger}
    links = {"qbo": Link("expired", records=False), "other": Link("connected", records=False)}
    assert verdict((ReadsBills,), rails, links).code == "live"


def test_quickbooks_moves_no_money_in_any_feature() -> None:
    view = CapabilitiesService(Abilities(RAILS)).of_build()
    parked = {each.key for each in view.features if each.kind == "parked"}
    assert {"pay", "collect", "cash-path", "witnesses"} <= parked
    assert len({each.key for each in FEATURES}) == len(FEATURES)
