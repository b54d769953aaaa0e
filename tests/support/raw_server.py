"""A server on a socket that answers each connection with the bytes it was given, or worse."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HANGS_UP = b""


@contextmanager
def answering(answer: bytes, *, pieces: int = 1) -> Iterator[str]:
    """Its address while the block runs. Every request gets ``answer``, sent ``pieces`` times over, then the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    connection.recv(65_536)
                    for _ in range(pieces):
                        connection.sendall(answer)
                except OSError:
                    continue  # the client has seen enough

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        listener.close()
