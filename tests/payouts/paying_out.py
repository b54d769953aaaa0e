"""A client whose customers pay through Stripe: what Stripe, the bank and the books say of its payouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import delete

from interlock.domains.ar.collecting_models import CollectingSetup
from interlock.domains.ar.services.collecting_setup import Collecting, CollectingSetupService
from interlock.domains.ar.services.payout_service import PayoutService
from interlock.domains.ar.services.payout_standing import PayoutStandings, Standing
from interlock.domains.bank.witness_models import AccountLink
from interlock.rails import facts
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.paid_out import PaidOut
from interlock.runway.services.data_orchestrators.paid_out_snapshot import read_paid_out
from tests.matching.client import WitnessedClient, bank_line
from tests.rails.stripe.deposits import keep_paid_invoice, keep_payout
from tests.runway import said

CLEARING, FEES = "31", "32"
ARRIVES = date(2026, 11, 24)


@dataclass
class PaidClient:
    there: WitnessedClient

    @staticmethod
    def accounts(clearing_cents: int = 0) -> list[facts.Fact]:
        return [
            said.account(CLEARING, "Stripe Clearing", "Other Current Asset", cents=clearing_cents),
            said.account(FEES, "Merchant Fees", "Expense"),
        ]

    def choose(self, clearing: str | None = CLEARING, fees: str | None = FEES) -> None:
        """The accounts of the client's choice."""
        scope = self.there.books.scope
        with self.there.books.firm.database.writing(scope) as session:
            owner = {"firm_id": scope.firm_id, "business_id": str(scope.business_id)}
            chosen = {"clearing_account_id": clearing, "fee_account_id": fees}
            session.merge(CollectingSetup(**owner, **chosen, changed_by="a test", changed_at=self.there.now))

    def pays_out(self, id_: str, *paid: int, more: Sequence[bytes] = (), **fields: Any) -> int:
        """Stripe pays out what customers paid, one charge each; the payout's amount."""
        scope = self.there.books.scope
        with self.there.books.firm.database.writing(scope) as session:
            rows = [
                keep_paid_invoice(session, scope, f"{id_}_{n}", [cents], ledger_id=str(900 + n))
                for n, cents in enumerate(paid)
            ]
            return keep_payout(session, scope, id_, [*rows, *more], **{"trace_id": None, **fields})

    def unlink_bank(self) -> None:
        """The client has its books and Stripe alone."""
        books = self.there.books
        with books.firm.database.writing(books.scope) as session:
            session.execute(delete(AccountLink).where(AccountLink.business_id == books.business.business_id))

    def bank_shows(self, line_id: str, cents: int, on: date = ARRIVES, **more: Any) -> None:
        self.there.state(bank_line(line_id, cents, on, **{"name": "STRIPE TRANSFER", "counterparty": "Stripe", **more}))
        self.there.match()

    def books_show(self, id_: str, cents: int, gross: int, on: date = ARRIVES) -> None:
        """A bookkeeper enters the deposit: from clearing in full, less fees."""
        lines = (_line(0, CLEARING, gross), _line(1, FEES, cents - gross))
        made = said.deposit(id_, cents)
        self.there.books.say(_changed(made, dated=on, lines=lines))
        self.there.match()

    def standing(self, payout_id: str, today: date = said.TODAY) -> Standing:
        books = self.there.books
        with books.firm.database.reading(books.scope) as session:
            service = PayoutService(session, books.business.business_id)
            row = service.get_payout(payout_id)
            setup: Collecting = CollectingSetupService(session, books.business).setup()
            apart = service.unbundle_all([row])
            return PayoutStandings(session, books.scope, setup, today).of([row], apart)[payout_id]

    def paid_out(self, today: date = said.TODAY) -> PaidOut:
        books = self.there.books
        with books.firm.database.reading(books.scope) as session:
            return read_paid_out(session, books.business, today)

    def findings(self, rule: str) -> list[Finding]:
        """As the tray has them."""
        books = self.there.books
        with books.firm.desk.reading(books.name) as at:
            return [each for each in at.findings.all if each.rule.id == rule]


def _line(position: int, account_id: str, cents: int) -> facts.Line:
    return facts.Line(position, str(position), "DepositLineDetail", cents, None, account_id)


def _changed(fact: Any, **fields: Any) -> Any:
    raw = fact.raw + repr(fields).encode()
    return msgspec.structs.replace(fact, **fields, raw=raw)
