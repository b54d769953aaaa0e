"""A refreshed grant is saved before it is used; what can be saved is, and what is lost is said in plain words."""

from datetime import UTC, datetime, timedelta

import pytest

from interlock.infra.db.database import DatabaseBroken
from interlock.rails.connections import Grant
from interlock.rails.errors import Unauthorised, Unavailable
from tests.staying.desk import Desk, Shelf


class Died(BaseException):
    """The process ended here."""


def test_a_token_is_given_out_only_after_it_was_saved(desk: Desk) -> None:
    first = desk.shelf.grant.refresh_token
    token = desk.access(desk.tokens())
    assert desk.shelf.steps == ["alone", "keep", "done"]
    assert desk.shelf.grant.access_token == token
    assert desk.shelf.grant.refresh_token != first
    assert desk.access(desk.tokens()) == token, "a good one is not renewed"
    assert desk.told()["refreshes"] == 1


def test_how_long_a_grant_lasts_at_most_is_asked_for_and_kept(desk: Desk) -> None:
    desk.access(desk.tokens())
    grant, now = desk.shelf.grant, datetime.now(UTC)
    assert grant.hard_expires_at is not None
    assert grant.refresh_expires_at is not None
    assert timedelta(days=4 * 365) < grant.hard_expires_at - now < timedelta(days=6 * 365)
    assert timedelta(days=90) < grant.refresh_expires_at - now < timedelta(days=110)


@pytest.mark.parametrize("minutes", [-10, 10, -600])
def test_a_clock_that_differs_from_intuits_changes_nothing(desk: Desk, minutes: int) -> None:
    desk.shift = timedelta(minutes=minutes)
    for _ in range(3):
        client = desk.reads()
    assert desk.told()["refreshes"] == 1, "lifetimes count from our own asking, by our own clock"
    assert client.usage.calls == 1


def test_a_clock_set_right_in_between_costs_a_refresh_at_most(desk: Desk) -> None:
    desk.shift = timedelta(hours=-3)
    desk.reads()
    desk.shift = timedelta(hours=3)
    desk.reads()
    desk.shift = timedelta(0)
    desk.sandbox.fault("expire_tokens", realm=desk.realm_id)
    desk.reads()
    assert desk.told()["invalid_grants"] == 0


def test_a_database_that_fails_for_a_moment_costs_no_token(desk: Desk) -> None:
    desk.shelf.fails = [DatabaseBroken("The database is busy."), DatabaseBroken("The database is busy.")]
    token = desk.access(desk.tokens())
    assert desk.shelf.grant.access_token == token


def test_a_token_that_could_not_be_saved_is_not_used_and_not_forgotten(desk: Desk) -> None:
    desk.shelf.fails = [DatabaseBroken("The disk is full.") for _ in range(3)]
    tokens, before = desk.tokens(), desk.shelf.grant
    with pytest.raises(DatabaseBroken):
        desk.access(tokens)
    assert desk.shelf.grant == before
    token = desk.access(tokens)
    assert desk.shelf.grant.access_token == token
    assert desk.told()["refreshes"] == 1, "the first answer was saved after all"


def test_a_process_that_ends_before_it_could_save_loses_the_connection_and_says_so(desk: Desk) -> None:
    desk.shelf.fails = [Died()]
    with pytest.raises(Died):
        desk.access(desk.tokens())
    with pytest.raises(Unauthorised, match="our last renewal was cut off"):
        desk.access(desk.tokens())
    assert desk.shelf.trouble is not None
    assert "Reconnect the company with `interlock connect qbo`" in desk.shelf.trouble


def test_somebody_elses_refresh_of_the_same_grant_ends_ours(desk: Desk) -> None:
    desk.reads()
    desk.sandbox.fault("steal_tokens", realm=desk.realm_id)
    desk.reads()
    desk.sandbox.fault("expire_tokens", realm=desk.realm_id)
    with pytest.raises(Unauthorised, match="renewed elsewhere"):
        desk.reads()
    assert desk.shelf.trouble is not None


def test_a_grant_put_in_place_meanwhile_is_tried_before_giving_up(desk: Desk) -> None:
    """A person connects anew while we ask with the old token: ours is refused, theirs stands."""
    fresh = next(each for each in desk.sandbox.clients() if each.realm_id == desk.realm_id).refresh_token

    class Stale(Shelf):
        loads = 0

        def load(self) -> Grant:
            self.loads += 1
            return Grant("RT1-nobody-knows") if self.loads <= 2 else self.grant

    desk.shelf = Stale(Grant(fresh))
    token = desk.access(desk.tokens())
    assert desk.shelf.grant.access_token == token
    assert desk.shelf.trouble is None


def test_a_sign_in_that_is_down_for_a_moment_is_asked_again(desk: Desk) -> None:
    desk.sandbox.fault("server_error", path="/oauth2", count=2, status=503)
    pauses: list[float] = []
    desk.reads(pauses)
    assert len(pauses) == 2
    desk.sandbox.fault("server_error", path="/oauth2", status=503)
    desk.sandbox.fault("expire_tokens", realm=desk.realm_id)
    with pytest.raises(Unavailable, match="sign-in answered 503"):
        desk.reads([])
    assert desk.shelf.trouble is None, "being down is no reason to ask a person for anything"


@pytest.mark.parametrize("answer", ["nothing", "half"])
def test_an_answer_lost_on_its_way_is_asked_for_again_with_the_token_we_have(desk: Desk, answer: str) -> None:
    """Where Intuit changes the value daily, the old one is still good; where it changed, a person has to reconnect."""
    desk.sandbox.control("POST", "tokens", {"rotation": "daily"})
    kind = "drop" if answer == "nothing" else "cut_after_commit"
    desk.sandbox.fault(kind, path="/oauth2", count=1)
    desk.reads([])
    assert desk.shelf.trouble is None
