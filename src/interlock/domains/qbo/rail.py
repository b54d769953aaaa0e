"""The QBO rail: what QuickBooks Online can honestly do for us, as types. It reads, follows changes and, where a business
allows it, records what already happened; it moves nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial

import msgspec

from interlock.domains.qbo import reports, wire
from interlock.domains.qbo.client import BATCH_ITEMS, QBOClient
from interlock.domains.qbo.entries import BILL_PAYMENT, CUSTOMER_PAYMENT
from interlock.domains.qbo.mapper import (
    BY_KIND,
    BY_WIRE_NAME,
    ENTITY_MAPS,
    RAIL,
    Company,
    EntityMap,
    MappedWhenUsed,
    preferences,
    to_facts,
)
from interlock.domains.qbo.mapper.parts import utc
from interlock.domains.qbo.narrowing import Stumbled, without_failing_ids, without_failing_rows
from interlock.domains.qbo.notifications import Notifications
from interlock.domains.qbo.recording import Recorder, RecordingPermit
from interlock.domains.qbo.refusals import NotInPlan
from interlock.infra.transport import together
from interlock.rails import facts
from interlock.rails.errors import ContractBroken
from interlock.rails.facts import Changes, Deletion, Fact, Page, Unread
from interlock.rails.listens import FollowsChanges, Hint, ListensForEvents
from interlock.rails.reads import (
    PAGE_ROWS,
    ReadsAccounts,
    ReadsBills,
    ReadsCompany,
    ReadsCustomers,
    ReadsInvoices,
    ReadsLedgerEntries,
    ReadsLedgerReports,
    ReadsVendors,
)
from interlock.rails.records import (
    LedgerRecord,
    RecordedBillPayment,
    RecordedCustomerPayment,
    RecordsBillPayments,
    RecordsCustomerPayments,
)
from interlock.rails.totals import LedgerCounts, LedgerTotals

# A change answer of this many objects may have been cut (qbo.md §4): what is beyond it is not said.
CHANGES_MOST = 1_000
_SETTINGS = ["CompanyInfo", "Preferences"]
_IDS_A_QUERY = 300  # keeps a query's address under 4 KB
# No plan is without a chart of accounts: where that is refused, it is the access that is missing, and nothing is read.
_IN_EVERY_PLAN = frozenset({facts.Account})
# Lists keep their inactive members out of a query unless asked for.
_WITH_INACTIVE = frozenset({facts.Account, facts.Vendor, facts.Customer, facts.Term})


class QBORail(
    ReadsCompany,
    ReadsAccounts,
    ReadsVendors,
    ReadsBills,
    ReadsCustomers,
    ReadsInvoices,
    ReadsLedgerEntries,
    ReadsLedgerReports,
    FollowsChanges,
    ListensForEvents,
    RecordsBillPayments,
    RecordsCustomerPayments,
):
    """One company's books. Documents that name no currency are in ``home_currency``; without a ``permit`` it records nothing,

    without the app's verifier token it takes no notification for Intuit's.
    """

    def __init__(
        self,
        client: QBOClient,
        home_currency: str,
        permit: RecordingPermit | None = None,
        verifier_token: str | None = None,
    ) -> None:
        self._client = client
        self._notifications = Notifications(verifier_token)
        self._company = Company(home_currency)
        self._recorder = Recorder(client, self._company, permit)
        self.lacking: set[type[Fact]] = set()
        """Kinds that the company's plan was found not to include: they are shown as empty, and left out of changes."""

    @property
    def usage(self) -> tuple[int, int]:
        """Calls made and bytes received so far."""
        return self._client.usage.calls, self._client.usage.bytes

    @property
    def metered(self) -> int:
        """Reads so far that Intuit's plan counts: successful ones, a batch by its items (qbo.md §7)."""
        return self._client.usage.metered

    async def preferences(self, start: int) -> Page:
        """The one row of them, with what CompanyInfo adds; an empty page beyond the first row."""
        company, settings = await together(self._client.company_info(), self._client.preferences())
        if company.CompanyInfo is None or not bytes(settings.Preferences):
            raise ContractBroken(RAIL, "QuickBooks answered without the company's settings.", "Preferences")
        raw = bytes(settings.Preferences)
        fact = preferences(raw, company.CompanyInfo)
        return Page(facts.Preferences, (fact,) if start == 1 else (), _as_of(settings.time))

    async def terms(self, start: int) -> Page:
        return await self._page(facts.Term, start)

    async def accounts(self, start: int) -> Page:
        return await self._page(facts.Account, start)

    async def vendors(self, start: int) -> Page:
        return await self._page(facts.Vendor, start)

    async def customers(self, start: int) -> Page:
        return await self._page(facts.Customer, start)

    async def bills(self, start: int) -> Page:
        return await self._page(facts.Bill, start)

    async def bill_payments(self, start: int) -> Page:
        return await self._page(facts.BillPayment, start)

    async def vendor_credits(self, start: int) -> Page:
        return await self._page(facts.VendorCredit, start)

    async def purchase_orders(self, start: int) -> Page:
        return await self._page(facts.PurchaseOrder, start)

    async def invoices(self, start: int) -> Page:
        return await self._page(facts.Invoice, start)

    async def payments(self, start: int) -> Page:
        return await self._page(facts.Payment, start)

    async def credit_memos(self, start: int) -> Page:
        return await self._page(facts.CreditMemo, start)

    async def sales_receipts(self, start: int) -> Page:
        return await self._page(facts.SalesReceipt, start)

    async def refund_receipts(self, start: int) -> Page:
        return await self._page(facts.RefundReceipt, start)

    async def deposits(self, start: int) -> Page:
        return await self._page(facts.Deposit, start)

    async def purchases(self, start: int) -> Page:
        return await self._page(facts.Purchase, start)

    async def transfers(self, start: int) -> Page:
        return await self._page(facts.Transfer, start)

    async def journal_entries(self, start: int) -> Page:
        return await self._page(facts.JournalEntry, start)

    async def record_bill_payment(self, payment: RecordedBillPayment) -> LedgerRecord:
        return await self._recorder.record(BILL_PAYMENT, payment)

    async def find_bill_payment(self, payment: RecordedBillPayment) -> LedgerRecord | None:
        return await self._recorder.find(BILL_PAYMENT, payment)

    async def record_customer_payment(self, payment: RecordedCustomerPayment) -> LedgerRecord:
        return await self._recorder.record(CUSTOMER_PAYMENT, payment)

    async def find_customer_payment(self, payment: RecordedCustomerPayment) -> LedgerRecord | None:
        return await self._recorder.find(CUSTOMER_PAYMENT, payment)

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return await self._notifications.genuine(body, headers)

    def hints(self, body: bytes) -> list[Hint]:
        return self._notifications.hints(body)

    async def changes(self, since: datetime, kinds: Sequence[type[Fact]] = ()) -> Changes:
        """What changed, of all kinds (those the plan lacks left out) or the given ones, in one call.

        Refused because of a kind the plan lacks, kinds are asked one by one, and those are remembered. ``NotInPlan`` where
        nothing is left.
        """
        asked = [
            entity for entity in ENTITY_MAPS if (entity.kind in kinds if kinds else entity.kind not in self.lacking)
        ]
        settings = [] if kinds else _SETTINGS
        try:
            return await self._changed(since, [*(entity.wire_name for entity in asked), *settings])
        except NotInPlan:
            if len(asked) == 1 and not settings:
                self._lacks(asked[0].kind)
                raise
        parts = [await self._changed(since, settings)] if settings else []
        for entity in asked:
            try:
                parts.append(await self._changed(since, [entity.wire_name]))
            except NotInPlan:
                self._lacks(entity.kind)
        if not parts:
            raise NotInPlan
        return Changes(
            tuple(page for part in parts for page in part.pages),
            tuple(deletion for part in parts for deletion in part.deletions),
            parts[0].as_of,  # the earliest: what changed since then is asked for again
            any(part.overflowed for part in parts),
            any(part.settings_changed for part in parts),
        )

    async def _changed(self, since: datetime, names: list[str]) -> Changes:
        answer = await self._client.changes(names, since.astimezone(UTC).isoformat(timespec="seconds"))
        as_of = _as_of(answer.time)
        pages: list[Page] = []
        deletions: list[Deletion] = []
        objects, settings_changed = 0, False
        for change_set in answer.CDCResponse:
            for response in change_set.QueryResponse:
                for name, rows in _rows_by_name(response):
                    objects += len(rows)
                    settings_changed = settings_changed or name in _SETTINGS
                    if name not in BY_WIRE_NAME:
                        continue
                    standing, gone, unread = self._split(BY_WIRE_NAME[name], rows)
                    deletions += gone
                    if standing or unread:
                        pages.append(Page(BY_WIRE_NAME[name].kind, tuple(standing), as_of, unread))
        return Changes(tuple(pages), tuple(deletions), as_of, objects >= CHANGES_MOST, settings_changed)

    async def by_ids(self, wanted: dict[type[Fact], list[str]]) -> list[Page]:
        """Rows again, as few calls as their number allows. Ids that don't exist any more are absent; rows that QuickBooks

        fails on are named as unread. Kinds that the plan lacks are not asked for: nothing is known of their rows.
        """
        parts = [
            (kind, ids[at : at + _IDS_A_QUERY])
            for kind, ids in wanted.items()
            if kind not in self.lacking
            for at in range(0, len(ids), _IDS_A_QUERY)
        ]
        pages: list[Page] = []
        for at in range(0, len(parts), 3):  # three times 300 rows stay under a batch's 1,000 objects
            part_of = parts[at : at + 3]
            try:
                pages += await self._these(part_of)
            except Stumbled:
                for kind, ids in part_of:
                    pages += await without_failing_ids(kind, partial(self._some, kind), ids)
        return pages

    async def _these(self, parts: Sequence[tuple[type[Fact], list[str]]]) -> list[Page]:
        if len(parts) == 1:
            return [await self._some(*parts[0])]
        items, time = await self._client.query_batch({str(n): _by_id(kind, ids) for n, (kind, ids) in enumerate(parts)})
        pages: list[Page] = []
        for n, (kind, _) in enumerate(parts):
            item = items.get(str(n))
            if item is None:
                self._lacks(kind)
            else:
                pages.append(self._page_of(BY_KIND[kind], item.QueryResponse or {}, _as_of(time)))
        return pages

    async def _some(self, kind: type[Fact], ids: list[str]) -> Page:
        try:
            answer = await self._client.query(_by_id(kind, ids))
        except NotInPlan:
            return await self._nothing_of(kind)
        return self._page_of(BY_KIND[kind], answer.QueryResponse, _as_of(answer.time))

    async def counts(self) -> LedgerCounts:
        """Rows of every kind, in one batch; kinds that the plan lacks are asked for too, for it may have been changed."""
        statements = {
            entity.wire_name: f"SELECT COUNT(*) FROM {entity.wire_name}{_where(entity)}" for entity in ENTITY_MAPS
        }
        if len(statements) > BATCH_ITEMS:
            raise AssertionError("more kinds than one batch counts")
        items, time = await self._client.query_batch(statements)
        found: dict[type[Fact], int] = {}
        for entity in ENTITY_MAPS:
            item = items.get(entity.wire_name)
            if item is None:
                self._lacks(entity.kind)
                continue
            total = (item.QueryResponse or {}).get("totalCount")
            if not isinstance(total, int):
                raise ContractBroken(RAIL, f"QuickBooks counted {entity.wire_name} without a total.", "totalCount")
            found[entity.kind] = total
        return LedgerCounts(_as_of(time), found)

    async def totals(self, report_date: date, currency: str, balances_on: date) -> LedgerTotals:
        """Counts, both agings and the balance sheet, side by side so that they lie as close together as they can."""
        aged = (("report_date", report_date.isoformat()), ("aging_method", "Report_Date"))
        sheet_of = (("end_date", balances_on.isoformat()), ("accounting_method", "Accrual"))
        (counts, payables), (receivables, sheet) = await together(
            together(self.counts(), self._client.report("AgedPayables", aged)),
            together(self._client.report("AgedReceivables", aged), self._client.report("BalanceSheet", sheet_of)),
        )
        return LedgerTotals(
            as_of=counts.as_of,
            report_date=report_date,
            counts={kind.entity: number for kind, number in counts.rows.items()},
            payables_minor=reports.grand_total(payables, currency),
            receivables_minor=reports.grand_total(receivables, currency),
            by_vendor=reports.by_id(payables, currency),
            by_customer=reports.by_id(receivables, currency),
            balances=reports.by_id(sheet, currency) if reports.covers(sheet, balances_on) else None,
            balances_on=balances_on,
            lacking=tuple(entity.kind.entity for entity in ENTITY_MAPS if entity.kind not in counts.rows),
        )

    async def _page(self, kind: type[Fact], start: int) -> Page:
        window = partial(self._window, kind)
        try:
            return await window(start, PAGE_ROWS)
        except Stumbled:
            return await without_failing_rows(kind, window, partial(self._some, kind), start, PAGE_ROWS)
        except NotInPlan:
            return await self._nothing_of(kind)

    async def _nothing_of(self, kind: type[Fact]) -> Page:
        """The empty page of a kind the plan lacks. A refusal has no time of its own, so the ledger is asked for it, once a kind."""
        self._lacks(kind)
        return Page(kind, (), (await self.counts()).as_of)

    def _lacks(self, kind: type[Fact]) -> None:
        if kind in _IN_EVERY_PLAN:
            raise NotInPlan
        self.lacking.add(kind)

    async def _window(self, kind: type[Fact], start: int, rows: int) -> Page:
        entity = BY_KIND[kind]
        answer = await self._client.query(
            f"SELECT * FROM {entity.wire_name}{_where(entity)} ORDERBY Id STARTPOSITION {start} MAXRESULTS {rows}"
        )
        return self._page_of(entity, answer.QueryResponse, _as_of(answer.time))

    def _page_of(self, entity: EntityMap, response: dict[str, wire.Member], as_of: datetime) -> Page:
        rows = dict(_rows_by_name(response)).get(entity.wire_name, [])
        return Page(entity.kind, MappedWhenUsed(entity, rows, self._company), as_of)

    def _split(
        self, entity: EntityMap, rows: Sequence[msgspec.Raw]
    ) -> tuple[list[Fact], list[Deletion], tuple[Unread, ...]]:
        standing: list[bytes] = []
        gone: list[Deletion] = []
        for row in rows:
            raw = bytes(row)
            if b'"status"' in raw:
                stub = msgspec.json.decode(raw, type=Stub)
                if stub.status == "Deleted":
                    at = stub.MetaData.last_updated_time if stub.MetaData else None
                    gone.append(Deletion(entity.kind, stub.Id, at))
                    continue
            standing.append(raw)
        found, unread = to_facts(entity, standing, self._company)
        return found, gone, unread


class Stub(msgspec.Struct, frozen=True):
    """What is left of a deleted object; ``status`` is in lower case on the wire."""

    Id: str
    status: str | None = None
    MetaData: wire.MetaData | None = None


def _where(entity: EntityMap) -> str:
    return " WHERE Active IN (true, false)" if entity.kind in _WITH_INACTIVE else ""


def _by_id(kind: type[Fact], ids: Sequence[str]) -> str:
    entity = BY_KIND[kind]
    where = f"{_where(entity)} AND" if _where(entity) else " WHERE"
    part = ", ".join(f"'{id_}'" for id_ in ids)
    return f"SELECT * FROM {entity.wire_name}{where} Id IN ({part}) MAXRESULTS 1000"


def _rows_by_name(response: dict[str, wire.Member]) -> list[tuple[str, list[msgspec.Raw]]]:
    """The entity members of a query response: the key is absent where nothing was found."""
    return [(name, value) for name, value in response.items() if isinstance(value, list)]


def _as_of(time: datetime | None) -> datetime:
    as_of = utc(time)
    if as_of is None:
        raise ContractBroken(
            RAIL, "QuickBooks sent an answer without its time, so we can't tell what it covers.", "time"
        )
    return as_of
