"""An installation that can't work says so in one sentence, names what mends it, and is left as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import Settings, read_settings
from interlock.domains.firm.models import Installation
from interlock.infra.crypto import KeyBroken, Vault, new_key
from interlock.infra.db import DatabaseBroken, open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.errors import Refused, SetupBroken
from interlock.kernel.scope import SystemScope
from tests.support.postgres import PostgresServer
from tests.support.unprivileged import read_only

SELF = SystemScope("tests look at the installation")


def settings_for(folder: Path, **more: str) -> Settings:
    return read_settings({"INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}", **more})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A working installation, closed again."""
    made = settings_for(tmp_path / "data")
    open_house(made).close()
    return made


def refusal(settings: Settings, kind: type[SetupBroken]) -> str:
    """What opening says; a sentence for a person, without a traceback's or a driver's words."""
    with pytest.raises(kind) as raised:
        open_house(settings)
    sentence = raised.value.sentence
    assert "\n" not in sentence
    assert not {"sqlite3", "psycopg", "Traceback", "sqlalche"} & set(sentence.replace(".", " ").split())
    return sentence


def set_revision(settings: Settings, value: str) -> None:
    database = open_database(settings.database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{value}'")
    database.close()


def test_a_new_folder_becomes_an_installation_and_opens_again(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "new" / "folder")
    open_house(settings).close()
    key = settings.key_file.read_text()
    with open_house(settings) as house:
        assert isinstance(house, House)
    assert settings.key_file.read_text() == key
    assert settings.key_file.stat().st_mode & 0o777 == 0o600


def test_the_wrong_key_is_known_at_once(settings: Settings) -> None:
    settings.key_file.write_text(new_key())
    assert "not the one this database was sealed with" in refusal(settings, KeyBroken)
    assert "INTERLOCK_SECRET_KEY" in refusal(
        settings_for(settings.key_file.parent, INTERLOCK_SECRET_KEY=new_key()), KeyBroken
    )


def test_a_lost_key_is_asked_for_and_no_other_is_made_in_its_place(settings: Settings) -> None:
    settings.key_file.unlink()
    said = refusal(settings, KeyBroken)
    assert "missing" in said
    assert str(settings.key_file) in said
    assert not settings.key_file.exists(), "a new key would hide that the old one is lost"


@pytest.mark.parametrize("content", [b"", b"half a k", b"not base64 at all!", b"\xff\xfe\x00" * 20, b"QUJD\n"])
def test_a_damaged_key_is_called_that(settings: Settings, content: bytes) -> None:
    settings.key_file.write_bytes(content)
    assert "secret key" in refusal(settings, KeyBroken)
    assert settings.key_file.read_bytes() == content


def test_a_malformed_key_in_the_environment_makes_no_installation(tmp_path: Path) -> None:
    refusal(settings_for(tmp_path, INTERLOCK_SECRET_KEY="hunter2"), KeyBroken)
    key = new_key()
    with open_house(settings_for(tmp_path, INTERLOCK_SECRET_KEY=key)) as house:
        assert house.vault.key_id == Vault.from_text(key).key_id, "the good key may still found it"


def test_a_folder_in_the_keys_place_is_said(settings: Settings) -> None:
    settings.key_file.unlink()
    settings.key_file.mkdir()
    assert "can't be read" in refusal(settings, KeyBroken)


def test_a_database_of_a_newer_interlock_is_left_alone(settings: Settings) -> None:
    set_revision(settings, "from_the_future")
    assert "newer Interlock" in refusal(settings, DatabaseBroken)


def test_a_database_of_an_older_interlock_waits_for_the_command_that_upgrades_it(settings: Settings) -> None:
    set_revision(settings, "firm_and_log")
    assert "run `interlock db upgrade`" in refusal(settings, DatabaseBroken)


def test_a_file_that_is_no_database_is_called_that_and_kept(settings: Settings) -> None:
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    path.write_bytes(b"These are last year's letters. " * 400)
    before = path.read_bytes()
    assert "is not a database" in refusal(settings, DatabaseBroken)
    assert path.read_bytes() == before


def test_a_database_cut_short_is_called_damaged(settings: Settings) -> None:
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    os.truncate(path, path.stat().st_size // 2)
    assert "damaged" in refusal(settings, DatabaseBroken)


def test_a_folder_in_the_databases_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "interlock.db").mkdir()
    assert "can't be opened" in refusal(settings_for(tmp_path), DatabaseBroken)


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert "folder can't be made" in refusal(settings_for(tmp_path / "data"), DatabaseBroken)


def test_a_folder_we_may_not_write_is_said_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with read_only(folder):
        assert "can't be opened" in refusal(settings_for(folder), DatabaseBroken)
    assert list(folder.iterdir()) == []


def test_a_database_we_may_not_write_says_so_at_the_first_change(settings: Settings) -> None:
    with read_only(settings.key_file.parent):
        said = first_change(settings)
    assert "read-only; nothing was changed" in said or "can't be opened" in said


def first_change(settings: Settings) -> str:
    database = open_database(settings.database_url)
    with pytest.raises(DatabaseBroken) as raised, database.writing(SELF) as session:
        session.get_one(Installation, 1).clock_offset_seconds = 5
    database.close()
    return raised.value.sentence


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://books", "not in mysql"),
        ("letters", "not an address of a database"),
        ("postgresql://localhost:port/books", "not an address of a database"),
        ("sqlite://", "needs a database file"),
        ("sqlite:///:memory:", "needs a database file"),
        ("postgresql://ana:hunter2@127.0.0.1:1/books", "did not answer"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    sentence = refusal(read_settings({"INTERLOCK_DATABASE_URL": url, "HOME": str(tmp_path)}), SetupBroken)
    assert said in sentence
    assert "hunter2" not in sentence


def test_an_empty_server_database_waits_for_its_owner_and_the_apps_role_may_not_upgrade_it(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    owner = postgres.owner_database()
    settings = read_settings({"INTERLOCK_DATABASE_URL": owner, "HOME": str(tmp_path)})
    assert "run `interlock db upgrade`" in refusal(settings, DatabaseBroken)
    postgres.migrated_database()  # makes the app's role
    app = open_database(
        owner.replace("://postgres:", "://interlock_tests:").replace("://postgres@", "://interlock_tests@")
    )
    assert app.url.username == "interlock_tests"
    with pytest.raises(DatabaseBroken, match="database's owner"):
        upgrade(app)
    app.close()
    assert not (tmp_path / ".local").exists(), "nothing is made for an installation that can't work yet"


@pytest.mark.parametrize(
    "url", ["http://sandbox.example:80/clock", "http://10.0.0.7/clock", "http://localhost.example/"]
)
def test_a_demo_clock_on_another_machine_is_not_followed(settings: Settings, url: str) -> None:
    database = open_database(settings.database_url)
    with database.writing(SELF) as session:
        row = session.get_one(Installation, 1)
        row.demo, row.clock_url = True, url
    database.close()
    with pytest.raises(Refused, match="this machine only"):
        open_house(settings)


def test_the_last_known_demo_time_stands_while_the_sandbox_is_down(settings: Settings) -> None:
    database = open_database(settings.database_url)
    with database.writing(SELF) as session:
        row = session.get_one(Installation, 1)
        row.demo, row.clock_url, row.clock_offset_seconds = True, "http://127.0.0.1:1/clock", 86_400 * 30
    database.close()
    with open_house(settings) as house, house.database.reading(SELF) as session:
        kept = session.get_one(Installation, 1)
        assert 29 < (house.clock.now() - kept.created_at).days < 31


def test_processes_that_open_a_new_installation_at_once_share_one_key(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    code = "from interlock.app.opening import open_house; from interlock.app.settings import read_settings\n"
    code += "open_house(read_settings()).close()"
    environment = {**os.environ, "INTERLOCK_DATABASE_URL": settings.database_url}
    processes = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, "\n".join(said)
    open_house(settings).close()
