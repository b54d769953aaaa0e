"""The banks as one party: every client's accounts, lines and balances (the product meets them through Plaid)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from interlock_sandbox.bank.accounts import accounts_of
from interlock_sandbox.bank.history import History, Paper, history_of, lines_of, paper_of
from interlock_sandbox.bank.model import Balance, BankAccount, BankLine, Truth, hashed
from interlock_sandbox.bank.planted import plant
from interlock_sandbox.books import Books
from interlock_sandbox.books.record import Happened
from interlock_sandbox.parties import Step
from interlock_sandbox.world.pause import collector_paused

SAME_MONEY = timedelta(days=10)
MARKERS = frozenset({"ramp", "stripe"})


def movement(
    realm: str,
    account: str,
    amount_minor: int,
    name: str,
    *,
    posted_at: datetime | None,
    pending_at: datetime | None = None,
    reference: str | None = None,
    counterparty: str | None = None,
    check_number: str | None = None,
) -> dict[str, Any]:
    """The act that puts a line on an account (by the books' account id, or the bank's own): above 0 is money in.

    Hand it to ``Bank.apply(act, at)``, from within another party's ``apply``, or to ``Sandbox.act("bank", …)``.
    """
    return {
        "act": "line", "realm": realm, "account": account, "amount_minor": amount_minor, "name": name,
        "pending_at": _spoken(pending_at), "posted_at": _spoken(posted_at), "reference": reference,
        "counterparty": counterparty, "check_number": check_number,
    }  # fmt: skip


@dataclass(slots=True)
class Vault:
    """One client's banks. ``papers`` are the documents that have not become lines yet; ``written`` dates a document by
    its line; ``recent`` are those written since the opening, ``elsewhere`` those whose money another vendor moves."""

    seed: int
    books: Books
    accounts: list[BankAccount]
    history: History
    papers: list[Paper] = field(default_factory=list)
    lines: dict[str, BankLine] = field(default_factory=dict)
    opening: dict[str, int] = field(default_factory=dict)
    written: dict[str, date] = field(default_factory=dict)
    moved: list[tuple[str, int, datetime]] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    recent: set[str] = field(default_factory=set)
    truths: list[Truth] = field(default_factory=list)
    before: list[tuple[dict[str, Any], datetime]] = field(default_factory=list)
    acts: int = 0
    opened: bool = False

    def by_qbo(self) -> dict[str, BankAccount]:
        return {each.qbo_account_id: each for each in self.accounts if each.qbo_account_id is not None}

    def take_in(self, paper: Paper, by_qbo: Mapping[str, BankAccount]) -> None:
        """What the bank sees of a document, if it is the bank's money at all."""
        if paper.opening:
            for posting in paper.postings:
                if posting.account in by_qbo:
                    account = by_qbo[posting.account].id
                    self.opening[account] = self.opening.get(account, 0) + posting.cents
            return
        for line in lines_of(self.seed, paper, by_qbo):
            if paper.known_at is None or not self._moved_already(line, paper):
                self.lines[line.id] = line
                self.written[line.id] = paper.day
                if paper.known_at is not None:
                    self.recent.add(paper.source)

    def _moved_already(self, line: BankLine, paper: Paper) -> bool:
        """A document may only record what Ramp or Stripe have moved, or are about to."""
        assert paper.known_at is not None
        for each in self.moved:
            account, amount, at = each
            if (account, amount) == (line.account, line.amount_minor) and abs(paper.known_at - at) <= SAME_MONEY:
                self.moved.remove(each)
                return True
        note = set(re.findall(r"[a-z]+", str(paper.body.get("PrivateNote") or "").casefold()))
        return paper.id in self.elsewhere or not MARKERS.isdisjoint(note)


class Bank:
    """Deterministic from the seed, the books at opening, the documents written since, and the acts.

    A document's later edit, void or deletion never reaches the bank.
    """

    def __init__(self, seed: int, as_of: date, companies: Sequence[Books]) -> None:
        self.as_of = as_of
        with collector_paused():
            self.vaults = {
                books.realm_id: Vault(seed, books, accounts_of(seed, index, books), history_of(books))
                for index, books in enumerate(companies)
            }
        self._index = {books.realm_id: index for index, books in enumerate(companies)}
        self.tellers: list[Callable[[str], None]] = []
        """Asked when a client's history is first looked at: they say what they moved (``has_moved``, ``expects_not``)."""
        self._realms = {account.id: realm for realm, vault in self.vaults.items() for account in vault.accounts}

    # --- what others ask ----------------------------------------------------------------------------------------

    def accounts(self, realm: str) -> list[BankAccount]:
        """All accounts of a client, those the books don't know included."""
        return self._vault(realm).accounts

    def account(self, account_id: str) -> BankAccount:
        """By the bank's own id; KeyError when there is none."""
        realm = self._realms.get(account_id)
        for name in [realm] if realm else self.vaults:
            for account in self.accounts(name):
                if account.id == account_id:
                    return account
        raise KeyError(account_id)

    def find(self, realm: str, account: str) -> BankAccount | None:
        """By the books' account id, or by the bank's own."""
        return next((each for each in self.accounts(realm) if account in (each.qbo_account_id, each.id)), None)

    def lines(self, account_id: str, now: datetime) -> list[BankLine]:
        """What the bank shows at a moment, oldest first; ``posted_at`` may still lie ahead: then it is pending."""
        shown = [line for line in self._lines(account_id) if line.shown(now)]
        return sorted(shown, key=lambda line: (line.dated, line.pending_at or line.posted_at or now, line.id))

    def balance(self, account_id: str, now: datetime) -> Balance:
        account = self.account(account_id)
        vault = self._vault(account.realm)
        lines = [line for line in self._lines(account_id) if line.shown(now)]
        posted = vault.opening.get(account_id, 0) + sum(line.amount_minor for line in lines if line.posted(now))
        pending = sum(line.amount_minor for line in lines if not line.posted(now))
        if account.credit:
            limit = account.limit_minor or 0
            return Balance(limit + posted + pending, -posted)
        return Balance(posted + pending if account.institution.tells_available else None, posted)

    def truths(self, realm: str) -> list[Truth]:
        """What is planted at this client's banks."""
        return self._vault(realm).truths

    # --- what happens -------------------------------------------------------------------------------------------

    def hears(self, realm: str, happened: Happened) -> None:
        """A document was written in QuickBooks: the money it speaks of moves, unless another vendor moves it."""
        vault = self.vaults[realm]
        record = vault.books.find(happened.entity, happened.id)
        if happened.operation != "Create" or record is None:
            return
        paper = paper_of(vault.books, record, happened.at)
        if paper is not None:
            vault.papers.append(paper)

    def has_moved(self, act: dict[str, Any], at: datetime) -> None:
        """A line (see ``movement``) another vendor caused before the world was first shown, so before any act."""
        self.vaults[str(act["realm"])].before.append((act, at))

    def expects_not(self, realm: str, doc_id: str) -> None:
        """This document records money another party moves: it makes no line of its own."""
        vault = self._vault(realm)
        vault.elsewhere.add(doc_id)
        for line in [each for each in vault.lines.values() if each.source.endswith(f"/{doc_id}")]:
            del vault.lines[line.id]

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        """``line``: see ``movement``. ``amend``: a line's ``name`` or ``amount_minor`` changes. ``remove``: it is gone."""
        vault = self._vault(str(act["realm"]))
        vault.acts += 1
        if act["act"] == "line":
            self._move(vault, act, at)
            return
        line = vault.lines[str(act["line"])]
        if act["act"] == "remove":
            vault.lines[line.id] = replace(line, removed_at=at)
            return
        amount = int(act["amount_minor"]) if act.get("amount_minor") is not None else line.amount_minor
        vault.lines[line.id] = replace(line, name=act.get("name") or line.name, amount_minor=amount)

    def due(self, now: datetime) -> Step | None:
        """Nothing: lines carry their own moments."""
        del now
        return None

    # --- how ----------------------------------------------------------------------------------------------------

    def _move(self, vault: Vault, act: dict[str, Any], at: datetime) -> None:
        account = self.find(vault.books.realm_id, str(act["account"]))
        if account is None:
            raise KeyError(f"no bank account {act['account']} of realm {vault.books.realm_id}")
        pending, posted = _moment(act.get("pending_at")), _moment(act.get("posted_at"))
        first = pending or posted or at
        amount = int(act["amount_minor"])
        line = BankLine(
            hashed("act", vault.seed, vault.books.realm_id, vault.acts, length=24), account.id, amount,
            account.currency, str(act["name"]), pending, posted, first.date(), act.get("check_number"),
            act.get("reference"), act.get("counterparty"), source=f"bank/act {vault.acts}",
        )  # fmt: skip
        if not self._replaces(vault, account, amount, at):
            vault.moved.append((account.id, amount, at))
        vault.lines[line.id] = line

    def _replaces(self, vault: Vault, account: BankAccount, amount: int, at: datetime) -> bool:
        """A document written shortly before spoke of this very money: what it set in motion is not seen as well."""
        for line in vault.lines.values():
            if (
                (line.account, line.amount_minor) == (account.id, amount)
                and line.source in vault.recent
                and not line.shown(at)
            ):
                del vault.lines[line.id]
                return True
        return False

    def _lines(self, account_id: str) -> Iterable[BankLine]:
        vault = self._vault(self.account(account_id).realm)
        return [line for line in vault.lines.values() if line.account == account_id]

    def _vault(self, realm: str) -> Vault:
        """The client's banks with everything written so far taken in; the history when it is first asked for."""
        vault = self.vaults[realm]
        if not vault.opened:
            vault.opened = True
            self._open(vault, realm)
        if vault.papers:
            papers, vault.papers = vault.papers, []
            by_qbo = vault.by_qbo()
            for paper in papers:
                vault.take_in(paper, by_qbo)
        return vault

    def _open(self, vault: Vault, realm: str) -> None:
        with collector_paused():
            by_qbo = vault.by_qbo()
            for paper in vault.history.papers():
                vault.take_in(paper, by_qbo)
        vault.history.documents.clear()
        since, vault.papers = vault.papers, []
        for tell in self.tellers:
            tell(realm)
        vault.truths = plant(vault, self._index[realm], self.as_of)
        self._realms |= {account.id: realm for account in vault.accounts}
        for act, at in vault.before:
            vault.acts += 1
            self._move(vault, act, at)
        vault.papers = since


def _spoken(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: object) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
