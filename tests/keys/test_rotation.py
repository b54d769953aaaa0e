"""A new key seals everything, old ones still open; whoever runs meanwhile notices nothing; the log says it happened."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.rotation import Keys, forget_old, rotate, show_keys
from interlock.infra import translog
from interlock.infra.crypto import KeyBroken, Vault, new_key, write_key
from interlock.infra.db import Database
from interlock.kernel.errors import Refused
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.connections import Grant
from tests.support.at_once import at_once
from tests.support.schema import whole_schema
from tests.support.sealed import NOW, Office, settle_in


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return settle_in(database, tmp_path)


def shown(house: House) -> list[tuple[bool, int]]:
    return [(key.seals, key.values) for key in show_keys(house).keys]


def file_of(office: Office) -> list[str]:
    return office.settings.key_file.read_text().split()


def test_nothing_else_in_the_database_is_sealed() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in whole_schema().sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name not in {"raw", "digest", "compressed"}
        if table.name != "letter"  # as it was made and mailed, for its readers
    }
    assert found == {"connection.sealed", "connect_attempt.sealed", "installation.key_check", "linked_item.sealed"}, (
        "a new sealed column has to be sealed anew by app.rotation; then change this test"
    )


def test_a_rotation_seals_everything_with_a_new_key(office: Office) -> None:
    before = file_of(office)
    with open_house(office.settings) as house:
        assert shown(house) == [(True, 5)]
        done = rotate(house, actor="ana")
        assert done.values == 5
        assert shown(house) == [(True, 5), (False, 0)]
        assert show_keys(house).keys[0].fingerprint == done.fingerprint
        office.opens_everything(house)
    after = file_of(office)
    assert after[1:] == before, "the old key stays, to open what was made under it"
    assert after[0] not in before
    assert office.settings.key_file.stat().st_mode & 0o777 == 0o600
    with open_house(office.settings) as house:
        office.opens_everything(house)


def test_the_new_key_alone_opens_everything(office: Office, tmp_path: Path) -> None:
    with open_house(office.settings) as house:
        rotate(house, actor="ana")
    alone = replace(office.settings, key_file=tmp_path / "alone.key")
    write_key(alone.key_file, file_of(office)[0])
    with open_house(alone) as house:
        office.opens_everything(house)
    old_one = replace(office.settings, key_file=tmp_path / "old.key")
    write_key(old_one.key_file, file_of(office)[1])
    with pytest.raises(KeyBroken, match="not the one this database was sealed with"):
        open_house(old_one)


def test_a_key_can_be_brought_and_one_that_was_used_is_refused(office: Office) -> None:
    key = new_key()
    with open_house(office.settings) as house:
        first = file_of(office)[0]
        rotate(house, actor="ana", given=key)
        assert file_of(office)[0] == key
        for used in (key, first):
            with pytest.raises(Refused, match="in use already or was used before"):
                rotate(house, actor="ana", given=used)
        with pytest.raises(KeyBroken):
            rotate(house, actor="ana", given="not a key")
        office.opens_everything(house)
    assert file_of(office) == [key, first]


def test_a_process_that_runs_meanwhile_goes_on_and_seals_with_the_new_key(office: Office) -> None:
    scope = office.scopes[0]
    with open_house(office.settings) as running, open_house(office.settings) as other:
        rotate(other, actor="ana")
        office.opens_everything(running)
        with running.database.writing(scope) as session:
            connections.keep_grant(session, scope, running.vault, "qbo", Grant("RT-next"), NOW)
        assert shown(other) == [(True, 5), (False, 0)], "a process that was there before sealed with an old key"


def test_a_token_renewed_during_a_rotation_is_not_undone(office: Office) -> None:
    scope = office.scopes[0]
    with open_house(office.settings) as running, open_house(office.settings) as other:

        def work(number: int) -> None:
            for turn in range(10):
                if number:
                    rotate(other, actor="ana")
                else:
                    with running.database.writing(scope) as session:
                        connections.keep_grant(session, scope, running.vault, "qbo", Grant(f"RT-{turn}"), NOW)
                    with running.database.reading(scope) as session:
                        stands = connections.grant_of(session, scope, running.vault, "qbo")
                    assert stands == Grant(f"RT-{turn}")

        at_once(2, work)
        rotate(other, actor="ana")
        assert show_keys(other).left_behind == 0


def test_a_rotation_that_was_cut_off_is_ended_with_the_key_it_had_put_in_place(office: Office) -> None:
    path, key = office.settings.key_file, new_key()
    path.write_text("\n".join([key, *file_of(office)]) + "\n")  # the moment after the file, before the values
    with open_house(office.settings) as house:
        office.opens_everything(house)
        assert shown(house) == [(True, 0), (False, 5)]
        assert rotate(house, actor="ana").values == 5
        assert shown(house) == [(True, 5), (False, 0)]
    assert file_of(office)[0] == key, "no third key was made"


def test_each_firms_chain_says_it(office: Office) -> None:
    with open_house(office.settings) as house:
        done = rotate(house, actor="ana")
        firm = office.scopes[0].firm_id
        with house.database.reading(Scope(firm)) as session:
            lines = list(translog.lines(session, firm))
    last = lines[-1]
    assert (last.action, last.actor) == ("key.rotated", "ana")
    assert json.loads(last.body) == {"fingerprint": done.fingerprint, "old": list(done.old), "values": 5}
    assert translog.verify(lines)[1] == []
    for key in file_of(office):
        assert key not in last.body


def test_old_keys_are_forgotten_only_when_they_seal_nothing(office: Office) -> None:
    with open_house(office.settings) as house:
        rotate(house, actor="ana")
        (old,) = forget_old(house, actor="ana")
        assert len(file_of(office)) == 1
        assert forget_old(house, actor="ana") == ()
    with open_house(office.settings) as house:
        office.opens_everything(house)
        assert [key.fingerprint for key in show_keys(house).keys] != [old]
    path = office.settings.key_file
    path.write_text("\n".join([new_key(), *file_of(office)]) + "\n")
    with (
        open_house(office.settings) as house,
        pytest.raises(Refused, match="5 sealed values are still under an old key"),
    ):
        forget_old(house, actor="ana")


def test_keys_from_the_environment_are_changed_there_first(database: Database, tmp_path: Path) -> None:
    first, second = new_key(), new_key()
    office = settle_in(database, tmp_path, INTERLOCK_SECRET_KEY=first)
    with open_house(office.settings) as house, pytest.raises(Refused, match="INTERLOCK_OLD_SECRET_KEYS"):
        rotate(house, actor="ana")
    changed = replace(office.settings, secret_key=second, old_secret_keys=(first,))
    with open_house(changed) as house:
        office.opens_everything(house)
        assert rotate(house, actor="ana").values == 5
        found: Keys = show_keys(house)
        assert found.kept_in == "the environment"
        with pytest.raises(Refused, match="there"):
            forget_old(house, actor="ana")
    with open_house(replace(changed, old_secret_keys=())) as house:
        office.opens_everything(house)
    assert not office.settings.key_file.exists()


def test_a_disconnected_client_has_nothing_sealed_and_stands_in_nobodys_way(office: Office) -> None:
    with open_house(office.settings) as house:
        rotate(house, actor="ana")
        with house.database.reading(office.gone) as session:
            assert connections.find(session, office.gone, "qbo").sealed == b""


def test_keys_that_cannot_be_read_now_leave_a_running_process_with_those_it_has() -> None:
    def gone() -> Vault:
        raise KeyBroken("The secret key is missing.")

    vault = Vault.from_text(new_key(), follow=gone)
    assert vault.open(vault.seal(b"secret", "owner"), "owner") == b"secret"
