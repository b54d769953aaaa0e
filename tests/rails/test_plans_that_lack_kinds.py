"""A company whose QuickBooks plan lacks a kind (5020): the rest is read, nothing held is buried, and an upgrade brings it in."""

from collections.abc import Iterator

import pytest

from interlock.domains.qbo.rail import QBORail
from interlock.rails import facts
from interlock.rails.errors import Rejected, Unauthorised
from interlock.rails.facts import Fact
from interlock.rails.listens import FollowsChanges
from interlock.rails.ports import ProofReport
from tests.rails.bookkeeping import Books, kept_books
from tests.support.house import take_on
from tests.support.sandbox import SandboxClient


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """A company that was read before, and some more in the same world for ``newcomer``."""
    with kept_books(tmp_path_factory.mktemp("plans"), clients=5) as kept:
        yield kept


@pytest.fixture(scope="module")
def untouched(books: Books) -> Iterator[SandboxClient]:
    return iter(books.sandbox.clients()[1:])


@pytest.fixture
def newcomer(books: Books, untouched: Iterator[SandboxClient]) -> Books:
    """A company that was never synced."""
    client = next(untouched)
    business, scope = take_on(books.house, client)
    return Books(books.house, books.sandbox, client, business, scope)


@pytest.fixture(autouse=True)
def _whole_plan(books: Books) -> Iterator[None]:
    yield
    plan_lacks(books)
    books.sync(full=True)


def plan_lacks(books: Books, *entities: str) -> None:
    books.control("plan", {"lacks": list(entities)})


def account(books: Books, kind: str) -> str:
    """Id of one of the world's accounts; ours may not be read yet."""
    return next(str(row["Id"]) for row in books.world("Account") if row["AccountType"] == kind and row["Active"])


def order(books: Books, vendor: str, amount: str = "55.00") -> str:
    line = {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account(books, "Expense")}},
    }
    made = books.create(
        "PurchaseOrder",
        VendorRef={"value": vendor},
        APAccountRef={"value": account(books, "Accounts Payable")},
        TxnDate="2026-11-20",
        Line=[line],
    )
    return str(made["Id"])


def said_of_orders(proof: ProofReport) -> list[str]:
    return [sentence for sentence in proof.left_out if "purchase order" in sentence]


def test_a_first_sync_reads_all_the_rest_and_the_proof_says_what_it_left_out(newcomer: Books) -> None:
    order(newcomer, newcomer.vendor("Ordered From"))
    plan_lacks(newcomer, "PurchaseOrder")
    report = newcomer.sync()
    assert report.mode == "full"
    assert newcomer.rows(facts.PurchaseOrder) == []
    assert len(newcomer.rows(facts.Bill)) == len(newcomer.world("Bill"))
    proof = newcomer.prove()
    assert proof.tied is True
    (sentence,) = said_of_orders(proof)
    assert "kept" not in sentence, "none was held before"


def test_later_syncs_are_one_call_and_so_is_the_first_of_a_new_process(newcomer: Books) -> None:
    plan_lacks(newcomer, "PurchaseOrder", "RefundReceipt")
    newcomer.sync()
    newcomer.minutes_pass()
    newcomer.sync()
    bill = newcomer.bill(newcomer.vendor("Billed By"), "31.00")
    newcomer.minutes_pass()
    report = newcomer.sync()  # a rail of its own: what the plan lacks is stored, not remembered
    assert (report.mode, report.calls) == ("changes", 1)
    assert newcomer.row(facts.Bill, bill) is not None


def test_a_downgrade_buries_nothing_and_costs_its_calls_once(books: Books) -> None:
    vendor = books.vendor("Before The Downgrade")
    kept = order(books, vendor)
    books.settle()
    held = len(books.rows(facts.PurchaseOrder))
    plan_lacks(books, "PurchaseOrder")
    bill = books.bill(vendor, "32.00")
    report = books.sync()
    assert report.calls > 1, "the refused call is asked again kind by kind"
    assert books.row(facts.Bill, bill) is not None, "everything else arrived"
    books.minutes_pass()
    assert books.sync().calls == 1
    books.sync(full=True)
    assert books.row(facts.PurchaseOrder, kept).buried_at is None, "unseen is not deleted where nothing can be seen"
    proof = books.prove()
    assert proof.tied is True
    (sentence,) = said_of_orders(proof)
    assert f"({held})" in sentence, "the proof says that rows from before are kept"


def test_a_merged_vendor_leaves_its_orders_where_they_cannot_be_asked_for(books: Books) -> None:
    winner, loser = books.vendor("Winner Without Orders"), books.vendor("Loser With Orders")
    kept, bill = order(books, loser), books.bill(loser, "33.00")
    books.settle()
    plan_lacks(books, "PurchaseOrder")
    books.control(
        "merge", {"entity": "Vendor", "winner": winner, "loser": loser, "documents": "touched", "trace": "deleted"}
    )
    books.sync()
    assert books.row(facts.Bill, bill).vendor_id == winner, "what can be asked for is"
    assert books.row(facts.PurchaseOrder, kept).buried_at is None


def test_a_downgrade_met_while_rows_are_asked_for_by_id_is_no_deletion(books: Books) -> None:
    kept, bill = order(books, books.vendor("Met By Id")), books.bill(books.vendor("Met By Id Too"), "34.00")
    books.settle()
    plan_lacks(books, "PurchaseOrder")
    rail = books.house.registry.require(books.scope, FollowsChanges)
    assert isinstance(rail, QBORail)
    both: dict[type[Fact], list[str]] = {facts.PurchaseOrder: [kept], facts.Bill: [bill]}
    alone: dict[type[Fact], list[str]] = {facts.PurchaseOrder: [kept]}
    for wanted in (both, alone):
        rail.lacking.clear()
        pages = books.house.transport.run(rail.by_ids(wanted))
        assert rail.lacking == {facts.PurchaseOrder}, "so that its rows are not taken for missing"
        assert {fact.id for page in pages for fact in page.facts} <= {bill}


def test_an_upgrade_brings_the_kind_in_with_the_next_proof(newcomer: Books) -> None:
    vendor = newcomer.vendor("Upgraded")
    plan_lacks(newcomer, "PurchaseOrder")
    newcomer.sync()
    plan_lacks(newcomer)
    ordered = order(newcomer, vendor)
    proof = newcomer.prove()
    assert (proof.tied, said_of_orders(proof)) == (True, [])
    assert newcomer.row(facts.PurchaseOrder, ordered) is not None
    assert newcomer.differences() == []
    newcomer.minutes_pass()
    newcomer.update("PurchaseOrder", ordered, PrivateNote="Followed again")
    assert newcomer.sync().calls == 1
    assert newcomer.row(facts.PurchaseOrder, ordered).note == "Followed again"


def test_what_changed_while_the_plan_lacked_it_is_seen_though_the_count_is_the_same(books: Books) -> None:
    vendor = books.vendor("Same Count")
    edited, gone = order(books, vendor), order(books, vendor)
    books.settle()
    plan_lacks(books, "PurchaseOrder")
    books.sync()
    plan_lacks(books)
    books.update("PurchaseOrder", edited, PrivateNote="Edited meanwhile")
    books.delete("PurchaseOrder", gone)
    order(books, vendor)
    for _ in range(3):  # changes of then are long past when the proof comes
        books.minutes_pass()
        books.sync()
    assert books.prove().tied is True
    assert books.row(facts.PurchaseOrder, edited).note == "Edited meanwhile"
    assert books.row(facts.PurchaseOrder, gone).buried_at is not None
    assert books.differences() == []


def test_without_access_to_the_accounts_nothing_is_taken_for_empty(newcomer: Books) -> None:
    plan_lacks(newcomer, "Account")
    with pytest.raises(Rejected, match="5020") as refused:
        newcomer.sync()
    assert refused.value.reason == "5020"
    assert not isinstance(refused.value, Unauthorised), "connecting again would mend nothing"
    assert newcomer.house.sync_of(newcomer.business).freshness().last_sync is None
