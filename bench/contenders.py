"""What we measure ourselves against: a well-known client storing plain dictionaries, and the barest loop possible."""

import asyncio
import json
import os
import sqlite3
import time
from pathlib import Path

import aiohttp
import msgspec
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from bench.measuring import Run
from bench.world import Served

# Plain HTTP on loopback, which the contender's OAuth library refuses unless told.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

ENTITIES = (
    "Term Account Vendor Customer Bill BillPayment VendorCredit PurchaseOrder Invoice Payment CreditMemo "
    "SalesReceipt RefundReceipt Deposit Purchase Transfer JournalEntry"
).split()
_LISTS = {"Account", "Vendor", "Customer", "Term"}
_PAGE_ROWS = 1000


def _statement(entity: str, start: int) -> str:
    where = " WHERE Active IN (true, false)" if entity in _LISTS else ""
    return f"SELECT * FROM {entity}{where} ORDERBY Id STARTPOSITION {start} MAXRESULTS {_PAGE_ROWS}"


def python_quickbooks(company: Served, folder: Path) -> int:
    """``python-quickbooks``, one page after the other, rows as JSON text in SQLite. Returns rows."""
    auth = AuthClient(
        company.client_id, company.client_secret, "http://localhost/", f"{company.url}/.well-known/openid_configuration"
    )
    auth.refresh(refresh_token=company.refresh_token())
    books = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=company.realm_id, minorversion=75)
    books.api_url_v3 = f"{company.url}/v3"
    database = sqlite3.connect(folder / "python-quickbooks.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE row (entity TEXT, id TEXT, body TEXT, PRIMARY KEY (entity, id))")
    total = 0
    for entity in ENTITIES:
        start = 1
        while True:
            found = books.query(_statement(entity, start))["QueryResponse"].get(entity, [])
            with database:
                database.executemany(
                    "INSERT OR REPLACE INTO row VALUES (?, ?, ?)",
                    [(entity, row["Id"], json.dumps(row)) for row in found],
                )
            total += len(found)
            start += len(found)
            if len(found) < _PAGE_ROWS:
                break
    database.close()
    return total


def bare_loop(company: Served, folder: Path) -> int:
    """aiohttp, msgspec and ``executemany`` of raw payloads, one page after the other, and nothing else. Returns rows."""
    return asyncio.run(_bare(company, folder))


async def _bare(company: Served, folder: Path) -> int:
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    head = msgspec.json.Decoder(_Head)
    rows_decoder = msgspec.json.Decoder(list[msgspec.Raw])
    database = sqlite3.connect(folder / "bare.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE row (entity TEXT, id TEXT, body BLOB, PRIMARY KEY (entity, id))")
    total = 0
    async with aiohttp.ClientSession() as session:
        form = {"grant_type": "refresh_token", "refresh_token": company.refresh_token()}
        basic = aiohttp.BasicAuth(company.client_id, company.client_secret)
        async with session.post(f"{company.url}/oauth2/v1/tokens/bearer", data=form, auth=basic) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        for entity in ENTITIES:
            start = 1
            while True:
                params = {"query": _statement(entity, start)}
                url = f"{company.url}/v3/company/{company.realm_id}/query"
                async with session.get(url, params=params, headers=headers) as answer:
                    response = decoder.decode(decoder.decode(await answer.read())["QueryResponse"])
                found = rows_decoder.decode(response[entity]) if entity in response else []
                with database:
                    database.executemany(
                        "INSERT OR REPLACE INTO row VALUES (?, ?, ?)",
                        [(entity, head.decode(row).Id, bytes(row)) for row in found],
                    )
                total += len(found)
                start += len(found)
                if len(found) < _PAGE_ROWS:
                    break
    database.close()
    return total


def same_rows(finished: Path, folder: Path) -> Run:
    """What a finished mirror holds of documents, lines and links, written again by plain ``executemany``: no HTTP, no mapping,

    no log; a table at a time, a thousand rows a transaction. Only the writing is timed. Rows are what the ledger calls so.
    """
    source, target = sqlite3.connect(finished), sqlite3.connect(folder / "same.db")
    target.execute("PRAGMA page_size=16384")
    target.execute("PRAGMA journal_mode=WAL")
    made = source.execute(
        "SELECT m.name, m.sql FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'business_id'"
        " WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name IN ('raw', 'document_id'))"
    ).fetchall()
    total, wall, cpu = 0, 0.0, 0.0
    for name, sql in made:
        target.execute(sql)
        for index in source.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''", (name,)
        ):
            target.execute(index[0])
        rows = source.execute(f"SELECT * FROM {name}")
        insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows.description))})"
        while found := rows.fetchmany(_PAGE_ROWS):
            began, used = time.perf_counter(), time.process_time()
            with target:
                target.executemany(insert, found)
            wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - used
            total += len(found) if any(column[0] == "raw" for column in rows.description) else 0
    source.close()
    target.close()
    return Run(total, wall, cpu)


class _Head(msgspec.Struct):
    Id: str
