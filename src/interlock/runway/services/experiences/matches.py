"""Matches as shown and decided on: suggestions first, then lines that nothing explains, then what is matched."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.witnessing import witness
from interlock.domains.bank import matches
from interlock.domains.bank.matches import take_match_lock
from interlock.domains.firm.models import Business
from interlock.kernel.errors import BadInput
from interlock.kernel.scope import Scope
from interlock.runway.consuming import return_earmarks
from interlock.runway.matching import match_business, matching_service
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.matches_snapshot import Found, MatchesSnapshot, Member, Seen
from interlock.runway.services.views import Amount, BusinessView, Instant, View

Which = Literal["suggested", "open", "matched", "refused"]
ROWS_MOST = 200
OFFSET_MOST = 1_000_000
_STATES: dict[Which, tuple[str, ...]] = {
    "suggested": (matches.SUGGESTED,),
    "matched": (matches.MATCHED,),
    "refused": (matches.REFUSED, matches.UNDONE),
}
_WORDS = {
    "bill_payment": "Bill payment",
    "transfer_out": "Transfer out",
    "transfer_in": "Transfer in",
    "journal_entry": "Journal entry",
    "payment": "Customer’s payment",
    "sales_receipt": "Sales receipt",
    "refund_receipt": "Refund receipt",
    "rail_bill": "Bill at Ramp",
    "disbursement": "Payment released here",
    "payout": "Payout from Stripe",
    "invoice": "Open invoice",
}
_RULES = {
    "exact": "amount, account and dates",
    "reference": "reference",
    "sum": "sum of a batch",
    "person": "a person",
}


class BankLineView(View):
    """A posted line. ``amount``: positive is money into the account."""

    id: str
    account: str
    dated: date
    amount: Amount
    text: str
    check_number: str | None


class MovementView(View):
    """What the books or a rail say moved, for the amount it was matched with."""

    kind: str
    id: str
    words: str
    dated: date | None
    amount: Amount
    number: str | None
    party: str | None
    link: str | None


class MatchView(View):
    """A group. ``state``: matched, suggested, refused or undone; ``rule``: exact, reference, sum or person."""

    match_id: str
    state: str
    rule: str
    rule_words: str
    score: int
    why: tuple[str, ...]
    amount: Amount
    line: BankLineView | None
    movements: tuple[MovementView, ...]
    made_by: str
    made_at: Instant
    undone_by: str | None
    undone_at: Instant | None


class MatchesExperience(View):
    """A page of one kind (``which``); the counts are of all. ``matches`` is empty for ``open``, where ``lines`` are."""

    business: BusinessView
    ask: str
    say: str
    which: Which
    matched_count: int
    suggested_count: int
    open_count: int
    matches: tuple[MatchView, ...]
    lines: tuple[BankLineView, ...]
    next_offset: int | None


class MatchedView(View):
    """What a run or a person's act did."""

    match_id: str | None
    words: str


class MatchesService:
    """Matches of one business."""

    def __init__(self, session: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._session = session
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)
        self._links = links
        self._now = now
        self._snapshot = MatchesSnapshot(session, self._scope)
        self._service = matching_service(session, self._scope)

    def get_matches_experience(
        self, which: Which = "suggested", *, offset: int = 0, most: int = ROWS_MOST
    ) -> MatchesExperience:
        """At most ``ROWS_MOST`` rows."""
        if not 0 <= offset <= OFFSET_MOST or not 1 <= most <= ROWS_MOST:
            raise BadInput(f"At most {ROWS_MOST} rows a page, from one that exists.")
        counts = self._snapshot.counts()
        lines, open_count = self._snapshot.open_lines(offset, most if which == "open" else 1)
        found = [] if which == "open" else self._snapshot.groups(_STATES[which], offset, most + 1)
        shown = found[:most]
        more = offset + len(lines) < open_count if which == "open" else len(found) > most
        suggested = counts.get(matches.SUGGESTED, 0)
        return MatchesExperience(
            business=BusinessView.of(self._business),
            ask=f"Which bank lines of {self._business.name} are what?",
            say=_say(counts.get(matches.MATCHED, 0), suggested, open_count),
            which=which,
            matched_count=counts.get(matches.MATCHED, 0),
            suggested_count=suggested,
            open_count=open_count,
            matches=tuple(self._match(each) for each in shown),
            lines=tuple(_line(each) for each in lines) if which == "open" else (),
            next_offset=offset + most if more else None,
        )

    def run(self) -> MatchedView:
        """Match now what is certain."""
        self._begin()
        done = match_business(self._session, self._scope, self._now)
        self._hear()
        words = f"{counted(done.kept, 'line')} matched, {counted(done.suggested, 'suggestion')}, of {done.open:,} open."
        return MatchedView(match_id=None, words=words)

    def confirm(self, match_id: str, *, actor: str) -> MatchedView:
        """A person says yes to a suggestion."""
        self._begin()
        kept = self._service.confirm(match_id, now=self._now, actor=actor)
        self._match_rest()
        return MatchedView(match_id=kept, words="Matched.")

    def refuse(self, match_id: str, *, actor: str) -> MatchedView:
        """A person says no: it is not suggested again."""
        self._begin()
        self._service.refuse(match_id, now=self._now, actor=actor)
        self._match_rest()
        return MatchedView(match_id=match_id, words="Refused; it is not suggested again.")

    def undo(self, match_id: str, *, actor: str) -> MatchedView:
        """A match is taken apart, or a person's no is taken back."""
        self._begin()
        if self._service.find(match_id).state in _STATES["refused"]:
            self._service.reconsider(match_id, now=self._now, actor=actor)
            self._match_rest()
            return MatchedView(match_id=match_id, words="Taken back; it may be found again.")
        self._service.undo(match_id, now=self._now, actor=actor)
        self._match_rest()
        return MatchedView(match_id=match_id, words="Undone; line and payments are free again.")

    def by_hand(self, line_id: str, movements: Sequence[tuple[str, str]], *, actor: str) -> MatchedView:
        """A person says what a line is."""
        self._begin()
        kept = self._service.match_by_hand(line_id, movements, now=self._now, actor=actor)
        self._match_rest()
        return MatchedView(match_id=kept, words="Matched.")

    def _begin(self) -> None:
        """Whoever matches at the same time is waited for. What is matched clears payments, so their lock comes first."""
        take_decision_lock(self._session, self._business.business_id)
        take_match_lock(self._session, self._scope)

    def _match_rest(self) -> None:
        self._service.match(self._now)
        self._hear()

    def _hear(self) -> None:
        """What this says of released payments, and of what was set aside for them."""
        witness(self._session, self._business, self._now)
        return_earmarks(self._session, self._business, self._now)

    def _match(self, found: Found) -> MatchView:
        row = found.match
        return MatchView(
            match_id=row.match_id,
            state=row.state,
            rule=row.rule,
            rule_words=_RULES[row.rule],
            score=row.score,
            why=found.why,
            amount=Amount.minor(row.amount_minor, row.currency),
            line=_line(found.line) if found.line else None,
            movements=tuple(self._movement(each, row.currency) for each in found.members),
            made_by=row.made_by,
            made_at=row.made_at,
            undone_by=row.undone_by,
            undone_at=row.undone_at,
        )

    def _movement(self, member: Member, currency: str) -> MovementView:
        page = "transfer" if member.kind.startswith("transfer") else member.kind
        return MovementView(
            kind=member.kind,
            id=member.id,
            words=_WORDS.get(member.kind, member.kind.replace("_", " ").capitalize()),
            dated=member.dated,
            amount=Amount.minor(member.minor, currency),
            number=member.number,
            party=member.party,
            link=self._links.to(page, member.id.split(":", maxsplit=1)[0]),
        )


def _say(matched: int, suggested: int, unexplained: int) -> str:
    if not matched and not suggested and not unexplained:
        return "None yet. No posted line was read on a bank account that is linked to the books."
    first = (
        f"{counted(suggested, 'suggestion')} {'waits' if suggested == 1 else 'wait'} for you."
        if suggested
        else "Nothing waits for you."
    )
    rest = f"{counted(unexplained, 'line')} {'serves' if unexplained == 1 else 'serve'} nothing yet"
    return f"{first} {counted(matched, 'line')} {'is' if matched == 1 else 'are'} matched; {rest}."


def _line(line: Seen) -> BankLineView:
    return BankLineView(
        id=line.id,
        account=line.account,
        dated=line.dated,
        amount=Amount.minor(line.minor, line.currency),
        text=line.text,
        check_number=line.check_number,
    )
