"""Vendors, bills and funding accounts at the paying rail, and which of the ledger's they are.

Exact keys, each alone on both sides. Vendors: *ledger_id* (the rail's own accounting link names the ledger's vendor), *email*
(the same name and the same e-mail address). Bills: *ledger_id*; *remote_id* (its maker tagged it with the ledger's id, or we
with that of the payment released for it, and the total agrees); *number* (number, currency and total agree, of a vendor that is
linked or named in the same words). Funding accounts: *mask* (the last digits of a bank account that is linked to the ledger
already).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, Vendor
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.witness_models import BillLink, FundingAccount, RailBill, RailVendor, VendorLink
from interlock.domains.bank.account_identity import BANK
from interlock.domains.bank.models import Account
from interlock.domains.bank.witness_models import AccountLink, BankAccount
from interlock.domains.firm.identity import CLAIM, Thing
from interlock.domains.firm.likeness import (
    account_blocks,
    account_score,
    document_blocks,
    document_score,
    party_blocks,
    party_score,
)
from interlock.domains.firm.naming import key_of, words
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED, IdentityRow

_IN_MOST = 5_000


def party_keys(id_: str | None, name: str, email: str | None) -> dict[str, str]:
    """``ledger_id`` by its claim, ``email`` with the name beside it."""
    keys = {CLAIM: id_} if id_ else {}
    if email and words(name):
        keys["email"] = f"{email.strip().casefold()} {' '.join(words(name))}"
    return keys


def document_keys(
    number: str | None, currency: str, minor: int, party_id: str | None, party: str | None
) -> dict[str, str]:
    """``number`` with the linked party beside it, ``number_and_name`` with the party's name."""
    plain = key_of(number)
    if plain is None:
        return {}
    keys = {"number": f"{plain} {currency} {minor} {party_id}"} if party_id else {}
    if words(party):
        keys["number_and_name"] = f"{plain} {currency} {minor} {' '.join(words(party))}"
    return keys


class Vendors:
    name = "vendor"
    model: type[IdentityRow] = VendorLink
    rules: Mapping[str, str] = {
        CLAIM: "the rail’s accounting link names it",
        "email": "the same name and e-mail address",
    }
    score = staticmethod(party_score)
    blocks = staticmethod(party_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = select(RailVendor).where(RailVendor.business_id == scope.business_id, RailVendor.buried_at.is_(None))
        return [
            Thing(each.id, each.name, party_keys(each.ledger_id, each.name, each.email), email=each.email)
            for each in db.scalars(query.order_by(RailVendor.id))
        ]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        del rail  # all of them are few
        query = select(Vendor).where(Vendor.business_id == scope.business_id, Vendor.buried_at.is_(None))
        return _vendors(db.scalars(query.order_by(Vendor.id)))

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        query = select(Vendor).where(Vendor.business_id == scope.business_id, among(db, Vendor.id, ids))
        return {each.id: each for each in _vendors(db.scalars(query))}


class Bills:
    name = "bill"
    model: type[IdentityRow] = BillLink
    rules: Mapping[str, str] = {
        CLAIM: "the rail’s accounting link names it",
        "remote_id": "tagged with the ledger’s id or our payment’s, and the same total",
        "number": "number, total and linked vendor agree",
        "number_and_name": "number, total and vendor’s name agree",
    }
    score = staticmethod(document_score)
    blocks = staticmethod(document_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = select(RailBill).where(
            RailBill.business_id == scope.business_id, RailBill.buried_at.is_(None), RailBill.archived_at.is_(None)
        )
        vendors = linked(db, scope, VendorLink)
        bills = db.scalars(query.order_by(RailBill.id)).all()
        released = _bills_released(db, scope, [bill.remote_id for bill in bills if bill.remote_id])
        return [_rail_bill(each, vendors, released) for each in bills]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        """Those that are claimed, or have a total or a number of the rail's."""
        claimed = [claim for each in rail if (claim := each.keys.get(CLAIM))]
        totals = sorted({each.minor for each in rail if each.minor is not None})
        numbers = sorted({each.number for each in rail if each.number})
        query = select(Bill).where(
            Bill.business_id == scope.business_id,
            Bill.buried_at.is_(None),
            Bill.voided.is_(False),
            or_(
                among(db, Bill.id, claimed),
                Bill.total_minor.in_(totals) if len(totals) <= _IN_MOST else Bill.id.is_not(None),
                among(db, Bill.number, numbers),
            ),
        )
        return [_ledger_bill(each) for each in db.scalars(query.order_by(Bill.id))]

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        query = select(Bill).where(Bill.business_id == scope.business_id, among(db, Bill.id, ids))
        return {each.id: _ledger_bill(each) for each in db.scalars(query)}


class FundingAccounts:
    name = "funding_account"
    model: type[IdentityRow] = AccountLink
    rules: Mapping[str, str] = {"mask": "the last digits of a bank account that is linked"}
    score = staticmethod(account_score)
    blocks = staticmethod(account_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = select(FundingAccount).where(
            FundingAccount.business_id == scope.business_id, FundingAccount.buried_at.is_(None)
        )
        return [
            Thing(
                each.id,
                each.name,
                {"mask": f"{each.currency} {each.mask}"} if each.mask else {},
                number=each.mask,
                currency=each.currency,
                kind=BANK,
            )
            for each in db.scalars(query.order_by(FundingAccount.id))
        ]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        del rail  # accounts are few
        masks = self._masks(db, scope)
        query = select(Account).where(
            Account.business_id == scope.business_id,
            Account.buried_at.is_(None),
            Account.active,
            Account.kind == BANK,
        )
        return [_account(each, masks.get(each.id)) for each in db.scalars(query.order_by(Account.id))]

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        banks = Account.kind == BANK
        query = select(Account).where(Account.business_id == scope.business_id, banks, among(db, Account.id, ids))
        return {each.id: _account(each, None) for each in db.scalars(query)}

    def _masks(self, db: Session, scope: Scope) -> dict[str, str]:
        """By the ledger's account: the last digits of the bank account that it is linked to."""
        query = (
            select(AccountLink.ledger_id, BankAccount.mask)
            .join(
                BankAccount,
                (BankAccount.business_id == AccountLink.business_id) & (BankAccount.id == AccountLink.rail_id),
            )
            .where(
                AccountLink.business_id == scope.business_id,
                AccountLink.state == LINKED,
                BankAccount.mask.is_not(None),
                BankAccount.buried_at.is_(None),
            )
        )
        return {row.ledger_id: row.mask for row in db.execute(query)}


def linked(db: Session, scope: Scope, model: type[IdentityRow]) -> dict[str, str]:
    """The ledger's id of each of the rail's that is linked."""
    query = select(model.rail_id, model.ledger_id).where(model.business_id == scope.business_id, model.state == LINKED)
    return {row.rail_id: row.ledger_id for row in db.execute(query)}


def _vendors(rows: Iterable[Vendor]) -> list[Thing]:
    return [Thing(each.id, each.name, party_keys(each.id, each.name, each.email), email=each.email) for each in rows]


def _bills_released(db: Session, scope: Scope, keys: Sequence[str]) -> dict[str, str]:
    """The bill that each payment of ours is for, by the key that we send with it."""
    query = select(Disbursement.intent_id, Disbursement.bill_id).where(
        Disbursement.business_id == scope.business_id, among(db, Disbursement.intent_id, keys)
    )
    return {row.intent_id: row.bill_id for row in db.execute(query)} if keys else {}


def _rail_bill(bill: RailBill, vendors: Mapping[str, str], released: Mapping[str, str]) -> Thing:
    vendor_id = vendors.get(bill.vendor_id or "")
    keys: dict[str, str] = document_keys(bill.number, bill.currency, bill.total_minor, vendor_id, bill.vendor_name)
    if bill.ledger_id:
        keys[CLAIM] = bill.ledger_id
    if bill.remote_id:
        keys["remote_id"] = f"{released.get(bill.remote_id, bill.remote_id)} {bill.currency} {bill.total_minor}"
    return _document(bill, keys, bill.vendor_name, bill.dated)


def _ledger_bill(bill: Bill) -> Thing:
    keys = document_keys(bill.number, bill.currency, bill.total_minor, bill.vendor_id, bill.vendor_name)
    keys |= {CLAIM: bill.id, "remote_id": f"{bill.id} {bill.currency} {bill.total_minor}"}
    return _document(bill, keys, bill.vendor_name, bill.dated)


def _document(row: Any, keys: Mapping[str, str], party: str | None, dated: Any) -> Thing:
    name = f"{row.number or row.id}, {party or 'nobody named'}"
    return Thing(row.id, name, keys, row.number, party, None, dated, row.total_minor, row.currency)


def _account(account: Account, mask: str | None) -> Thing:
    keys = {"mask": f"{account.currency} {mask}"} if mask else {}
    return Thing(account.id, account.full_name, keys, number=mask, currency=account.currency, kind=BANK)
