"""Collected payments, where they are kept and a person's word: on the page, in the API and at a terminal, the same."""

import json
import re
from typing import Any

from typer.testing import CliRunner

from interlock.app.cli.commands import app
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.recording_receipts.till import Till
from tests.support.commands import environment_of
from tests.web.serving import Answer, Served, served


def send(site: Served, method: str, path: str, body: dict[str, Any], who: str | None = None) -> Answer:
    headers = {**site.bearer(), **({"Interlock-Person": who} if who else {})}
    return site.ask(method, path, headers=headers, body=json.dumps(body))


def test_a_payment_waits_for_a_person_and_is_entered_at_their_word(till: Till) -> None:
    asked = till.asks("500.00", first="100.00")
    till.pays(asked)
    till.sync()
    till.enters(asked, "97.10")
    till.house.sync_of(till.client.business).sync()
    till.work()
    slug, record = till.client.business.slug, till.written(asked).record_id
    environment = environment_of(till.house.settings)
    person = till.person("bookkeeper")
    with served(create_app(till.house), local_token(till.house.settings.key_file)) as at:
        shown = at.ask("GET", f"/api/v1/businesses/{slug}/receipts").json()
        page = at.page(f"/b/{slug}/receipts").text
        tray = at.page(f"/b/{slug}/tray").text
        path = f"/api/v1/businesses/{slug}/receipts/{record}"
        nobody = send(at, "POST", path, {"says": "enter_anyway"})
        word = send(at, "POST", path, {"says": "perhaps"}, person)
        done = send(at, "POST", path, {"says": "enter_anyway"}, person)
        again = send(at, "POST", path, {"says": "again"}, person)
    (row,) = [each for each in shown["receipts"] if each["record_id"] == record]
    assert row["acts"] == ["again", "enter_anyway", "leave"] and "97.10" in row["why"]
    assert record in page and "Enter it all the same" in page
    assert re.search(r"\d+ payments? waits? for you", page), "other tests' payments may wait here as well"
    assert "X21" in tray, "the tray doesn't say that a payment waits"
    assert (nobody.status, word.status, done.status, again.status) == (403, 422, 200, 403)
    till.work()
    assert till.written(asked).state == "recorded" and len(till.in_books(asked)) == 2
    told = CliRunner().invoke(app, ["receipts", slug, "--json"], env=environment)
    assert told.exit_code == 0, told.output
    assert {each["record_id"]: each["state"] for each in json.loads(told.stdout)["receipts"]}[record] == "recorded"
    on_paper = CliRunner().invoke(app, ["receipts", slug], env=environment)
    assert on_paper.exit_code == 0 and "in QuickBooks" in on_paper.stdout


def test_accounts_are_chosen_and_one_that_cannot_be_it_is_refused(till: Till) -> None:
    slug, person = till.client.business.slug, till.person("bookkeeper")
    with served(create_app(till.house), local_token(till.house.settings.key_file)) as at:
        path = f"/api/v1/businesses/{slug}/receipts/accounts"
        shown = send(
            at, "PUT", path, {"clearing_account_id": till.clearing, "fee_account_id": till.fees}, person
        ).json()
        wrong = send(at, "PUT", path, {"clearing_account_id": till.fees}, person)
        viewer = send(at, "PUT", path, {"clearing_account_id": None}, till.person("client_viewer"))
        after = at.ask("GET", f"/api/v1/businesses/{slug}/receipts").json()
    assert shown["clearing"]["id"] == till.clearing and shown["fees"]["id"] == till.fees and shown["ready"]
    assert wrong.status == 422 and "hold what Stripe owes" in wrong.json()["message"]
    assert viewer.status == 403
    assert (after["clearing"]["id"], after["fees"]["id"]) == (till.clearing, till.fees), "a refused choice was kept"
    assert not {"Undeposited Funds"} & {each["name"] for each in after["clearing_choices"]}
    environment = environment_of(till.house.settings)
    taken_back = CliRunner().invoke(app, ["receipts", "accounts", slug, "--as", person, "--json"], env=environment)
    assert taken_back.exit_code == 0 and json.loads(taken_back.stdout)["clearing"] is None
