"""The control API's part about notices: what waits, what came of attempts, and what goes wrong on purpose."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.notices.courier import NoticeCourier
from interlock_sandbox.notices.notices import Wrong
from interlock_sandbox.sandbox import Sandbox


class NoticesControl:
    """Handlers under ``/control/notices``."""

    def __init__(self, sandbox: Sandbox, courier: NoticeCourier) -> None:
        self.sandbox = sandbox
        self.notices = sandbox.notices
        self.courier = courier

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/notices", self.show),
            web.post("/control/notices/deliver", self.deliver),
            web.post("/control/notices/distort", self.distort),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """What waits, the last attempts, what is to go wrong; ``?party=`` narrows."""
        party = request.query.get("party")
        return json_answer(
            {
                "queue": [each.told() for each in self.notices.waiting(party)],
                "log": [line for line in self.notices.log if party in (None, line["party"])],
                "distortions": {name: asdict(wrong) for name, wrong in self.notices.wrong.items()},
            }
        )

    async def deliver(self, request: web.Request) -> web.Response:
        """One attempt now, due or not (``party`` narrows); ``attempt`` is ``null`` when nothing waits."""
        sent = await body_of(request)
        party = sent.get("party")
        return json_answer({"attempt": await self.courier.deliver(None if party is None else str(party))})

    async def distort(self, request: web.Request) -> web.Response:
        """For a ``party``: ``duplicate``, ``drop``, ``bad_signature`` (counts), ``delay_seconds``, ``reorder`` (a seed).

        What is left out goes right from now on.
        """
        sent = await body_of(request)
        party = sent.pop("party", None)
        if party not in self.sandbox.parties:
            raise Refused(400, f"party must be one of {', '.join(sorted(self.sandbox.parties))}.")
        try:
            reorder = sent.pop("reorder", None)
            delay = float(sent.pop("delay_seconds", 0))
            counts = {name: int(sent.pop(name, 0)) for name in ("duplicate", "drop", "bad_signature")}
            wrong = Wrong(**counts, delay_seconds=delay, reorder=None if reorder is None else int(reorder))
        except (TypeError, ValueError):
            raise Refused(400, "duplicate, drop, bad_signature, delay_seconds and reorder are numbers.") from None
        if sent:
            raise Refused(400, f"Unknown: {', '.join(sorted(sent))}.")
        self.notices.wrong[str(party)] = wrong
        self.notices.wake()
        return await self.show(request)
