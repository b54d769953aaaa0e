"""Somebody between us and the sandbox who changes what it answers, for what QuickBooks could say and the sandbox never does."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Changes = Callable[[str, bytes], bytes]
"""Path (with its query) and body of a good answer; the body to send instead."""


class Meddler:
    """``change`` is applied to every answer of 200."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.change: Changes = lambda _path, body: body
        self.asked: list[str] = []


@contextmanager
def meddling(url: str) -> Iterator[Meddler]:
    """A server that passes everything on to ``url``."""
    there = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OURS}
            connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
            connection.request(self.command, self.path, body, {**headers, "Host": there.netloc})
            answer = connection.getresponse()
            said = answer.read()
            connection.close()
            meddler.asked.append(self.path)
            if answer.status == 200:
                said = meddler.change(self.path, said)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _pass_on

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what was asked is kept in ``asked``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    meddler = Meddler(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield meddler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_OURS = {"host", "content-length", "connection", "accept-encoding"}
