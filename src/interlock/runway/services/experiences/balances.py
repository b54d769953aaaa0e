"""Balances as the books have them, and as the banks do."""

from collections.abc import Callable, Iterable, Sequence

from interlock.domains.bank.services.balance_service import AccountBalance, Balances, BalanceService, BankBalance
from interlock.domains.firm.models import Business
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.data_orchestrators.cash_snapshot import Cash
from interlock.runway.services.experiences.cash import CashView
from interlock.runway.services.views import Amount, Exclusion, Instant, TiedView, Total, View


class AccountLine(View):
    id: str
    name: str
    balance: Amount


class BalancesView(View):
    """Book balances; ``book_cash`` is bank accounts without Undeposited Funds, card debt positive where it is owed.

    Accounts in other currencies stand in ``foreign`` and, counted, in what ``book_cash`` excludes.
    """

    book_cash: Total
    undeposited_funds: Total
    card_debt: Total
    bank: tuple[AccountLine, ...]
    undeposited: tuple[AccountLine, ...]
    credit_cards: tuple[AccountLine, ...]
    foreign: tuple[AccountLine, ...]
    last_sync: Instant | None
    basis: str
    tied: TiedView
    cash: CashView | None = None
    """The banks' word, where a bank is linked."""

    @classmethod
    def of(cls, balances: Balances, tied: TiedView, cash: CashView | None = None) -> "BalancesView":
        apart = tuple(
            Exclusion(what=f"{each.name}, in {each.balance.currency}", rows=1, amount=Amount.of(each.balance))
            for each in balances.foreign
        )
        return cls(
            book_cash=Total(
                amount=Amount.of(balances.book_cash),
                rows=len(balances.bank),
                basis="Bank accounts in home currency, Undeposited Funds apart.",
                excluded=apart,
            ),
            undeposited_funds=Total(
                amount=Amount.of(balances.undeposited_funds),
                rows=len(balances.undeposited),
                basis="Receipts not yet in a deposit.",
            ),
            card_debt=Total(
                amount=Amount.of(balances.card_debt), rows=len(balances.credit_cards), basis="Owed on credit cards."
            ),
            bank=_lines(balances.bank),
            undeposited=_lines(balances.undeposited),
            credit_cards=_lines(balances.credit_cards),
            foreign=_lines(balances.foreign),
            last_sync=balances.last_sync,
            basis=balances.basis,
            tied=tied,
            cash=cash,
        )


class BalancesService:
    """Balances of one business, as shown. ``cash_of`` tells what lies between the banks' word and the books'."""

    def __init__(
        self,
        business: Business,
        balance_service: BalanceService,
        tied: TiedView,
        *,
        cash_of: Callable[[Sequence[BankBalance]], Cash],
        links: Links,
    ) -> None:
        self._business = business
        self._balance_service = balance_service
        self._tied = tied
        self._cash_of = cash_of
        self._links = links

    def get_balances_experience(self) -> BalancesView:
        """Both truths where a bank is linked; the books' alone otherwise."""
        said = self._balance_service.get_current_balances()
        home, name = self._business.home_currency, self._business.name
        cash = CashView.of(said.banks, self._cash_of(said.banks), home, name, self._links) if said.banks else None
        return BalancesView.of(said, self._tied, cash)


def _lines(accounts: Iterable[AccountBalance]) -> tuple[AccountLine, ...]:
    return tuple(
        AccountLine(id=account.id, name=account.name, balance=Amount.of(account.balance)) for account in accounts
    )
