"""Reading what a record depends on, and whether it stands in the ledger already. Bounded, and only in calls that read."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.entries import Form, Ours, Paid, Recorded, Seen, Settings, mark
from interlock.domains.qbo.mapper import RAIL, Company, EntityMap, to_fact
from interlock.domains.qbo.refusals import rejected
from interlock.rails import facts
from interlock.rails.errors import ContractBroken

_PAGE_ROWS = 500  # with the documents beside it, a batch stays under its 1,000 objects
_PAGES_MOST = 10
_IDS_A_QUERY = 300


class Looking:
    """Looks of one company's ledger."""

    def __init__(self, client: QBOClient, company: Company) -> None:
        self._client = client
        self._company = company

    async def read(self, form: Form, asked: Recorded, id_: str) -> Seen:
        """The document ``id_`` and what it settles, as anybody would read them."""
        items, time = await self._client.query_batch(
            {"ours": _by_ids(form.entity, [id_]), "paid": _by_ids(form.paid, [each for each, _ in asked.applied])}
        )
        found = [fact for fact in self._facts(form.entity, items["ours"]) if isinstance(fact, Ours)]
        return Seen(self._by_id(form, items["paid"]), found[0] if found else None, None, _as_of(time))

    async def look(self, form: Form, asked: Recorded) -> Seen:
        """In one batch: what is to be settled, the party's payments of that day, the settings; then payments linked there."""
        items, time = await self._client.query_batch(
            {
                "paid": _by_ids(form.paid, [id_ for id_, _ in asked.applied]),
                "day": _of_that_day(form, asked, 1),
                "settings": "SELECT * FROM Preferences",
            }
        )
        paid = self._by_id(form, items["paid"])
        seen = self._facts(form.entity, items["day"])
        page = len(seen)
        for number in range(1, _PAGES_MOST + 1):
            if page < _PAGE_ROWS:
                break
            if number == _PAGES_MOST:
                raise rejected("too_many", f"There are more payments of {asked.dated} than can be looked through.")
            answer = await self._client.query(_of_that_day(form, asked, 1 + number * _PAGE_ROWS))
            more = self._mapped(form.entity, answer.QueryResponse)
            seen += more
            page = len(more)
        seen += await self._linked(form, paid, {fact.id for fact in seen})
        return Seen(paid, _marked(form, asked, seen), self._settings(items["settings"]), _as_of(time))

    async def _linked(self, form: Form, paid: dict[str, Paid], known: set[str]) -> list[facts.Fact]:
        """Payments that the documents name: ours is among them even when somebody has moved its date since."""
        kind = form.entity.kind.entity
        ids = {link.linked_id for each in paid.values() for link in each.links if link.linked_kind == kind} - known
        found: list[facts.Fact] = []
        wanted = sorted(ids)
        for at in range(0, len(wanted), _IDS_A_QUERY):
            answer = await self._client.query(_by_ids(form.entity, wanted[at : at + _IDS_A_QUERY]))
            found += self._mapped(form.entity, answer.QueryResponse)
        return found

    def _facts(self, entity: EntityMap, item: wire.BatchItem) -> list[facts.Fact]:
        return self._mapped(entity, item.QueryResponse or {})

    def _mapped(self, entity: EntityMap, response: dict[str, msgspec.Raw]) -> list[facts.Fact]:
        rows = response.get(entity.wire_name)
        if rows is None:
            return []
        return [to_fact(entity, bytes(row), self._company) for row in msgspec.json.decode(rows, type=list[msgspec.Raw])]

    def _by_id(self, form: Form, item: wire.BatchItem) -> dict[str, Paid]:
        return {fact.id: fact for fact in self._facts(form.paid, item) if isinstance(fact, Paid)}

    def _settings(self, item: wire.BatchItem) -> Settings | None:
        rows = (item.QueryResponse or {}).get("Preferences")
        if rows is None:
            return None
        (preferences,) = msgspec.json.decode(rows, type=list[wire.Preferences])
        return Settings.of(preferences, self._company)


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
        f"AND TxnDate = '{asked.dated.isoformat()}' ORDERBY Id STARTPOSITION {start} MAXRESULTS {_PAGE_ROWS}"
    )


def _as_of(time: datetime | None) -> datetime:
    if time is None:
        raise ContractBroken(RAIL, "QuickBooks sent an answer without its time.", "time")
    return time.astimezone(UTC)
