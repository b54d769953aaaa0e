"""A server that answers as Plaid does, in a process of its own: as many lines as asked for, and nothing to compute.

    python -m bench.bank_wire LINES ACCOUNTS

Prints its address. Every login is ``item-N``, reached by the token ``access-N``; each time its lines are read to the end, as
many new ones have come.
"""

import asyncio
import json
import sys
from typing import Any

from aiohttp import web

_PAGE = 500
_DOLLARS = {"iso_currency_code": "USD", "unofficial_currency_code": None}
_NO_PLACE = dict.fromkeys(("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number"))
_NO_PAYMENT = dict.fromkeys(
    ("reference_number", "ppd_id", "payee", "payer", "by_order_of", "payment_method", "payment_processor", "reason")
)


class Banks:
    def __init__(self, lines: int, accounts: int) -> None:
        self.lines, self.accounts = lines, accounts

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        login = str(body["access_token"]).removeprefix("access-")
        call = request.path.removeprefix("/")
        said = self._said(call, login, str(body.get("cursor") or ""))
        return web.Response(body=json.dumps({**said, "request_id": "bench"}), content_type="application/json")

    def _said(self, call: str, login: str, cursor: str) -> dict[str, Any]:
        item = {"item_id": f"item-{login}", "institution_id": "ins_1", "institution_name": "Bench Bank", "error": None}
        if call == "item/get":
            return {"item": item, "status": {"transactions": {"last_successful_update": "2026-11-24T12:00:00Z"}}}
        if call.startswith("accounts/"):
            return {"item": item, "accounts": [_account(login, place) for place in range(self.accounts)]}
        whole = self.lines * self.accounts
        at = int(cursor or 0)
        page = [_line(login, number, self.accounts) for number in range(at, min(at + _PAGE, at - at % whole + whole))]
        return {
            "accounts": [],
            "added": page,
            "modified": [],
            "removed": [],
            "next_cursor": str(at + len(page)),
            "has_more": (at + len(page)) % whole != 0,
            "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
        }


def _account(login: str, place: int) -> dict[str, Any]:
    return {
        "account_id": f"account-{login}-{place}",
        "balances": {"available": 100.25, "current": 120.5, "limit": None, **_DOLLARS},
        "mask": f"{place:04}",
        "name": f"Account {place}",
        "official_name": None,
        "type": "depository",
        "subtype": "checking",
    }


def _line(login: str, number: int, accounts: int) -> dict[str, Any]:
    return {
        "transaction_id": f"line-{login}-{number}",
        "account_id": f"account-{login}-{number % accounts}",
        "amount": 10 + number / 100,
        **_DOLLARS,
        "date": "2026-11-20",
        "authorized_date": None,
        "name": f"BENCH PAYMENT {number}",
        "merchant_name": None,
        "original_description": f"BENCH PAYMENT {number} REF 0042",
        "pending": False,
        "pending_transaction_id": None,
        "check_number": None,
        "payment_channel": "other",
        "payment_meta": _NO_PAYMENT,
        "counterparties": [],
        "category": None,
        "category_id": None,
        "location": _NO_PLACE,
        "personal_finance_category": {"primary": "TRANSFER_OUT", "detailed": "TRANSFER_OUT_ACCOUNT_TRANSFER"},
        "transaction_code": None,
        "transaction_type": "special",
    }


async def _serve(lines: int, accounts: int) -> None:
    app = web.Application()
    app.add_routes([web.post("/{tail:.*}", Banks(lines, accounts).answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
