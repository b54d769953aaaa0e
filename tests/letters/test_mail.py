"""The mailer's word is exact: taken, certainly not taken, or nobody knows; and what is sent arrives as it was."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from interlock.infra.mail import MailNotTaken, MailServer, MailSetupBroken, MailUnknown, send
from tests.support.mail import CUT, TestServer, mail_server

SENDER, TO = "letters@firm.example", ("a@client.example", "b@client.example")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    with mail_server(Path(tmp_path_factory.mktemp("mail"))) as running:
        yield running


def message(text: str = "A line.\n") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Your cash", SENDER, ", ".join(TO)
    made.set_content(text, cte="8bit")
    return made


def test_lines_that_begin_with_dots_arrive_as_they_were(server: TestServer) -> None:
    text = ".\n..\n.hidden\nmiddle . dot\n…and “quotes”\n.\n"
    send(MailServer.of(server.url), message(text), SENDER, TO)
    assert server.messages()[-1].get_content().replace("\r\n", "\n") == text
    assert server.steps.count("to") == len(TO), "one conversation for all of them"


@pytest.mark.parametrize(
    ("step", "said", "outcome"),
    [
        ("greet", "554 not today", MailNotTaken),
        ("hello", CUT, MailNotTaken),
        ("from", "550 not you", MailNotTaken),
        ("to", "550 nobody", MailNotTaken),
        ("data", CUT, MailNotTaken),
        ("end", "451 later", MailNotTaken),
        ("end", CUT, MailUnknown),
    ],
)
def test_what_became_of_it_is_said_exactly(server: TestServer, step: str, said: str, outcome: type[Exception]) -> None:
    server.does = {step: said}
    try:
        with pytest.raises(outcome):
            send(MailServer.of(server.url), message(), SENDER, TO)
    finally:
        server.usual()


def test_nobody_there_is_certainly_not_taken() -> None:
    with pytest.raises(MailNotTaken, match="Nothing was sent"):
        send(MailServer.of("smtp://127.0.0.1:9"), message(), SENDER, TO)


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://a:b@h:x", "smtp://h/box"]
)
def test_an_address_that_is_none_says_how_it_is_written(url: str) -> None:
    with pytest.raises(MailSetupBroken, match="smtp://user:password@"):
        MailServer.of(url)


def test_a_password_never_goes_out_in_plain_text_but_to_this_machine() -> None:
    assert MailServer.of("smtp://u:p%40ss@mail.example.com").tls == "once"
    assert MailServer.of("smtps://u:p@mail.example.com") == MailServer("mail.example.com", 465, "start", "u", "p")
    assert MailServer.of("smtp://127.0.0.1:2525").tls == "none"
    assert "p%40ss" not in repr(MailServer.of("smtp://u:p%40ss@mail.example.com"))
