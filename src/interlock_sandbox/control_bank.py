"""The control API's part about banks and Plaid: what is true there, what happens there, what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from interlock_sandbox.bank.bank import Bank, movement
from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.bank.model import BankAccount, BankLine
from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.parties import Step
from interlock_sandbox.sandbox import Sandbox

Listed = Callable[[str], dict[str, Any] | None]


class BankControl:
    """Handlers under ``/control/bank``, and ``/control/rails`` to which each vendor adds its own."""

    def __init__(self, sandbox: Sandbox, bank: Bank) -> None:
        self.sandbox = sandbox
        self.bank = bank

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/rails", self.rails),
            web.get("/control/bank/planted", self.planted),
            web.get("/control/bank/{realm}/accounts", self.accounts),
            web.get("/control/bank/{realm}/lines", self.lines),
            web.post("/control/bank/{realm}/lines", self.move),
            web.post("/control/bank/{realm}/lines/{line}/amend", self.amend),
            web.post("/control/bank/{realm}/lines/{line}/remove", self.remove),
        ]

    async def rails(self, request: web.Request) -> web.Response:
        """Per client, what each other vendor needs for linking; ``null`` where the client has no account there."""
        del request
        listed = []
        for client in self.sandbox.firm.clients:
            realm = client.books.realm_id
            found = {"name": client.name, "slug": client.slug, "realm_id": realm}
            listed.append({**found, **{name: told(realm) for name, told in self.sandbox.rails.items()}})
        return json_answer({"clients": listed})

    async def planted(self, request: web.Request) -> web.Response:
        """What is wrong at the banks on purpose, by realm; ``?realm=`` narrows."""
        only = request.query.get("realm")
        found = {
            realm: [
                {
                    "rule": truth.rule, "account": truth.account, "line": truth.line, "amount_minor": truth.amount_minor,
                    "qbo": None if truth.qbo is None else {"entity": truth.qbo[0], "id": truth.qbo[1]},
                    "note": truth.note,
                }
                for truth in self.bank.truths(realm)
            ]
            for realm in self.sandbox.companies
            if only in (None, realm)
        }  # fmt: skip
        return json_answer({"planted": found})

    async def accounts(self, request: web.Request) -> web.Response:
        """Every account with its balance now, in cents and the bank's own sign."""
        now = self.sandbox.clock.now()
        return json_answer(
            {"accounts": [self._account(each, now) for each in self.bank.accounts(self._realm(request))]}
        )

    async def lines(self, request: web.Request) -> web.Response:
        """Lines the bank shows now, oldest first; ``?account=`` (the books' id or the bank's) narrows."""
        realm, now = self._realm(request), self.sandbox.clock.now()
        wanted = request.query.get("account")
        held = [self._held(realm, wanted)] if wanted else self.bank.accounts(realm)
        shown = [_line(each, now) for account in held for each in self.bank.lines(account.id, now)]
        return json_answer({"lines": shown})

    async def move(self, request: web.Request) -> web.Response:
        """Money moves: ``account``, ``amount_minor`` (above 0: in), ``name``; posted now unless ``pending`` (then posted
        after ``posts_in_days``, 1 unless told). ``reference``, ``counterparty``, ``check_number`` if wanted."""
        realm, sent, now = self._realm(request), await body_of(request), self.sandbox.clock.now()
        account = self._held(realm, str(sent.get("account", "")))
        amount = _cents(sent.get("amount_minor"))
        pending = sent.get("pending") is True
        posts_in = sent.get("posts_in_days", 1)
        if not isinstance(posts_in, int) or posts_in < 0:
            raise Refused(400, "posts_in_days must be a whole number of 0 or more.")
        act = movement(
            realm, account.id, amount, str(sent.get("name") or "BANK MOVEMENT"), pending_at=now if pending else None,
            posted_at=now + timedelta(days=posts_in) if pending else now, reference=_text(sent, "reference"),
            counterparty=_text(sent, "counterparty"), check_number=_text(sent, "check_number"),
        )  # fmt: skip
        self.sandbox.act("bank", Step(now, act))
        return json_answer({"line": _line(next(reversed(self.bank.vaults[realm].lines.values())), now)})

    async def amend(self, request: web.Request) -> web.Response:
        """The bank corrects a line: ``name``, ``amount_minor``."""
        sent = await body_of(request)
        amount = _cents(sent["amount_minor"]) if "amount_minor" in sent else None
        return self._change(request, "amend", name=_text(sent, "name"), amount_minor=amount)

    async def remove(self, request: web.Request) -> web.Response:
        """The bank takes a line back."""
        return self._change(request, "remove")

    def _change(self, request: web.Request, act: str, **more: Any) -> web.Response:
        realm, line, now = self._realm(request), request.match_info["line"], self.sandbox.clock.now()
        self.bank.accounts(realm)
        if line not in self.bank.vaults[realm].lines:
            raise Refused(404, f"The banks of {realm} have no line {line}.")
        self.sandbox.act("bank", Step(now, {"act": act, "realm": realm, "line": line, **more}))
        return json_answer({"line": _line(self.bank.vaults[realm].lines[line], now)})

    def _account(self, account: BankAccount, now: datetime) -> dict[str, Any]:
        available, current = self.bank.balance(account.id, now)
        return {
            "id": account.id, "qbo_account_id": account.qbo_account_id, "name": account.name, "kind": account.kind,
            "mask": account.mask, "number": account.number, "routing": account.routing,
            "institution_id": account.institution.id, "institution": account.institution.name,
            "owners": list(account.owners), "available_minor": available, "current_minor": current,
        }  # fmt: skip

    def _held(self, realm: str, account: str) -> BankAccount:
        found = self.bank.find(realm, account)
        if found is None:
            raise Refused(404, f"{realm} has no bank account {account}.")
        return found

    def _realm(self, request: web.Request) -> str:
        realm = request.match_info["realm"]
        if realm not in self.sandbox.companies:
            raise Refused(404, f"No company has the realm id {realm}.")
        return realm


def logins(bank: Bank, realm: str) -> list[dict[str, Any]]:
    """A client's logins: each bank, with its accounts."""
    held = bank.accounts(realm)
    return [
        {
            "institution_id": each.id, "institution": each.name, "login": f"{realm}:{each.id}",
            "accounts": [
                {"id": account.id, "name": account.name, "mask": account.mask, "qbo_account_id": account.qbo_account_id}
                for account in held
                if account.institution == each
            ],
        }
        for each in INSTITUTIONS.values()
        if any(account.institution == each for account in held)
    ]  # fmt: skip


def _line(line: BankLine, now: datetime) -> dict[str, Any]:
    return {
        "id": line.id, "account": line.account, "amount_minor": line.amount_minor, "name": line.name,
        "pending": not line.posted(now), "dated": line.dated.isoformat(),
        "pending_at": None if line.pending_at is None else line.pending_at.isoformat(),
        "posted_at": None if line.posted_at is None else line.posted_at.isoformat(),
        "check_number": line.check_number, "reference": line.reference, "counterparty": line.counterparty,
        "source": line.source,
    }  # fmt: skip


def _cents(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value == 0:
        raise Refused(400, "amount_minor must be a whole number of cents other than 0.")
    return value


def _text(sent: dict[str, Any], name: str) -> str | None:
    value = sent.get(name)
    return None if value is None else str(value)
