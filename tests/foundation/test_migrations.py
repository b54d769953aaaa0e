"""Migrations make exactly the models' schema, whole or not at all, and guard the log from the first one on."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

import interlock.infra.db.migrations
from interlock.infra.db import Database, DatabaseBroken
from interlock.infra.db.migrate import differences, newest, require_newest, revision, upgrade
from tests.support.log_attacks import attacks_on, refused, write_a_line
from tests.support.schema import whole_schema

SCRIPTS = Path(interlock.infra.db.migrations.__file__).parent


def upgrade_to(database: Database, wanted: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)


def revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]


def test_migrations_make_exactly_what_the_models_say(empty_database: Database) -> None:
    assert upgrade(empty_database) is True
    found = differences(empty_database, whole_schema())
    assert found == [], "write a migration for what the models say and the schema does not"


def test_upgrading_again_changes_nothing(empty_database: Database) -> None:
    assert revision(empty_database) is None
    upgrade(empty_database)
    assert upgrade(empty_database) is False
    require_newest(empty_database)
    assert revision(empty_database) == newest() == revisions()[-1]


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_database: Database) -> None:
    with empty_database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE journal_entry (in_the_way INTEGER)")
    with pytest.raises((DBAPIError, DatabaseBroken), match="journal_entry"):
        upgrade(empty_database)
    with empty_database.engine.connect() as connection:
        left = set(inspect(connection).get_table_names())
    assert left == {"journal_entry"}, "a half-made schema would be neither upgradable nor usable"


def test_two_processes_that_upgrade_at_once_both_succeed(empty_database: Database) -> None:
    code = "import sys; from interlock.infra.db import open_database; from interlock.infra.db.migrate import upgrade\n"
    code += "upgrade(open_database(sys.argv[1]))"
    url = empty_database.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], "\n".join(said)
    assert revision(empty_database) == newest()


def test_the_log_refuses_every_change_after_each_migration(empty_database: Database) -> None:
    guarded = 0
    for step in revisions():
        upgrade_to(empty_database, step)
        with empty_database.engine.connect() as connection:
            if not inspect(connection).has_table("translog"):
                continue
        guarded += 1
        before = write_a_line(empty_database, chain=f"after_{step}"[:40])
        for name, attack in attacks_on(empty_database, chain=f"after_{step}"[:40]):
            with empty_database.engine.begin() as connection, refused(f"{name}, after migration {step},"):
                connection.exec_driver_sql(attack)
        with empty_database.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT * FROM translog ORDER BY chain").all() == before, f"after {step}"
    assert guarded == len(revisions()), "the log is there from the first migration on"
