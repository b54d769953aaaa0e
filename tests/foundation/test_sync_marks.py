"""Where a sync says it stands is where it stands: whatever is interrupted, slow or too much, no change slips past its mark."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.services.sync_service import QBOSyncService
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.kernel.scope import Scope
from interlock.rails.connections import sync_state
from interlock.rails.errors import Unavailable
from interlock.rails.facts import Fact, Preferences, Term, Vendor
from interlock.rails.mirror import ComposedMirror
from tests.support.ledger_in_memory import Hands, LedgerInMemory
from tests.support.proofs import AlwaysTies

BOOKS = Scope("firm_a", "biz_alder")


class Story:
    """A business, its ledger in memory with three terms and three vendors, and the sync between them."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self.database = database
        self.clock = Hands()
        self.ledger = LedgerInMemory(self.clock, most=20)
        self.ledger.write(Term, "t1", "t2", "t3")
        self.ledger.write(Vendor, "v1", "v2", "v3")
        self.mirror = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
        self.service = QBOSyncService(
            "biz_alder",
            database,
            firm_id="firm_a",
            home_currency="USD",
            time_zone="UTC",
            opens=lambda: self.ledger,
            mirror=self.mirror,
            transport=transport,
            clock=self.clock,
        )

    def days_pass(self, days: float) -> None:
        self.clock.at += timedelta(days=days)

    def kept(self, kind: type[Fact]) -> list[str]:
        with self.database.reading(BOOKS) as session:
            return [row.id for row in self.mirror.rows(session, BOOKS, kind)]

    def last_full(self) -> object:
        with self.database.reading(BOOKS) as session:
            return sync_state(session, BOOKS, RAIL).last_full

    def company_name(self) -> object:
        with self.database.reading(BOOKS) as session:
            (settings,) = self.mirror.rows(session, BOOKS, Preferences)
            return settings.company_name

    def interrupted(self, down: type[Fact], *, full: bool = False) -> None:
        """A sync that gets as far as listing ``down`` and no farther."""
        self.ledger.down = {down}
        with pytest.raises(Unavailable):
            self.service.sync(full=full)
        self.ledger.down = set()
        self.ledger.listed.clear()


@pytest.fixture
def story(sqlite_database: Database) -> Iterator[Story]:
    transport = Transport()
    yield Story(sqlite_database, transport)
    transport.close()


def test_a_first_sync_lists_and_later_ones_follow(story: Story) -> None:
    assert story.service.sync().mode == "full"
    story.days_pass(1)
    story.ledger.write(Term, "t4")
    story.ledger.delete(Vendor, "v2")
    story.ledger.listed.clear()
    assert story.service.sync().mode == "changes"
    assert (story.kept(Term), story.kept(Vendor)) == (["t1", "t2", "t3", "t4"], ["v1", "v3"])
    assert story.ledger.listed == []


def test_what_changes_while_another_kinds_changes_are_too_many_is_not_lost(story: Story) -> None:
    """Asking kind by kind may take minutes when Intuit throttles; a kind asked early must not be forgotten meanwhile."""
    story.service.sync()
    story.days_pass(1)
    story.ledger.write(Vendor, *[f"v{number}" for number in range(10, 60)])
    story.ledger.slowness = timedelta(seconds=30)
    story.ledger.after_changes_of[Term] = lambda: story.ledger.write(Term, "t-late")
    story.service.sync()
    story.ledger.slowness = timedelta(0)
    story.days_pass(1)
    story.service.sync()
    assert "t-late" in story.kept(Term), "the mark jumped over a change nobody had brought in"
    assert len(story.kept(Vendor)) == 53


@pytest.mark.parametrize("full", [False, True], ids=["changes", "full"])
def test_a_company_that_changes_its_name_is_known_by_the_new_one(story: Story, full: bool) -> None:
    story.service.sync()
    story.days_pass(1)
    story.ledger.rename("Alder Supply of Maine")
    story.service.sync(full=full)
    assert story.company_name() == "Alder Supply of Maine", "its name is in CompanyInfo, not among the preferences"


def test_settings_that_change_while_changes_are_too_many_are_read_all_the_same(story: Story) -> None:
    story.service.sync()
    story.days_pass(1)
    story.ledger.write(Vendor, *[f"v{number}" for number in range(10, 29)])
    story.ledger.write(Term, "t4")
    story.ledger.rename("Alder Supply of Maine")
    story.service.sync()
    assert story.company_name() == "Alder Supply of Maine"


def test_a_listing_of_one_kind_that_was_interrupted_is_no_full_sync(story: Story) -> None:
    story.service.sync()
    before = story.last_full()
    story.days_pass(1)
    story.ledger.write(Vendor, *[f"v{number}" for number in range(10, 60)])
    story.interrupted(Vendor)
    assert story.service.sync().mode == "changes"
    assert set(story.ledger.listed) == {Vendor}
    assert story.last_full() == before
    assert len(story.kept(Vendor)) == 53


def test_who_asks_for_a_full_sync_gets_one_whatever_was_interrupted(story: Story) -> None:
    story.service.sync()
    story.days_pass(1)
    story.ledger.write(Vendor, *[f"v{number}" for number in range(10, 60)])
    story.interrupted(Vendor)
    assert story.service.sync(full=True).mode == "full"
    assert {Term, Vendor} <= set(story.ledger.listed)


def test_an_interrupted_first_listing_goes_on_where_it_stood(story: Story) -> None:
    story.interrupted(Vendor)
    assert story.kept(Term) == ["t1", "t2", "t3"]
    story.days_pass(1)
    story.ledger.delete(Term, "t2")
    assert story.service.sync().mode == "full"
    assert Term not in story.ledger.listed, "what is listed whole is not listed twice"
    assert (story.kept(Term), story.kept(Vendor)) == (["t1", "t3"], ["v1", "v2", "v3"])


@pytest.mark.parametrize("had_synced", [False, True], ids=["the first", "a later one"])
def test_a_listing_left_alone_for_longer_than_changes_are_kept_begins_anew(story: Story, had_synced: bool) -> None:
    if had_synced:
        story.service.sync()
    story.interrupted(Vendor, full=True)
    story.days_pass(3)
    story.ledger.delete(Term, "t2")
    story.days_pass(37)
    assert story.service.sync().mode == "full"
    assert Term in story.ledger.listed
    assert story.kept(Term) == ["t1", "t3"], "the deletion is too old for the ledger to tell; only a listing shows it"


def test_a_gap_longer_than_changes_are_kept_is_closed_by_listing(story: Story) -> None:
    story.service.sync()
    story.days_pass(3)
    story.ledger.delete(Term, "t2")
    story.days_pass(37)
    assert story.service.sync().mode == "full"
    assert story.kept(Term) == ["t1", "t3"]
