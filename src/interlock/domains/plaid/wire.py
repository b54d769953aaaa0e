"""What Plaid's answers look like on the wire, as far as we read them (API version 2020-09-14).

Tolerant: unknown members are passed over, unknown words of an enumeration stay texts, and only what we can't do without is
required. Amounts are JSON numbers in major units, decoded to ``Decimal`` from their digits (plaid.md §1).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from msgspec import Raw, Struct

Day: TypeAlias = date  # a field may be called date


class Fault(Struct, frozen=True):
    """The error envelope, in an answer or as an item's own ``error`` (plaid.md §9)."""

    error_type: str
    error_code: str
    error_message: str | None = None
    display_message: str | None = None
    request_id: str | None = None


class LinkToken(Struct, frozen=True):
    """``/link/token/create``; the address is there because Hosted Link was asked for."""

    link_token: str
    expiration: datetime
    hosted_link_url: str | None = None


class Institution(Struct, frozen=True):
    institution_id: str | None = None
    name: str | None = None


class ItemAdded(Struct, frozen=True):
    public_token: str
    institution: Institution | None = None


class SessionResults(Struct, frozen=True):
    item_add_results: tuple[ItemAdded, ...] = ()


class SessionSuccess(Struct, frozen=True):
    """The older shape, with one public token at most."""

    public_token: str | None = None


class SessionExit(Struct, frozen=True):
    error: Fault | None = None


class LinkSession(Struct, frozen=True):
    """One opening of the hosted page. ``finished_at`` is there once it ended, whichever way."""

    link_session_id: str
    finished_at: datetime | None = None
    on_success: SessionSuccess | None = None
    results: SessionResults | None = None
    exit: SessionExit | None = None
    on_exit: SessionExit | None = None


class LinkTokenState(Struct, frozen=True):
    """``/link/token/get``: sessions are told for six hours after they ended."""

    link_token: str
    expiration: datetime | None = None
    link_sessions: tuple[LinkSession, ...] = ()


class Exchanged(Struct, frozen=True):
    access_token: str
    item_id: str


class Rotated(Struct, frozen=True):
    new_access_token: str


class Item(Struct, frozen=True):
    """A login. Only ``/item/get`` shows ``error`` in a good answer; elsewhere the call itself fails."""

    item_id: str
    institution_id: str | None = None
    institution_name: str | None = None
    error: Fault | None = None
    consent_expiration_time: datetime | None = None
    update_type: str | None = None


class FeedStatus(Struct, frozen=True):
    last_successful_update: datetime | None = None
    last_failed_update: datetime | None = None


class ItemStatus(Struct, frozen=True):
    transactions: FeedStatus | None = None


class ItemAnswer(Struct, frozen=True):
    item: Item
    status: ItemStatus | None = None


class Balances(Struct, frozen=True):
    """``current`` of a card is what is owed, above zero. Either figure may be missing."""

    available: Decimal | None = None
    current: Decimal | None = None
    limit: Decimal | None = None
    iso_currency_code: str | None = None
    unofficial_currency_code: str | None = None
    last_updated_datetime: datetime | None = None


class Account(Struct, frozen=True):
    account_id: str
    balances: Balances
    type: str
    name: str
    mask: str | None = None
    official_name: str | None = None
    subtype: str | None = None
    persistent_account_id: str | None = None


class AccountsAnswer(Struct, frozen=True):
    """Accounts as they came, so that each payload can be kept."""

    accounts: tuple[Raw, ...]
    item: Item


class Counterparty(Struct, frozen=True):
    name: str
    type: str | None = None


class PaymentMeta(Struct, frozen=True):
    reference_number: str | None = None
    payee: str | None = None
    payer: str | None = None
    by_order_of: str | None = None
    reason: str | None = None


class Transaction(Struct, frozen=True):
    """``amount`` above zero is money out of the account (plaid.md §4)."""

    transaction_id: str
    account_id: str
    amount: Decimal
    date: Day
    pending: bool
    name: str | None = None
    iso_currency_code: str | None = None
    unofficial_currency_code: str | None = None
    pending_transaction_id: str | None = None
    authorized_date: Day | None = None
    merchant_name: str | None = None
    original_description: str | None = None
    check_number: str | None = None
    payment_channel: str | None = None
    payment_meta: PaymentMeta | None = None
    counterparties: tuple[Counterparty, ...] | None = None


class Removed(Struct, frozen=True):
    transaction_id: str


class SyncAnswer(Struct, frozen=True):
    """One page of ``/transactions/sync``."""

    added: tuple[Raw, ...]
    modified: tuple[Raw, ...]
    removed: tuple[Removed, ...]
    next_cursor: str
    has_more: bool
    transactions_update_status: str | None = None


class NumbersACH(Struct, frozen=True):
    account_id: str
    account: str
    routing: str
    is_tokenized_account_number: bool | None = None


class Numbers(Struct, frozen=True):
    ach: tuple[NumbersACH, ...] = ()


class AuthAccount(Struct, frozen=True):
    account_id: str
    mask: str | None = None
    verification_status: str | None = None


class AuthAnswer(Struct, frozen=True):
    accounts: tuple[AuthAccount, ...]
    numbers: Numbers


class NameScore(Struct, frozen=True):
    score: int | None = None
    is_business_name_detected: bool | None = None


class Score(Struct, frozen=True):
    score: int | None = None


class MatchedAccount(Struct, frozen=True):
    """An account of ``/identity/match``; its balances are all null there, and not read."""

    account_id: str
    legal_name: NameScore | None = None
    email_address: Score | None = None
    phone_number: Score | None = None
    address: Score | None = None


class MatchAnswer(Struct, frozen=True):
    accounts: tuple[MatchedAccount, ...]


class PublicKey(Struct, frozen=True):
    """A key that Plaid signs notices with; ``expired_at`` (seconds since 1970) is set once it was replaced."""

    alg: str
    crv: str
    kid: str
    kty: str
    x: str
    y: str
    expired_at: int | None = None


class KeyAnswer(Struct, frozen=True):
    key: PublicKey
