"""What a customer paid through Stripe is written down in QuickBooks once, to the client's clearing account, and read back."""

from tests.recording_receipts.till import Till, cents
from tests.support.clock import clock_of


def test_a_payment_is_written_down_to_the_clearing_account_and_settles_its_invoice(till: Till) -> None:
    asked = till.collected("120.00")
    assert till.work() == 1
    row, (payment,) = till.written(asked), till.in_books(asked)
    assert (row.state, row.ledger_payment_id, row.todo) == ("recorded", payment["Id"], None), row.why
    assert cents(payment) == asked.minor and payment["DepositToAccountRef"]["value"] == till.clearing
    assert row.record_id in payment["PrivateNote"], "nobody could tell later that it is ours"
    till.sync()
    assert till.work() == 0, "it is to be written down a second time"
    assert till.prove_the_log() == ["receipt.due", "receipt.recording", "receipt.recorded"]


def test_what_a_bookkeeper_entered_already_is_found_and_not_entered_again(till: Till) -> None:
    asked = till.collected("130.00")
    entered = till.enters(asked, "130.00")
    till.house.sync_of(till.client.business).sync()
    till.work()
    row = till.written(asked)
    assert (row.state, row.ledger_payment_id) == ("found", entered), row.why
    assert len(till.in_books(asked)) == 1


def test_what_a_bookkeeper_entered_since_the_books_were_read_is_not_entered_again(till: Till) -> None:
    asked = till.collected("140.00")
    till.enters(asked, "140.00")
    till.work()
    row = till.written(asked)
    assert row.state == "refused" and "open" in (row.why or ""), row.why
    assert len(till.in_books(asked)) == 1


def test_another_amount_on_the_invoice_is_asked_about(till: Till) -> None:
    """Entered net of the fee, it would leave the invoice open enough to take the payment a second time."""
    asked = till.asks("500.00", first="100.00")
    till.pays(asked)
    till.sync()
    till.enters(asked, "97.10")
    till.house.sync_of(till.client.business).sync()
    till.work()
    row = till.written(asked)
    assert row.state == "refused" and "97.10" in (row.why or ""), row.why
    assert len(till.in_books(asked)) == 1


def test_switched_off_nothing_is_taken_up_and_what_was_is_refused(till: Till) -> None:
    asked = till.collected("150.00")
    till.switch(False)
    till.work()
    assert till.written(asked).state == "refused" and till.in_books(asked) == []
    other = till.collected("151.00")
    assert till.record_of(other) is None, "it was taken up although recording is off"
    till.switch(True)
    till.sync()
    till.work()
    assert till.written(other).state == "recorded"


def test_without_a_clearing_account_nothing_is_taken_up(till: Till) -> None:
    till.choose(None, None)
    assert till.record_of(till.collected("160.00")) is None


def test_money_given_back_before_it_was_written_down_is_left_to_people(till: Till) -> None:
    asked = till.asks("170.00")
    charge = till.pays(asked)
    till.sync()
    till.client.by_hand("refunds", charge=charge, amount="5000")
    till.client.sync()
    till.work()
    row = till.written(asked)
    assert row.state == "refused" and "gave this payment back" in (row.why or ""), row.why
    assert till.in_books(asked) == []


def test_an_answer_that_is_lost_leaves_one_payment(till: Till) -> None:
    asked = till.collected("180.00")
    till.sandbox.fault("cut_after_commit", path="/payment", method="POST", count=1)
    till.work()
    assert till.written(asked).state == "recorded" and len(till.in_books(asked)) == 1


def test_while_quickbooks_is_down_it_waits_and_is_then_written_down_once(till: Till) -> None:
    asked = till.collected("190.00")
    till.sandbox.fault("server_error", path="/query", count=50)
    till.work()
    row = till.written(asked)
    assert (row.state, row.todo) == ("recording", "record") and row.why, "it doesn't say what it waits for"
    till.sandbox.calm()
    clock_of(till.house).wait(hours=5)
    till.work()
    assert till.written(asked).state == "recorded" and len(till.in_books(asked)) == 1
