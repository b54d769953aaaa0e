"""Writing down in QuickBooks what already happened: once, whatever breaks on the way (qbo.md §2, §9, §12).

Look first; check that it can be so; send once under our key; on an answer that tells nothing, look again and send the same key
once more; read back and compare. What can't be known is said so (``OutcomeUnknown``), never guessed and never sent anew.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, Protocol

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.entries import Form, Recorded, check, document, mark
from interlock.domains.qbo.guards import answer, guard
from interlock.domains.qbo.looking import Looking
from interlock.domains.qbo.mapper import RAIL, Company
from interlock.domains.qbo.refusals import switched_off
from interlock.kernel.errors import Busy
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected
from interlock.rails.records import LedgerRecord, RecordingOff

_WAIT_SECONDS = 130.0  # longer than a request that is still under way can take
_LOOK_AGAIN_SECONDS = 0.2


class RecordingPermit(Protocol):
    """A business's word that we may record: asked before anything is read, and by the client before each sending."""

    def granted(self) -> bool: ...

    def alone(self) -> AbstractContextManager[None]:
        """Held while a record is written, over all processes; raises ``Busy`` at once when somebody else holds it."""
        ...


class Recorder:
    """Records for one company. Without a ``permit`` it can only look."""

    def __init__(self, client: QBOClient, company: Company, permit: RecordingPermit | None) -> None:
        self._client = client
        self._company = company
        self._looking = Looking(client, company)
        self._permit = permit

    async def find(self, form: Form, asked: Recorded) -> LedgerRecord | None:
        """The record of ``asked.key`` as the ledger shows it now; ``None`` when it shows none. Reads only."""
        check(form, asked, self._company)
        seen = await self._looking.look(form, asked)
        return None if seen.ours is None else answer(form, asked, seen, found=True)

    async def record(self, form: Form, asked: Recorded) -> LedgerRecord:
        """The record of ``asked.key``: as it stands, or written now."""
        check(form, asked, self._company)
        permit = self._permit
        if permit is None or not await asyncio.to_thread(permit.granted):
            raise switched_off()
        async with _alone(permit):
            seen = await self._looking.look(form, asked)
            if seen.ours is not None:
                return answer(form, asked, seen, found=True)
            assert seen.settings is not None, "a look says how the company keeps its books"
            paid = guard(form, asked, seen, seen.settings)
            body = document(form, asked, paid, seen.settings)
            try:
                written = await self._send(form, asked, body)
            except OutcomeUnknown as unknown:
                return await self._find_out(form, asked, body, unknown)
            return await self._read_back(form, asked, written)

    async def _send(self, form: Form, asked: Recorded, body: dict[str, Any]) -> str:
        """Send once; the new document's id."""
        sent = await self._client.record(form.resource, body, asked.key)
        try:
            made = msgspec.json.decode(sent, type=dict[str, msgspec.Raw])[form.entity.wire_name]
            return msgspec.json.decode(made, type=wire.Entity).id
        except (msgspec.DecodeError, KeyError) as trouble:
            raise OutcomeUnknown(
                RAIL, "The record was sent and QuickBooks' answer can't be read.", asked.key
            ) from trouble

    async def _find_out(
        self, form: Form, asked: Recorded, body: dict[str, Any], unknown: OutcomeUnknown
    ) -> LedgerRecord:
        """What became of a sending that nobody answered. The same key once more can't make a second document."""
        said = unknown.sentence
        written: str | None = None
        try:
            seen = await self._looking.look(form, asked)
            if seen.ours is None:
                try:
                    written = await self._send(form, asked, body)
                except RecordingOff:  # taken back since: what the first did has to be found out later
                    said = f"{said} Then recording was switched off."
                except (OutcomeUnknown, Rejected) as again:  # refused now says nothing of the first: look once more
                    said = f"{said} Sent once more under the same key: {again.sentence}"
                    seen = await self._looking.look(form, asked)
        except RailError as trouble:
            raise _unknown(form, asked, f"{said} Then: {trouble.sentence}") from trouble
        if written is not None:
            return await self._read_back(form, asked, written)
        if seen.ours is None:
            raise _unknown(form, asked, said) from unknown
        return answer(form, asked, seen, found=False)

    async def _read_back(self, form: Form, asked: Recorded, id_: str) -> LedgerRecord:
        """The document that was just written, read by its id and held against what was asked."""
        try:
            seen = await self._looking.read(form, asked, id_)
        except RailError as trouble:
            raise _unknown(
                form, asked, f"QuickBooks took it as {form.name} {id_}, but reading it back failed: {trouble.sentence}"
            ) from trouble
        if seen.ours is None:
            raise _unknown(
                form, asked, f"QuickBooks answered {form.name} {id_} and shows no such document; was it deleted there?"
            )
        return answer(form, asked, seen, found=False)


@asynccontextmanager
async def _alone(permit: RecordingPermit) -> AsyncIterator[None]:
    """One record of a business at a time: a second one of the same key then finds the first, and balances hold still for us."""
    left = int(_WAIT_SECONDS / _LOOK_AGAIN_SECONDS)
    while True:
        held = permit.alone()
        try:
            await asyncio.to_thread(held.__enter__)
            break
        except Busy:
            left -= 1
            if left <= 0:
                raise
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    try:
        yield
    finally:
        await asyncio.to_thread(held.__exit__, None, None, None)


def _unknown(form: Form, asked: Recorded, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        RAIL,
        f"Whether the {form.name} of {asked.amount.currency} {asked.amount} stands in QuickBooks isn't known. {why} "
        f"Ask again under the same key, or look there for {mark(asked.key)}.",
        asked.key,
    )
