"""The accounts a company has at its banks: one for each bank or card account of its books."""

from __future__ import annotations

from interlock_sandbox.bank.institutions import bank_of, card_issuer_of
from interlock_sandbox.bank.model import AccountKind, BankAccount, digits, hashed
from interlock_sandbox.books import Books

CARD_LIMIT_MINOR = 5_000_000
TYPES = frozenset({"Bank", "Credit Card"})
KINDS: dict[str, AccountKind] = {"Savings": "savings", "MoneyMarket": "savings"}


def accounts_of(seed: int, index: int, books: Books) -> list[BankAccount]:
    """In the order of the books' chart; Undeposited Funds is a drawer, not an account at a bank."""
    found = []
    for record in books.records("Account").values():
        body = record.body
        if body.get("AccountType") not in TYPES or body.get("AccountSubType") == "UndepositedFunds":
            continue
        if body.get("Active") is False:
            continue
        kind: AccountKind = KINDS.get(str(body.get("AccountSubType")), "checking")
        if body["AccountType"] == "Credit Card":
            kind = "credit card"
        found.append(account_of(seed, index, books, record.id, kind, str(body["Name"])))
    return found


def account_of(
    seed: int, index: int, books: Books, qbo_account_id: str | None, kind: AccountKind, name: str
) -> BankAccount:
    key = (seed, books.realm_id, qbo_account_id or name)
    number = digits("number", *key, length=16 if kind == "credit card" else 10)
    info = books.find("CompanyInfo", "1")
    legal = str((info.body if info else {}).get("LegalName") or books.name)
    return BankAccount(
        id=hashed("account", *key, length=20),
        realm=books.realm_id,
        qbo_account_id=qbo_account_id,
        institution=card_issuer_of(index) if kind == "credit card" else bank_of(index),
        kind=kind,
        name=name,
        mask=number[-4:],
        number=number,
        owners=(legal,),
        limit_minor=CARD_LIMIT_MINOR if kind == "credit card" else None,
    )
