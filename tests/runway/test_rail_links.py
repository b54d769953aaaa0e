"""How a client stands with each rail: in plain words, with the one act that mends it; one rail's trouble is its own."""

from datetime import timedelta

import pytest

from interlock.app.abilities import build_abilities
from interlock.domains.qbo.rail import QBORail
from interlock.infra.crypto import Vault, new_key
from interlock.kernel.errors import NotFound, Refused
from interlock.rails import connections, items, matrix, schedule
from interlock.rails.connections import Keys, sync_state
from interlock.rails.links import LinkedBank
from interlock.rails.parking import Abilities
from interlock.rails.reads import ReadsBankBalances, ReadsRailBills
from interlock.runway.desk import Desk
from interlock.runway.services.experiences.connections import ConnectionExperience
from interlock.runway.services.experiences.rail_links import RailLinkView
from tests.runway.conftest import ACTOR, ClientBooks, FirmBooks

_VAULT = Vault.from_text(new_key())
BESIDE = ("ramp", "plaid", "stripe")


class Pays(ReadsRailBills):
    """A paying rail's class, for its name."""


class Banks(ReadsBankBalances):
    """A bank rail's class, for its name."""


@pytest.fixture
def client(firm: FirmBooks) -> ClientBooks:
    taken = firm.take_on("Larkspur Bindery")
    taken.say()
    return taken


def link(client: ClientBooks, rail: str, *, read_minutes_ago: int | None = 5) -> None:
    now = client.firm.clock.now()
    with client.firm.database.writing(client.scope) as session:
        keys = Keys("name", "secret")
        connections.connect(
            session, client.scope, _VAULT, rail=rail, external_id=f"{rail}-1", grant=keys, now=now, actor=ACTOR
        )
        schedule.hasten(session, client.scope, rail, due_at=now + timedelta(minutes=20), reason="timetable")
        if read_minutes_ago is not None:
            state = sync_state(session, client.scope, rail)
            state.last_sync = now - timedelta(minutes=read_minutes_ago)
            session.add(state)


def login(client: ClientBooks, item_id: str, institution: str, trouble: str | None = None) -> None:
    now = client.firm.clock.now()
    with client.firm.database.writing(client.scope) as session:
        bank = LinkedBank(item_id, "access", "ins_1", institution, None)
        items.keep(session, client.scope, _VAULT, "plaid", bank, now, ACTOR)
        items.mark(session, client.scope, "plaid", item_id, trouble, now)


def experience(client: ClientBooks) -> ConnectionExperience:
    firm = client.firm
    rails = Abilities({"qbo": QBORail, **dict.fromkeys(BESIDE, Pays)})
    desk = Desk(firm.database, firm.clock, firm.sync_of, firm.firm_id, abilities=rails)
    with desk.reading(client.name) as at:
        return at.connections.get_connection_experience()


def links(client: ClientBooks) -> dict[str, RailLinkView]:
    return {each.rail: each for each in experience(client).connection.rails}


def test_every_rail_of_the_build_is_told_of_linked_or_not(client: ClientBooks) -> None:
    link(client, "ramp")
    found = links(client)
    assert list(found) == ["qbo", *BESIDE]
    assert (found["ramp"].short, found["ramp"].words, found["ramp"].mend) == ("✓", "Connected; read 5 min ago.", None)
    assert (found["stripe"].short, found["stripe"].words) == ("–", "Stripe is not connected.")
    assert (
        found["stripe"].mend is not None and found["stripe"].mend.command == "interlock connect stripe larkspur-bindery"
    )
    said = experience(client).say
    assert "Ramp is connected too." in said and "Not connected: Plaid and Stripe." in said


def test_one_rail_that_is_down_marks_its_own_part_and_leaves_the_rest(client: ClientBooks) -> None:
    link(client, "ramp")
    link(client, "stripe")
    now = client.firm.clock.now()
    with client.firm.database.writing(client.scope) as session:
        retry = now + timedelta(minutes=4)
        schedule.after_failure(session, client.scope, "ramp", now=now, trouble="Ramp did not answer.", retry_at=retry)
    found = links(client)
    assert (found["ramp"].state, found["ramp"].tone) == ("failing", "warn")
    assert found["ramp"].words == "The last reading failed: Ramp did not answer."
    assert found["ramp"].last_sync is not None, "what was read before is shown, and how old it is"
    assert (found["stripe"].state, found["qbo"].state) == ("connected", "connected")


def test_what_was_read_long_ago_is_old_though_nothing_failed(client: ClientBooks) -> None:
    link(client, "ramp", read_minutes_ago=60 * 30)
    link(client, "stripe", read_minutes_ago=None)
    found = links(client)
    assert (found["ramp"].short, found["ramp"].stale, found["ramp"].fresh) == ("old", True, "30 h ago")
    assert (found["stripe"].short, found["stripe"].words) == (
        "unread",
        "Connected; it is about to be read for the first time.",
    )


def test_a_key_that_is_refused_waits_for_a_person(client: ClientBooks) -> None:
    link(client, "stripe")
    with client.firm.database.writing(client.scope) as session:
        trouble = "Stripe refused the key; reconnect it with interlock connect stripe."
        connections.mark_trouble(session, client.scope, "stripe", trouble, client.firm.clock.now())
    found = links(client)["stripe"]
    assert (found.state, found.tone, found.short) == ("needs reconnect", "stop", "reconnect")
    assert found.words == "Stripe refused the key.", "the command stands beside it"
    assert found.mend is not None and found.mend.act == "connect" and found.next_due is None


def test_bank_logins_are_told_one_by_one_and_one_may_break_alone(client: ClientBooks) -> None:
    link(client, "plaid")
    login(client, "item-1", "First Platypus Bank")
    login(client, "item-2", "Tattersall Federal", "Tattersall Federal asks for the login again.")
    found = links(client)["plaid"]
    assert (found.state, found.tone, found.short) == ("needs login", "warn", "re-link")
    assert [(each.institution, each.works) for each in found.logins] == [
        ("First Platypus Bank", True), ("Tattersall Federal", False),
    ]  # fmt: skip
    assert found.mend is not None and (found.mend.act, found.mend.label) == ("relink", "Re-link Tattersall Federal")
    login(client, "item-1", "First Platypus Bank", "Asks for the login again.")
    assert links(client)["plaid"].tone == "stop", "no bank is left to be heard"


def test_features_follow_the_logins_under_a_link(client: ClientBooks) -> None:
    def state() -> str:
        with client.firm.database.reading(client.scope) as session:
            linked = matrix.links_of(session, client.scope, client.firm.clock.now())
        return matrix.verdict((ReadsBankBalances,), {"plaid": Banks}, linked).code

    assert state() == "connect:plaid"
    link(client, "plaid")
    login(client, "item-1", "First Platypus Bank")
    login(client, "item-2", "Tattersall Federal", "Asks for the login again.")
    assert state() == "live", "one bank is still heard"
    login(client, "item-1", "First Platypus Bank", "Asks for the login again.")
    assert state() == "off:re-link"
    with client.firm.database.writing(client.scope) as session:
        for item in ("item-1", "item-2"):
            items.remove(session, client.scope, "plaid", item, client.firm.clock.now(), ACTOR)
    assert state() == "connect:plaid"


def test_the_portfolio_marks_every_rail_of_every_client(firm: FirmBooks, client: ClientBooks) -> None:
    link(client, "plaid")
    login(client, "item-2", "Tattersall Federal", "Asks for the login again.")
    other = firm.take_on("Nightjar Cartage", "4620816365002")
    desk = Desk(firm.database, firm.clock, firm.sync_of, firm.firm_id, abilities=build_abilities())
    with desk.firm() as at:
        view = at.portfolio.get_portfolio_experience()
        connected = at.connections.get_connections_experience()
    rows = {row.business.name: {each.rail: each.short for each in row.rails} for row in view.clients}
    assert rows["Larkspur Bindery"]["plaid"] == "re-link" and rows["Larkspur Bindery"]["qbo"] == "✓"
    assert rows[other.business.name] == {
        "qbo": "unread",
        **{rail: "–" for rail in desk.capabilities.rails if rail != "qbo"},
    }
    assert view.banks and connected.connections[0].business.name == "Larkspur Bindery", "who needs a person comes first"
    assert connected.say.startswith("1 of 2 needs a person.")


def test_a_person_may_have_a_rail_read_now_whatever_pause_it_is_in(client: ClientBooks) -> None:
    link(client, "ramp")
    link(client, "stripe")
    now = client.firm.clock.now()
    with client.firm.database.writing(client.scope) as session:
        retry = now + timedelta(hours=4)
        schedule.after_failure(session, client.scope, "ramp", now=now, trouble="Ramp did not answer.", retry_at=retry)
        connections.mark_trouble(session, client.scope, "stripe", "Stripe refused the key.", now)
    desk = Desk(
        client.firm.database,
        client.firm.clock,
        client.firm.sync_of,
        client.firm.firm_id,
        abilities=Abilities({"qbo": QBORail, **dict.fromkeys(BESIDE, Pays)}),
    )
    with desk.writing(client.name) as at:
        assert at.connections.read_soon() == ("ramp",)
        assert at.connections.read_soon("ramp") == ("ramp",)
        with pytest.raises(NotFound, match="not connected to Plaid"):
            at.connections.read_soon("plaid")
        with pytest.raises(Refused, match="refused the key"):
            at.connections.read_soon("stripe")
    found = links(client)["ramp"]
    assert (found.next_due, found.failures) == (now, 0)
