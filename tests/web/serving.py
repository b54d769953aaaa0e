"""A web application on a real socket, and raw requests to it: browsers and clients tidy away what these tests send."""

import http.client
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from interlock.app.web import listening, server_of

_START_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Served:
    """``port`` on the loopback address; ``token`` is the local bearer token."""

    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        """Send exactly these headers (with a Host of our own unless given) and read the whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            sent = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
            data = body.encode() if isinstance(body, str) else body
            if data is not None:
                sent["Content-Length"] = str(len(data))
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def page(self, path: str) -> Answer:
        return self.ask("GET", path, headers={"Accept": "text/html"})

    def bearer(self) -> dict[str, str]:
        """A program's headers, as for a new request each time."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(8),
        }


@contextmanager
def served(app: FastAPI, token: str) -> Iterator[Served]:
    """Uvicorn in a thread on a port of its own choosing."""
    opened = listening(0)
    ready = threading.Event()
    server = server_of(app, opened, lambda _: ready.set())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    assert ready.wait(_START_SECONDS), "the server did not start; run `interlock serve` to see why"
    try:
        yield Served(opened.getsockname()[1], token)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        opened.close()
