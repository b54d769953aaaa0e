"""A person links a bank at Plaid's page, and what the bank says comes in."""

from tests.rails.plaid.at_the_bank import agree, leave
from tests.rails.plaid.conftest import Takes


def test_a_bank_linked_at_plaids_page_is_read(takes: Takes) -> None:
    client = takes(0)
    link = client.link()
    assert link.standing == "connected", f"linking ended as {link.standing}: {link.said}"
    report = client.sync.sync()

    (login,) = client.logins()
    there = client.logins_there[0]
    assert (login.institution, login.state) == (there["institution"], "working")
    assert login.cursor, "the final cursor is kept with the lines"
    assert {each.mask for each in client.accounts()} == {each["mask"] for each in there["accounts"]}
    truth = [line for lines in client.truth().values() for line in lines]
    assert len(client.lines()) == len(truth), f"the bank has {len(truth)} lines; problems: {report.problems}"
    assert client.sync.freshness().words == "just now"


def test_money_in_is_positive_and_what_a_card_owes_is_negative(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()

    ids = client.there(client.logins()[0].item_id)["accounts"]
    truth = client.truth()
    for bank_id, ours in ids.items():
        held = [line.amount_minor for line in client.lines() if line.account_id == ours]
        said = [line["amount_minor"] for line in truth.get(bank_id, [])]
        assert sum(held) == sum(said), f"account {bank_id}: the bank's own sum is {sum(said)}, ours {sum(held)}"
    card = next(each for each in client.accounts() if each.kind == "credit")
    bank = client.sandbox.control("GET", f"bank/{client.realm_id}/accounts")["accounts"]
    owed = next(each for each in bank if each["mask"] == card.mask)
    assert card.current_minor == -owed["current_minor"], f"the card owes {owed['current_minor']}"


def test_a_page_left_brings_nothing_and_may_be_begun_again(takes: Takes) -> None:
    client = takes(1)
    begun = client.banks.begin(client.business.slug, actor="a test")
    assert begun.url is not None and client.banks.finish(begun.link_id).standing == "waiting"
    leave(begun.url)
    left = client.banks.finish(begun.link_id)
    assert left.standing == "denied" and client.logins() == []
    assert "bank.linked" not in client.actions()
    assert client.link().standing == "connected"


def test_the_browser_that_comes_back_finishes_it(takes: Takes) -> None:
    client = takes(1)
    begun = client.banks.begin(client.business.slug, actor="a test", origin="http://127.0.0.1:8600")
    assert begun.url is not None
    back = agree(begun.url, client.logins_there[0])
    assert back.startswith("http://127.0.0.1:8600/oauth/plaid/callback?state=")
    link, onward = client.banks.receive(back.partition("state=")[2].split("&")[0])
    assert (link.standing, onward) == ("connected", f"http://127.0.0.1:8600/b/{client.business.slug}/banks")
    again, _ = client.banks.receive(back.partition("state=")[2].split("&")[0])
    assert again.standing == "connected" and len(client.logins()) == 1, "a page shown twice links once"


def test_linking_the_same_bank_twice_keeps_one(takes: Takes) -> None:
    client = takes(2)
    client.link()
    client.sync.sync()
    twice = client.link()
    assert twice.standing == "refused" and "already" in str(twice.said)
    assert len(client.logins()) == 1
    removed = [each for each in client.sandbox.control("GET", "plaid")["items"] if each["realm_id"] == client.realm_id]
    assert [each["removed"] for each in removed].count(False) == 1, "the second login is handed back to Plaid"


def test_linking_the_same_bank_twice_before_it_was_read_keeps_one_too(takes: Takes) -> None:
    client = takes(1)
    first = len(client.logins())
    client.link()
    assert client.accounts() == [], "nothing was read yet"
    twice = client.link()
    assert twice.standing == "refused" and len(client.logins()) == first + 1


def test_unlinking_tells_plaid_and_keeps_what_was_read(takes: Takes) -> None:
    client = takes(3)
    client.link()
    client.sync.sync()
    (login,) = client.logins()
    held = len(client.lines())
    ended = client.banks.unlink(client.business.slug, login.item_id, actor="a test")
    assert ended.told and client.logins() == []
    assert client.there(login.item_id)["removed"] is True
    assert len(client.lines()) == held > 0
    assert "bank.unlinked" in client.actions()
