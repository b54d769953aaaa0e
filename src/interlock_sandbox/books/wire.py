"""A record as QuickBooks shows it: empty fields absent, Pacific times, derived balances filled in (qbo.md §10)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from interlock_sandbox.books.amounts import money
from interlock_sandbox.books.chart import KINDS
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.record import Body, Record, Tombstone

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

ENCODER = msgspec.json.Encoder(decimal_format="number")


@lru_cache(maxsize=65536)
def pacific(moment: datetime) -> str:
    """``YYYY-MM-DDTHH:MM:SS-07:00``: always Pacific, whatever the company's zone (qbo.md §4)."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def wire(books: Register, record: Record) -> Body:
    """The full object, as read, queried and returned from writes."""
    out: Body = {
        **record.body,
        "domain": "QBO",
        "sparse": False,
        "Id": record.id,
        "SyncToken": str(record.token),
        "MetaData": {"CreateTime": pacific(record.created), "LastUpdatedTime": pacific(record.updated)},
    }
    links = books.wire_links(record)
    out.pop("LinkedTxn", None)
    if links:
        out["LinkedTxn"] = [{"TxnId": txn_id, "TxnType": kind} for txn_id, kind in links]
    if record.entity == "Account":
        _account(books, record, out)
    elif record.entity == "Vendor":
        out["Balance"] = _amount(books.open_items.balance("AP", record.id))
        if "TaxIdentifier" in out:
            out["TaxIdentifier"] = "XXXXXX" + str(out["TaxIdentifier"])[-4:]
    elif record.entity == "Customer":
        own, jobs = books.customer_balances(record.id)
        out["Balance"], out["BalanceWithJobs"] = _amount(own), _amount(jobs)
    else:
        document = books.documents.get(record.entity)
        if document is not None:
            document.derived(record, out)
    return out


def wire_bytes(books: Register, record: Record) -> bytes:
    """The same as JSON bytes, kept until something about the record changes."""
    raw = record.raw
    if raw is None:
        raw = record.raw = ENCODER.encode(wire(books, record))
    return raw


def deleted_stub(tombstone: Tombstone, *, with_time: bool) -> Body:
    """What is left of a deleted transaction: in the delete answer without a time, in CDC with it."""
    stub: Body = {"domain": "QBO", "status": "Deleted", "Id": tombstone.id}
    if with_time:
        stub["MetaData"] = {"LastUpdatedTime": pacific(tombstone.at)}
    return stub


def _account(books: Register, record: Record, out: Body) -> None:
    kind = KINDS[out["AccountType"]]
    out["Classification"] = kind.classification
    own = books.ledger.total(record.id) * kind.shown_as
    family = sum(books.ledger.total(child) for child in books.family(record)) * kind.shown_as
    out["CurrentBalance"], out["CurrentBalanceWithSubAccounts"] = _amount(own), _amount(family)


def _amount(cents: int) -> object:
    return money(cents) if cents else 0
