"""Checking accounts of a client with its banks, for pages, the API and the terminal."""

from collections.abc import Sequence

from interlock.app.bank_links import client_named
from interlock.app.house import House
from interlock.domains.bank.services.account_verification_service import (
    AccountVerificationService,
    Verification,
    VerifyingRail,
)
from interlock.domains.bank.witness_models import BankAccount
from interlock.domains.firm.models import Business
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.domains.plaid.rail import PlaidRail
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails import witnesses
from interlock.rails.links import OwnerClaim, VerifiesAccounts


class Verifying:
    """What checks accounts: named by their id, their mask or their name."""

    def __init__(self, house: House) -> None:
        self._house = house

    def verify(self, business: str, account: str, claim: OwnerClaim | None, *, actor: str) -> Verification:
        """Whether the account exists and its owner matches; without a ``claim``, the client itself is said to own it."""
        client = client_named(self._house, business)
        account_id = self._account(client, account)
        return self._service(client).verify(account_id, claim or OwnerClaim(client.name), actor=actor)

    def checks(self, business: str, account: str | None = None) -> Sequence[Verification]:
        """What was found before, newest first."""
        client = client_named(self._house, business)
        return self._service(client).checks(None if account is None else self._account(client, account))

    def _service(self, client: Business) -> AccountVerificationService:
        scope = Scope(client.firm_id, client.business_id)

        def opens() -> VerifyingRail:
            rail = self._house.registry.require(scope, VerifiesAccounts, rail=PLAID)
            assert isinstance(rail, PlaidRail), "the rail that verifies accounts verifies owners"
            return rail

        run = self._house.transport.run
        return AccountVerificationService(
            self._house.database, scope, rail=PLAID, opens=opens, run=run, clock=self._house.clock
        )

    def _account(self, client: Business, wanted: str) -> str:
        scope = Scope(client.firm_id, client.business_id)
        with self._house.database.reading(scope) as session:
            held: Sequence[BankAccount] = self._house.witnesses.rows(session, scope, witnesses.BankAccount)
            found = [
                each.id for each in held if wanted in (each.id, each.mask) or wanted.casefold() == each.name.casefold()
            ]
            names = ", ".join(f"{each.name} ({each.mask})" for each in held)
        if len(found) != 1:
            which = "no bank account" if not found else "more than one bank account"
            raise NotFound(f"{client.name} has {which} {wanted!r}; linked: {names or 'none'}.")
        return found[0]
