"""A client's bank lines after each sync: kept with a log line, suggested, decided on by a person, and taken back."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select

from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.services.matching_service import Matched
from interlock.infra import translog
from interlock.kernel.errors import NotFound, Refused
from interlock.rails import facts, witnesses
from tests.matching.client import ACTOR, WitnessedClient, bank_line, payout, rail_bill, stated
from tests.runway import said

_ON = date(2026, 11, 20)


def _deposit(id_: str, cents: int, dated: date = _ON) -> facts.Deposit:
    return stated(
        facts.Deposit,
        id_,
        number=None,
        dated=dated,
        currency="USD",
        exchange_rate=None,
        total_minor=cents,
        voided=False,
        note=None,
        account_id=said.CHECKING,
        cash_back_minor=0,
        lines=(),
        links=(),
    )


def test_what_is_certain_is_kept_with_a_line_in_the_log(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"), _deposit("80", 9_000))
    client.state(bank_line("L1", -50_000), bank_line("L2", 9_000), bank_line("L3", -1_234))
    assert client.match() == Matched(open=3, kept=2)
    assert client.groups() == [("bank_line:L1", "bill_payment:70"), ("bank_line:L2", "deposit:80")]
    made = client.log("match.made")
    assert len(made) == 2
    assert '"movements":[["bill_payment","70"]]' in made[0].body + made[1].body
    assert client.match() == Matched(open=1), "a second run over the same finds nothing and changes nothing"
    with client.books.firm.database.reading(client.books.scope) as session:
        lines = list(translog.lines(session, str(client.books.scope.business_id)))
    assert translog.verify(lines)[1] == [], "the chain must stay whole"


def test_a_pending_line_clears_nothing(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"))
    client.state(bank_line("L1", -50_000, pending=True))
    assert client.match() == Matched()
    client.gone(witnesses.BankLine, "L1")
    client.state(bank_line("L2", -50_000, pending_id="L1"))
    assert client.match() == Matched(open=1, kept=1)


def test_the_ledger_and_the_rail_may_both_state_what_one_line_shows(client: WitnessedClient) -> None:
    client.state(rail_bill("r1", 50_000), bank_line("L1", -50_000))
    assert client.match() == Matched(open=1, kept=1)
    client.books.say(said.bill_payment("70", 50_000, "7"))
    assert client.match() == Matched(joined=1)
    assert client.groups() == [("bank_line:L1", "bill_payment:70", "rail_bill:r1")]
    assert [line.action for line in client.log("match.")] == ["match.made", "match.joined"]


def test_one_debit_of_a_batch_is_all_of_its_bills_in_both_books(client: WitnessedClient) -> None:
    client.state(*(rail_bill(f"r{n}", cents, batch_id="B-12") for n, cents in enumerate((10_000, 20_000, 30_000))))
    client.state(bank_line("L1", -60_000))
    assert client.match().kept == 1
    assert client.groups() == [("bank_line:L1", "rail_bill:r0", "rail_bill:r1", "rail_bill:r2")]


def test_a_payout_arrives_as_one_deposit_and_its_trace_proves_it(client: WitnessedClient) -> None:
    client.state(payout("po_1", 81_250, trace="9100012"), payout("po_2", 81_250, arrives_on=date(2026, 11, 21)))
    client.state(bank_line("L1", 81_250, reference="9100012"), bank_line("L2", 81_250, name="STRIPE TRANSFER"))
    client.match()
    assert client.groups() == [("bank_line:L1", "payout:po_1"), ("bank_line:L2", "payout:po_2")]


def test_an_account_that_is_linked_to_none_of_the_books_is_left_alone(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"))
    client.state(client.bank_account("b9", "Petty Cash"), bank_line("L1", -50_000, account_id="b9"))
    assert client.match() == Matched()


def test_a_person_confirms_one_of_two_and_the_other_suggestion_goes(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"), said.bill_payment("71", 50_000, "8"))
    client.state(bank_line("L1", -50_000))
    assert client.match() == Matched(open=1, suggested=2)
    chosen = client.person("confirm", client.match_of("bill_payment:71", "suggested"))
    assert client.match_of("bill_payment:71") == chosen
    client.match()
    assert client.groups() == [("bank_line:L1", "bill_payment:71")]
    assert client.groups("suggested") == []
    (line,) = client.log("match.confirmed")
    assert line.actor == ACTOR
    with pytest.raises(Refused, match="nothing to confirm"):
        client.person("confirm", chosen)


def test_a_check_brought_half_a_year_late_is_suggested_and_can_be_confirmed(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7", dated=date(2026, 5, 2), number="2217"))
    client.state(bank_line("L1", -50_000, on=date(2026, 11, 23)))
    assert client.match().suggested == 1, "205 days are more than a check usually takes, and less than too many"
    client.person("confirm", client.match_of("bill_payment:70", "suggested"))
    assert client.groups() == [("bank_line:L1", "bill_payment:70")]


def test_a_refused_suggestion_is_not_made_again_and_leaves_the_rest_certain(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"), said.bill_payment("71", 50_000, "8"))
    client.state(bank_line("L1", -50_000))
    client.match()
    no = client.match_of("bill_payment:70", "suggested")
    client.person("refuse", no)
    client.match()
    assert client.groups() == [("bank_line:L1", "bill_payment:71")]
    client.person("undo", client.match_of("bank_line:L1"))
    assert client.match() == Matched(open=1), "neither is made or suggested against a person's word"
    client.person("reconsider", no)
    client.match()
    assert client.groups() == [("bank_line:L1", "bill_payment:70")]


def test_undoing_restores_line_and_movements(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"))
    client.state(rail_bill("r1", 50_000), bank_line("L1", -50_000))
    client.match()
    before = client.groups()
    client.person("undo", client.match_of("bank_line:L1"))
    assert client.groups() == []
    with client.books.firm.database.reading(client.books.scope) as session:
        assert not session.scalars(select(BankMatchPart).where(BankMatchPart.active)).all()
    client.person("match_by_hand", "L1", [("bill_payment", "70")])
    client.person("match_by_hand", "L1", [("rail_bill", "r1")])
    assert client.groups() == before, "what was undone can be made again by hand, as it was"
    assert [line.action for line in client.log("match.")][-3:] == ["match.undone", "match.made", "match.made"]


def test_by_hand_only_what_equals_to_the_cent_and_is_free(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 30_000, "7"), said.bill_payment("71", 20_001, "8"))
    client.state(bank_line("L1", -50_000), bank_line("L2", -30_000))
    client.match()
    with pytest.raises(Refused, match="equals to the cent"):
        client.person("match_by_hand", "L1", [("bill_payment", "70"), ("bill_payment", "71")])
    with pytest.raises(Refused, match="serves another line"):
        client.person("match_by_hand", "L2", [("bill_payment", "70")])
    with pytest.raises(NotFound, match="no purchase 404"):
        client.person("match_by_hand", "L1", [("purchase", "404")])
    with pytest.raises(NotFound, match="no posted line"):
        client.person("match_by_hand", "L9", [("bill_payment", "71")])


def test_a_match_whose_payment_was_deleted_or_changed_does_not_stand(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 50_000, "7"), said.bill_payment("71", 7_000, "8"))
    client.state(bank_line("L1", -50_000), bank_line("L2", -7_000))
    client.match()
    client.books.delete(facts.BillPayment, "70")
    client.books.say(said.bill_payment("71", 7_100, "8"))
    assert client.match().broken == 2
    assert client.groups() == []
    assert {line.action for line in client.log("match.broken")} == {"match.broken"}
    client.books.say(said.bill_payment("71", 7_000, "8"))
    client.match()
    assert client.groups() == [("bank_line:L2", "bill_payment:71")], "what is right again is matched again"


def test_nothing_serves_two_groups_after_many_runs(client: WitnessedClient) -> None:
    for step in range(4):
        client.books.say(*(said.bill_payment(f"{step}{n}", 1_000 * (n + 1), "7") for n in range(5)))
        client.state(*(bank_line(f"L{step}{n}", -1_000 * (n + 1), check_number=None) for n in range(5)))
        client.match()
        for kept in ("suggested",):
            if client.groups(kept):
                member = client.groups(kept)[0][0]
                client.person("confirm", client.match_of(member, kept))
    with client.books.firm.database.reading(client.books.scope) as session:
        parts = session.scalars(select(BankMatchPart).where(BankMatchPart.active)).all()
    times = Counter((part.kind, part.ref_id) for part in parts)
    assert not [member for member, count in times.items() if count > 1]
    sums: Counter[str] = Counter()
    for part in parts:
        sums[part.match_id] += part.amount_minor if part.kind == "bank_line" else -part.amount_minor
    assert set(sums.values()) == {0}
