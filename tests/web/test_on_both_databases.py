"""Every page and every answer on SQLite and on PostgreSQL, where the app owns nothing and sees its firm only."""

from pathlib import Path

from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.infra.db import Database
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import served

_SCREENS = ("tray", "console", "digest", "bills", "invoices", "aging", "log?verify=true")
_ANSWERS = ("tray", "console", "digest", "bills", "invoices", "balances", "aging/payables", "log", "log/verify")


def test_a_client_is_shown_held_and_synced(database: Database, sandbox: Sandbox, tmp_path: Path) -> None:
    house = house_over(database, sandbox, tmp_path)
    try:
        business, _ = take_on(house, sandbox.clients()[0])
        house.sync_of(business).sync()
        with served(create_app(house), local_token(house.settings.key_file)) as site:
            assert business.name.replace("&", "&amp;") in site.page("/").text
            for screen in _SCREENS:
                assert site.page(f"/b/{business.slug}/{screen}").status == 200, screen
            api = f"/api/v1/businesses/{business.slug}"
            for path in _ANSWERS:
                assert site.ask("GET", f"{api}/{path}").status == 200, path
            bill = site.ask("GET", f"{api}/console").json()["bills_ready"][0]
            held = site.ask(
                "POST", f"{api}/bills/{bill['id']}/annotation", headers=site.bearer(), body='{"hold_reason": "asked"}'
            )
            assert held.status == 200 and held.json()["blocked"] == "Held: asked", held.text
            assert site.page(f"/b/{business.slug}/bills/{bill['id']}").status == 200
            assert site.ask("POST", f"{api}/sync", headers=site.bearer(), body="{}").status == 200
    finally:
        house.close()
