"""What a bank and rails state of a client, and what a person then does about it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select

from interlock.domains.ap.witness_mirror import MIRROR as PAYING
from interlock.domains.ar.witness_mirror import MIRROR as COLLECTING
from interlock.domains.bank.match_models import BankMatch, BankMatchPart
from interlock.domains.bank.services.matching_service import Matched
from interlock.domains.bank.witness_mirror import MIRROR as BANKS
from interlock.domains.bank.witness_models import AccountLink
from interlock.infra import translog
from interlock.infra.translog import Line
from interlock.rails import witnesses
from interlock.rails.facts import Fact, Page
from interlock.rails.identity import LINKED
from interlock.rails.mirror import ComposedMirror
from interlock.runway.matching import match_business, matching_service
from tests.runway import said
from tests.runway.conftest import ClientBooks

ACTOR = "Odell Marsh"
_MIRROR = ComposedMirror([BANKS, PAYING, COLLECTING], kinds=witnesses.KINDS)

_HEAD = frozenset({"id", "version", "created_at", "updated_at", "raw"})

F = TypeVar("F", bound=Fact)


def stated(of: type[F], id_: str, **more: Any) -> F:
    """A fact; what isn't said is nothing."""
    more = {name: more.get(name) for name in of.__struct_fields__ if name not in _HEAD}
    raw = json.dumps([of.entity, id_, more], default=str).encode()
    head: dict[str, Any] = {"id": id_, "version": "0", "created_at": said.NOW, "updated_at": said.NOW, "raw": raw}
    return of(**head, **more)


@dataclass
class WitnessedClient:
    books: ClientBooks

    @property
    def now(self) -> datetime:
        return self.books.firm.clock.now()

    def state(self, *facts: Fact) -> None:
        """The rails state these."""
        with self.books.firm.database.writing(self.books.scope) as session:
            for fact in facts:
                _MIRROR.store(session, self.books.scope, Page(type(fact), (fact,), self.now), 1)

    def gone(self, kind: type[Fact], id_: str) -> None:
        """A rail says it is gone."""
        with self.books.firm.database.writing(self.books.scope) as session:
            _MIRROR.bury(session, self.books.scope, kind, [id_], self.now)

    def bank_account(self, id_: str, name: str, **more: Any) -> witnesses.BankAccount:
        fields: dict[str, Any] = {
            "item_id": "item-1",
            "institution_id": "ins_1",
            "institution": "Larkfield Bank",
            "name": name,
            "mask": "4821",
            "kind": "depository",
            "sub_kind": "checking",
            "lasting_id": None,
            "currency": "USD",
            "available_minor": None,
            "current_minor": 0,
            "limit_minor": None,
            "observed_at": self.now,
            "live": True,
        }
        return stated(witnesses.BankAccount, id_, **{**fields, **more})

    def link_account(self, rail_id: str, ledger_id: str, rail: str = "plaid") -> None:
        with self.books.firm.database.writing(self.books.scope) as session:
            session.add(
                AccountLink(
                    firm_id=self.books.scope.firm_id,
                    business_id=self.books.scope.business_id,
                    rail=rail,
                    rail_id=rail_id,
                    ledger_id=ledger_id,
                    state=LINKED,
                    rule="person",
                    score=100,
                    evidence="[]",
                    decided_by=ACTOR,
                    decided_at=self.now,
                )
            )

    def match(self) -> Matched:
        with self.books.firm.database.writing(self.books.scope) as session:
            return match_business(session, self.books.scope, self.now)

    def groups(self, state: str = "matched") -> list[tuple[str, ...]]:
        """Each group's members in order, as ``kind:id``."""
        with self.books.firm.database.reading(self.books.scope) as session:
            wanted = (BankMatch.match_id == BankMatchPart.match_id) & (BankMatch.state == state)
            query = select(BankMatch.match_id, BankMatchPart.kind, BankMatchPart.ref_id).join(BankMatchPart, wanted)
            found: dict[str, list[str]] = {}
            for id_, kind, ref in session.execute(query):
                found.setdefault(id_, []).append(f"{kind}:{ref}")
        return sorted(tuple(sorted(each)) for each in found.values())

    def match_of(self, member: str, state: str = "matched") -> str:
        """The id of the group in ``state`` that has ``member``; the first by id where several have."""
        kind, ref = member.split(":", 1)
        with self.books.firm.database.reading(self.books.scope) as session:
            query = (
                select(BankMatch.match_id)
                .join(BankMatchPart, BankMatch.match_id == BankMatchPart.match_id)
                .where(BankMatch.state == state, BankMatchPart.kind == kind, BankMatchPart.ref_id == ref)
            )
            return sorted(session.scalars(query))[0]

    def person(self, act: str, *given: Any) -> Any:
        """``person('undo', match_id)``: one act of a person, in a transaction of its own."""
        with self.books.firm.database.writing(self.books.scope) as session:
            service = matching_service(session, self.books.scope)
            return getattr(service, act)(*given, now=self.now, actor=ACTOR)

    def log(self, prefix: str) -> list[Line]:
        with self.books.firm.database.reading(self.books.scope) as session:
            every = translog.lines(session, str(self.books.scope.business_id))
            return [line for line in every if line.action.startswith(prefix)]


def bank_line(id_: str, cents: int, on: date = date(2026, 11, 23), **more: Any) -> witnesses.BankLine:
    """Posted on ``b1``; nothing on it says what it is."""
    fields: dict[str, Any] = {
        "account_id": "b1",
        "dated": on,
        "authorised": None,
        "amount_minor": cents,
        "currency": "USD",
        "name": "ACH DEBIT",
        "counterparty": None,
        "check_number": None,
        "reference": None,
        "channel": None,
        "pending": False,
        "pending_id": None,
    }
    return stated(witnesses.BankLine, id_, **{**fields, **more})


def rail_bill(id_: str, cents: int, **more: Any) -> witnesses.RailBill:
    """A bill that the paying rail was told to pay on 20 November."""
    fields: dict[str, Any] = {
        "number": f"N-{id_}",
        "remote_id": None,
        "vendor_id": "rv1",
        "vendor_name": "Copperfield Freight",
        "dated": date(2026, 11, 3),
        "due": date(2026, 12, 3),
        "currency": "USD",
        "total_minor": cents,
        "ledger_id": None,
        "draft": False,
        "state": "payment_processing",
        "approval": "approved",
        "payment_state": "open",
        "synced": "not_synced",
        "method": "ach",
        "payment_id": f"pay-{id_}",
        "batch_id": None,
        "funding_account_id": None,
        "payment_minor": cents,
        "starts_on": date(2026, 11, 20),
        "arrives_on": date(2026, 11, 24),
        "paid_at": None,
        "trace": None,
        "archived_at": None,
        "url": None,
    }
    return stated(witnesses.RailBill, id_, **{**fields, **more})


def payout(id_: str, cents: int, **more: Any) -> witnesses.Payout:
    fields: dict[str, Any] = {
        "currency": "USD",
        "amount_minor": cents,
        "state": "paid",
        "automatic": True,
        "attributed": True,
        "arrives_on": date(2026, 11, 20),
        "trace": None,
        "destination_id": None,
        "failure": None,
    }
    return stated(witnesses.Payout, id_, **{**fields, **more})
