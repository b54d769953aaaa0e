"""Bills, invoices, agings, balances and the log as they are shown, and the little that people may write."""

from datetime import date, timedelta

import pytest

from interlock.domains.firm.annotations import Annotation
from interlock.kernel.errors import BadInput, NotFound
from interlock.rails import facts
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks


def test_a_bill_whole_shows_lines_what_paid_it_and_the_payload_it_came_from(client: ClientBooks) -> None:
    stated = said.bill("1", 100_00, open_cents=40_00)
    client.say(stated, said.bill_payment("31", 60_00, "1"))
    with client.firm.desk.reading(client.name) as desk:
        shown = desk.bills.get_bill_experience("1")
    assert [(line.account_name, line.amount.amount) for line in shown.lines] == [("Supplies", "100.00")]
    (paid_by,) = shown.linked
    assert (paid_by.kind, paid_by.number, paid_by.deleted) == ("bill_payment", "CHK-31", False)
    assert paid_by.amount is not None and paid_by.amount.amount == "60.00"
    assert paid_by.link is not None and "billpayment%3FtxnId%3D31" in paid_by.link
    assert (shown.lineage.id, shown.lineage.version) == ("1", "0")
    assert shown.lineage.payload[:2] == ["bill", "1"]
    assert (shown.bill.status, shown.bill.balance.amount) == ("unpaid", "40.00")


def test_a_payment_deleted_since_is_shown_as_deleted(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00), said.bill_payment("31", 60_00, "1"))
    client.delete(facts.BillPayment, "31")
    with client.firm.desk.reading(client.name) as desk:
        assert [each.deleted for each in desk.bills.get_bill_experience("1").linked] == [True]


def test_an_invoice_whole_and_a_document_that_is_not_there(client: ClientBooks) -> None:
    client.say(said.invoice("2001", 50_00))
    with client.firm.desk.reading(client.name) as desk:
        shown = desk.invoices.get_invoice_experience("2001")
        assert [line.description for line in shown.lines] == ["Lessons"]
        with pytest.raises(NotFound, match="no invoice '2002'"):
            desk.invoices.get_invoice_experience("2002")
        with pytest.raises(NotFound, match="no bill '2001'"):
            desk.bills.get_bill_experience("2001")


def test_lists_come_a_page_at_a_time_and_every_row_once(client: ClientBooks) -> None:
    client.say(*(said.bill(str(at), 1_00 + at, due=date(2026, 12, 1) + timedelta(days=at)) for at in range(1, 8)))
    client.say(said.bill("8", 9_00, open_cents=0), said.invoice("2001", 5_00), said.invoice("2002", 6_00, open_cents=0))
    seen: list[str] = []
    offset: int | None = 0
    with client.firm.desk.reading(client.name) as desk:
        while offset is not None:
            page = desk.bills.get_bills_experience("open", offset=offset, most=3)
            seen += [bill.id for bill in page.bills]
            offset = page.next_offset
        assert (seen, page.count) == ([str(at) for at in range(1, 8)], 7)
        assert [bill.id for bill in desk.bills.get_bills_experience("paid").bills] == ["8"]
        assert desk.bills.get_bills_experience("all", vendor="Copperfield Freight").count == 8
        assert desk.bills.get_bills_experience("all", vendor="Nobody").count == 0
        assert desk.invoices.get_invoices_experience("open").count == 1
        assert desk.invoices.get_invoices_experience("all", customer="Mossgate Schools").count == 2
        assert len(desk.bills.get_bills_experience("open", offset=-5, most=0).bills) == 1, "bounds hold"


def test_a_note_is_kept_with_who_wrote_it_and_a_line_in_the_log(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00), said.invoice("2001", 50_00))
    with client.firm.desk.writing(client.name) as desk:
        desk.bills.annotate("1", Annotation(note="call Tuesday", category="freight"), actor=ACTOR)
        chased = desk.invoices.annotate("2001", Annotation(hold_reason="promised for Friday"), actor=ACTOR)
    assert chased.blocked == "Held: promised for Friday"
    with client.firm.desk.reading(client.name) as desk:
        shown = desk.bills.get_bill_experience("1")
        newest = desk.log.get_log_experience(most=2).lines
    assert (shown.bill.note, shown.bill.category, shown.written_by) == ("call Tuesday", "freight", ACTOR)
    assert [line.action for line in newest] == ["invoice.annotated", "bill.annotated"]
    assert newest[1].body == {"bill_id": "1", "changes": {"note": "call Tuesday", "category": "freight"}}


def test_what_is_refused_leaves_nothing_behind(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00))
    with client.firm.desk.reading(client.name) as desk:
        before = desk.log.head()

    def write_two_of_which_the_second_is_refused() -> None:
        with client.firm.desk.writing(client.name) as desk:
            desk.bills.annotate("1", Annotation(note="kept?"), actor=ACTOR)
            desk.bills.annotate("1", Annotation(held_until=date(2026, 12, 1)), actor=ACTOR)

    with pytest.raises(BadInput, match="A hold needs a reason"):
        write_two_of_which_the_second_is_refused()
    with client.firm.desk.reading(client.name) as desk:
        assert desk.log.head() == before
        assert desk.bills.get_bill_experience("1").bill.note is None


def test_an_aging_shows_each_cause_in_its_column_and_whether_it_ties(client: ClientBooks) -> None:
    client.say(
        said.bill("1", 100_00, due=date(2026, 11, 24)),
        said.bill("2", 200_00, due=date(2026, 10, 24)),
        said.bill("3", 80_00, currency="EUR"),
        said.vendor_credit("41", 30_00),
        said.journal("91", 25_00, account_id=said.PAYABLE, posting="Credit", party_id="v1"),
    )
    with client.firm.desk.reading(client.name) as desk:
        shown = desk.aging.get_payables_aging()
    assert shown.columns == ("Current", "1–30", "31–60", "61–90", "91+")
    (line,) = shown.rows
    assert [amount.amount for amount in line.buckets] == ["100.00", "0.00", "200.00", "0.00", "0.00"]
    assert (line.credits.amount, line.journal.amount, line.foreign.amount) == ("-30.00", "25.00", "100.00")
    assert (line.total.amount, shown.total.total.amount) == ("395.00", "395.00")
    assert (shown.tie_out.tied, shown.tie_out.difference) == (None, None)
    client.prove(payables=(395_00, 395_01))
    with client.firm.desk.reading(client.name) as desk:
        tie_out = desk.aging.get_payables_aging().tie_out
        assert desk.aging.get_receivables_aging().tie_out.tied is True
    assert tie_out.tied is False
    assert tie_out.words == "Off QuickBooks' report of 24 Nov by 0.01."


def test_balances_keep_undeposited_funds_and_other_currencies_apart(client: ClientBooks) -> None:
    euros = said.account("12", "Euro Account", "Bank", cents=70_00)
    in_euros = {name: getattr(euros, name) for name in euros.__struct_fields__} | {"currency": "EUR"}
    client.say(*said.chart(cash=900_00), facts.Account(**in_euros))
    with client.firm.desk.reading(client.name) as desk:
        shown = desk.balances.get_balances_experience()
    assert (shown.book_cash.amount.amount, shown.book_cash.rows) == ("900.00", 1)
    assert [each.what for each in shown.book_cash.excluded] == ["Euro Account, in EUR"]
    assert [account.name for account in shown.undeposited] == ["Undeposited Funds"]


def test_the_log_is_read_newest_first_page_by_page_and_holds(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00))
    with client.firm.desk.reading(client.name) as desk:
        head = desk.log.head()
        seqs, before = [], None
        while True:
            page = desk.log.get_log_experience(before=before, most=2)
            seqs += [line.seq for line in page.lines]
            before = page.next_before
            if before is None:
                break
        checked = desk.log.verify()
    assert seqs == list(range(head.seq, 0, -1))
    assert checked.holds and checked.lines == head.seq and checked.head == head
    assert checked.words == f"All {head.seq} lines follow from each other."


def test_the_firm_has_a_log_of_its_own(client: ClientBooks) -> None:
    with client.firm.desk.firm() as desk:
        assert [line.action for line in desk.log.get_log_experience().lines] == ["firm.founded"]
