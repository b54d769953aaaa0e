"""Reading what a record depends on, and whether it stands in the ledger already. Bounded, and only in calls that read."""

from collections.abc import Sequence

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.entries import Form, Ours, Paid, Recorded, Seen, Settings, mark
from interlock.domains.qbo.mapper import RAIL, Company, EntityMap, to_fact
from interlock.domains.qbo.mapper.parts import utc
from interlock.domains.qbo.refusals import rejected
from interlock.infra.transport import together
from interlock.rails import facts
from interlock.rails.errors import ContractBroken
from interlock.rails.reads import PAGE_ROWS

_PAGES_MOST = 10
_IDS_A_QUERY = 300


class Looking:
    """Looks of one company's ledger."""

    def __init__(self, client: QBOClient, company: Company) -> None:
        self._client = client
        self._company = company

    async def read(self, form: Form, asked: Recorded, id_: str) -> Seen:
        """The document ``id_`` and what it settles, as anybody would read them."""
        ours, paid = await together(
            self._query(form.entity, _by_ids(form.entity, [id_])),
            self._query(form.paid, _by_ids(form.paid, [each for each, _ in asked.applied])),
        )
        found = [fact for fact in ours.facts if isinstance(fact, Ours)]
        return Seen(_paid(paid.facts), found[0] if found else None, None, paid.as_of)

    async def look(self, form: Form, asked: Recorded) -> Seen:
        """What is to be settled, the party's payments of that day, and the settings, side by side; then payments linked there.

        Queries, not a batch: of those Intuit allows 40 a minute, which a pay run would use up.
        """
        owed, first, settings = await together(
            self._query(form.paid, _by_ids(form.paid, [id_ for id_, _ in asked.applied])),
            self._query(form.entity, _of_that_day(form, asked, 1)),
            self._client.preferences(),
        )
        paid, payments, page = _paid(owed.facts), list(first.facts), first
        for number in range(1, _PAGES_MOST + 1):
            if len(page.facts) < PAGE_ROWS:
                break
            if number == _PAGES_MOST:
                raise rejected("too_many", f"There are more payments of {asked.dated} than can be looked through.")
            page = await self._query(form.entity, _of_that_day(form, asked, 1 + number * PAGE_ROWS))
            payments += page.facts
        payments += await self._linked(form, paid, {fact.id for fact in payments})
        return Seen(paid, _marked(form, asked, payments), self._settings(settings), owed.as_of)

    async def _linked(self, form: Form, paid: dict[str, Paid], known: set[str]) -> list[facts.Fact]:
        """Payments that the documents name: ours is among them even when somebody has moved its date since."""
        kind = form.entity.kind.entity
        ids = {link.linked_id for each in paid.values() for link in each.links if link.linked_kind == kind} - known
        found: list[facts.Fact] = []
        wanted = sorted(ids)
        for at in range(0, len(wanted), _IDS_A_QUERY):
            found += (await self._query(form.entity, _by_ids(form.entity, wanted[at : at + _IDS_A_QUERY]))).facts
        return found

    async def _query(self, entity: EntityMap, statement: str) -> facts.Page:
        answer = await self._client.query(statement)
        rows = answer.QueryResponse.get(entity.wire_name)
        found = rows if isinstance(rows, list) else []
        as_of = utc(answer.time)
        if as_of is None:
            raise ContractBroken(RAIL, "QuickBooks sent an answer without its time.", "time")
        return facts.Page(entity.kind, tuple(to_fact(entity, bytes(row), self._company) for row in found), as_of)

    def _settings(self, answer: wire.Settings) -> Settings:
        raw = bytes(answer.Preferences)
        if not raw:
            raise ContractBroken(RAIL, "QuickBooks answered without the company's preferences.", "Preferences")
        return Settings.of(msgspec.json.decode(raw, type=wire.Preferences), self._company)


def _paid(found: Sequence[facts.Fact]) -> dict[str, Paid]:
    return {fact.id: fact for fact in found if isinstance(fact, Paid)}


def _marked(form: Form, asked: Recorded, payments: Sequence[facts.Fact]) -> Ours | None:
    """The one that carries our mark. A copy made in QuickBooks carries it too, and then a person has to say which stands."""
    marked = [fact for fact in payments if isinstance(fact, Ours) and mark(asked.key) in (fact.note or "")]
    standing = [fact for fact in marked if not fact.voided]
    if len(standing) > 1:
        ids = ", ".join(sorted(fact.id for fact in standing))
        raise rejected(
            "several", f"QuickBooks shows several {form.name}s with this key: {ids}; delete all but one there."
        )
    return next(iter(standing or marked), None)


def _by_ids(entity: EntityMap, ids: Sequence[str]) -> str:
    named = ", ".join(f"'{id_}'" for id_ in ids)
    return f"SELECT * FROM {entity.wire_name} WHERE Id IN ({named}) MAXRESULTS {len(ids)}"


def _of_that_day(form: Form, asked: Recorded, start: int) -> str:
    return (
        f"SELECT * FROM {form.entity.wire_name} WHERE {form.party_ref} = '{form.party_of(asked)}' "
        f"AND TxnDate = '{asked.dated.isoformat()}' ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_ROWS}"
    )
