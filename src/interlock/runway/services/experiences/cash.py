"""Cash as shown: the banks' word beside the books', what makes up the difference, what is in flight, what can be spent."""

from collections.abc import Sequence
from datetime import date

from interlock.domains.bank.services.balance_service import BankBalance
from interlock.kernel.money import Money
from interlock.runway.services.calculators.drift import Drift, Item
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.spendable import OnItsWay, Spendable
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.cash_snapshot import Cash
from interlock.runway.services.views import Amount, Instant, Total, View

ITEMS_SHOWN = 50
_BOOKS = {"ledger": "QuickBooks", "paying": "the paying rail", "collecting": "the collecting rail"}
_LEDGER_KINDS = {"transfer_out": "transfer", "transfer_in": "transfer"}


class ItemView(View):
    """A movement of the books that the bank has not shown, or a line that the books do not have. Bank's sign."""

    kind: str
    id: str
    dated: date
    amount: Amount
    text: str
    number: str | None
    link: str | None


class DriftView(View):
    """``gap`` is bank less book; ``gap = outstanding - in_transit + lines + remainder``. ``drift`` is what payments and deposits

    on their way leave of it. ``since``: the bank's first line held; each list has the oldest ``ITEMS_SHOWN``, ``counts`` all.
    """

    gap: Amount
    outstanding: Amount
    in_transit: Amount
    lines: Amount
    drift: Amount
    remainder: Amount
    since: date | None
    counts: tuple[int, int, int]
    outstanding_items: tuple[ItemView, ...]
    in_transit_items: tuple[ItemView, ...]
    line_items: tuple[ItemView, ...]
    words: str


class BankAccountView(View):
    """One account at a bank. ``ledger_name`` and ``book`` where it is linked to the books; ``state`` in words."""

    id: str
    name: str
    mask: str | None
    institution: str
    deposit: bool
    current: Amount | None
    available: Amount | None
    observed_at: Instant
    live: bool
    stale: bool
    state: str
    ledger_id: str | None
    ledger_name: str | None
    book: Amount | None
    drift: DriftView | None


class InFlightView(View):
    """A payment on its way. ``stated_by``: the books, or the rail that was told to pay."""

    stated_by: str
    kind: str
    id: str
    dated: date
    amount: Amount
    party: str | None
    number: str | None
    link: str | None


class SpendableView(View):
    """``spendable = available - in_flight - earmarked - restricted``; ``None`` where a bank does not say what is available."""

    spendable: Amount | None
    available: Amount | None
    in_flight: Total
    earmarked: Amount
    restricted: Amount
    on_their_way: tuple[InFlightView, ...]
    formula: str
    words: str


class CashView(View):
    """``bank_cash``: current balances of deposit accounts in home currency; ``stale``: some bank's word is old."""

    ask: str
    say: str
    bank_cash: Total
    accounts: tuple[BankAccountView, ...]
    spendable: SpendableView | None
    stale: bool

    @classmethod
    def of(cls, banks: Sequence[BankBalance], cash: Cash, home: str, name: str, links: Links) -> "CashView | None":
        """``None`` where no bank is linked."""
        if not banks:
            return None
        drifts = {each.truths.bank_account_id: each for each in cash.drifts}
        deposits = [each for each in banks if each.deposit and each.current is not None]
        return cls(
            ask=f"What cash does {name} have?",
            say=_say(banks, cash, home),
            bank_cash=Total.of(
                (each.current for each in deposits if each.current is not None),
                home,
                "Current balances of deposit accounts, as the banks said last; cards and loans are debt.",
                "accounts",
            ),
            accounts=tuple(_account(each, drifts.get(each.id), links) for each in banks),
            spendable=_spendable(cash.spendable, home, links) if cash.spendable else None,
            stale=any(each.stale for each in banks),
        )


def _say(banks: Sequence[BankBalance], cash: Cash, home: str) -> str:
    parts: list[str] = []
    can = cash.spendable.spendable_minor if cash.spendable else None
    if can is not None:
        amount = Money(can, home)
        parts.append(f"{home} {amount} can be spent." if can >= 0 else f"Over-committed by {home} {abs(amount)}.")
    else:
        parts.append("No bank says what can be spent.")
    off = [each for each in cash.drifts if each.drift_minor]
    if off:
        parts.append(f"{counted(len(off), 'account')} {'is' if len(off) == 1 else 'are'} off the books.")
    elif cash.drifts:
        parts.append("Every account agrees with the books.")
    if cash.unlinked:
        none = len(cash.unlinked)
        parts.append(f"{counted(none, 'account')} {'stands' if none == 1 else 'stand'} for none of the books'.")
    if old := sum(each.stale for each in banks):
        parts.append(f"What the bank said of {counted(old, 'account')} is old.")
    return " ".join(parts)


def _account(bank: BankBalance, drift: Drift | None, links: Links) -> BankAccountView:
    return BankAccountView(
        id=bank.id,
        name=bank.name,
        mask=bank.mask,
        institution=bank.institution,
        deposit=bank.deposit,
        current=_said(bank.current),
        available=_said(bank.available),
        observed_at=bank.observed_at,
        live=bank.live,
        stale=bank.stale,
        state=_state(bank),
        ledger_id=bank.ledger_id,
        ledger_name=bank.ledger_name,
        book=_said(bank.book),
        drift=_drift(drift, links) if drift else None,
    )


def _said(money: Money | None) -> Amount | None:
    return None if money is None else Amount.of(money)  # nothing in an account is an amount too


def _state(bank: BankBalance) -> str:
    if bank.trouble:
        return bank.trouble
    if bank.stale:
        return "old"
    return "asked of the bank" if bank.live else "as the bank last told it"


def _drift(drift: Drift, links: Links) -> DriftView:
    currency = drift.truths.currency
    return DriftView(
        gap=Amount.minor(drift.gap_minor, currency),
        outstanding=Amount.minor(drift.outstanding_minor, currency),
        in_transit=Amount.minor(drift.in_transit_minor, currency),
        lines=Amount.minor(drift.lines_minor, currency),
        drift=Amount.minor(drift.drift_minor, currency),
        remainder=Amount.minor(drift.remainder_minor, currency),
        since=drift.truths.since,
        counts=(len(drift.outstanding), len(drift.in_transit), len(drift.lines)),
        outstanding_items=_items(drift.outstanding, currency, links),
        in_transit_items=_items(drift.in_transit, currency, links),
        line_items=_items(drift.lines, currency, links),
        words=_words(drift),
    )


def _words(drift: Drift) -> str:
    if not drift.drift_minor:
        return "Agrees with the books once everything on its way has arrived." if drift.gap_minor else "Agrees."
    lines, rest = drift.lines_minor, drift.remainder_minor
    said = f"{counted(len(drift.lines), 'line')} at the bank that the books don’t have" if drift.lines else ""
    if not rest:
        return f"All of it: {said}."
    since = drift.truths.since
    first = f" of {since.day} {since:%b %Y}" if since else ""
    before = f"was there before the bank’s first line{first}, or stands in neither"
    amount = Money(rest, drift.truths.currency)
    return f"{said}, {Money(lines, drift.truths.currency)}; {amount} {before}." if said else f"{amount} {before}."


def _items(items: Sequence[Item], currency: str, links: Links) -> tuple[ItemView, ...]:
    return tuple(
        ItemView(
            kind=_LEDGER_KINDS.get(each.kind, each.kind),
            id=each.id,
            dated=each.dated,
            amount=Amount.minor(each.minor, currency),
            text=each.text,
            number=each.number,
            link=_link(each.kind, each.id, links),
        )
        for each in items[:ITEMS_SHOWN]
    )


def _link(kind: str, id_: str, links: Links) -> str | None:
    return links.to(_LEDGER_KINDS.get(kind, kind), id_.split(":", maxsplit=1)[0])


def _spendable(said: Spendable, home: str, links: Links) -> SpendableView:
    can = said.spendable_minor
    shown = said.in_flight[:ITEMS_SHOWN]
    return SpendableView(
        spendable=None if can is None else Amount.minor(can, home),
        available=None if said.available_minor is None else Amount.minor(said.available_minor, home),
        in_flight=Total(
            amount=Amount.minor(said.in_flight_minor, home),
            rows=len(said.in_flight),
            basis="Payments made or instructed that no bank shows yet, pending or posted.",
        ),
        earmarked=Amount.minor(said.earmarked_minor, home),
        restricted=Amount.minor(said.restricted_minor, home),
        on_their_way=tuple(_on_its_way(each, home, links) for each in shown),
        formula="available − in flight − earmarks − restricted",
        words=_can(can, home),
    )


def _can(can: int | None, home: str) -> str:
    if can is None:
        return "Not known: a bank does not say what is available."
    return "over-committed" if can < 0 else f"{home} {Money(can, home)}"


def _on_its_way(each: OnItsWay, home: str, links: Links) -> InFlightView:
    return InFlightView(
        stated_by=_BOOKS[each.book],
        kind=each.kind,
        id=each.id,
        dated=each.dated,
        amount=Amount.minor(each.minor, home),
        party=each.party,
        number=each.number,
        link=_link(each.kind, each.id, links),
    )
