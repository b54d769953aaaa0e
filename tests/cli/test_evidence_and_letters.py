"""At a terminal: a payment's evidence written and checked on a machine that has nothing, and the letter on paper and by mail."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.mail import mail_server


@pytest.fixture(scope="module")
def client(office: Terminal) -> str:
    """A client with an owner who decides and gets its letter."""
    slug: str = office.run("portfolio", "--json").json()["clients"][0]["business"]["slug"]
    office.run("people", "add", "iris", "Iris Fenwick", "--client")
    office.run("people", "grant", slug, "iris", "client_owner")
    policy = office.folder / "policy.toml"
    policy.write_text('[digest]\nday = "fri"\nto = ["iris@owner.example"]\n')
    office.run("policy", "set", str(policy), "--business", slug, "--reason", "letters", "--as", "iris")
    return slug


def approved(office: Terminal, client: str) -> str:
    """The id of a payment that the owner approved."""
    groups = office.run("console", client, "--json").json()["groups"]
    bills = [bill for group in groups for bill in group["bills"]]
    free = [each for each in bills if not each["blocked"] and not each["foreign"] and not each["credits"]]
    bill = min((each for each in free if not each["intents"]), key=lambda each: float(each["balance"]["amount"]))
    made = office.run("approve", client, bill["id"], "--as", "iris", "--acknowledge", "--json").json()
    intent_id: str = made["subjects"][0]["intent_id"]
    return intent_id


def test_evidence_is_checked_where_there_is_no_installation(office: Terminal, client: str, tmp_path: Path) -> None:
    intent, file = approved(office, client), tmp_path / "evidence.json"
    anchors = tmp_path / "anchors"
    office.run("log", "anchor", client, "--to", str(anchors))
    said = office.run("evidence", client, intent, "--out", str(file)).out
    assert "interlock evidence verify" in said
    assert "exists already" in office.refused("evidence", client, intent, "--out", str(file))
    bare = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "nobody"),
        "INTERLOCK_DATABASE_URL": "postgresql://nowhere.invalid/x",
    }
    command = [sys.executable, "-m", "interlock", "evidence", "verify", str(file), "--anchors", str(anchors)]
    done = subprocess.run(command, capture_output=True, text=True, env=bare, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 verdict of the guardrail: computed again, the same." in done.stdout
    assert "1 anchored head" in done.stdout and "holds" in done.stdout
    assert not (tmp_path / "nobody").exists(), "nothing is made where a file is only checked"
    told = json.loads(file.read_text())
    told["amount_minor"] += 1
    file.write_text(json.dumps(told))
    broken = office.run("evidence", "verify", str(file), "--json", expect=1).json()
    assert broken["holds"] is False and any("seal" in each for each in broken["broken"])


def test_the_letter_on_paper_and_by_mail_once(office: Terminal, client: str, tmp_path: Path) -> None:
    paper = tmp_path / "letter.pdf"
    office.run("digest", client, "--pdf", str(paper))
    assert paper.read_bytes().startswith(b"%PDF-")
    assert "Mail is not set up" in office.refused("digest", client, "--send")
    with mail_server(tmp_path / "mail") as server:
        office.environment |= {"INTERLOCK_SMTP_URL": server.url, "INTERLOCK_MAIL_FROM": "letters@firm.example"}
        try:
            for _ in range(2):
                assert "taken by the mail server for iris@owner.example" in office.run("digest", client, "--send").out
            assert len(server.messages()) == 1, "sent twice by asking twice"
            assert "nothing was sent now" in office.run("digest", client, "--send").out
            office.run("digest", client, "--send", "--again")
            sent = office.run("digest", client, "--send", "--another", "A fee was missing", "--json").json()
            assert sent["now"] and sent["number"] == 2
        finally:
            for name in ("INTERLOCK_SMTP_URL", "INTERLOCK_MAIL_FROM"):
                del office.environment[name]
        first, again, another = server.messages()
    assert first["To"] == "iris@owner.example" and first["Message-ID"] == again["Message-ID"]
    assert "(letter 2 of this week)" in another["Subject"] and another["Message-ID"] != first["Message-ID"]
    assert "was taken by the mail server for 1 person" in office.run("digest", client).out
