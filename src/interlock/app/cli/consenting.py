"""Connecting from a terminal through a browser: our own pages are served for as long as it takes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from interlock.app.consents import Consents
from interlock.app.house import House
from interlock.app.web import PortTaken, create_app, listening, server_of
from interlock.infra.transport import Request, TransportError
from interlock.runway.services.experiences.connecting import ConnectingExperience, get_connecting_experience

_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 5.0


def connect_in_browser(house: House, names: list[str], *, port: int, actor: str, firm_name: str) -> bool:
    """Keep the list, say where it is, and tell what comes of each; whether all were connected.

    Where an Interlock of this database serves on ``port`` already, its pages are used.
    """
    consents = Consents(house)
    round_id = consents.begin(names, actor=actor, firm_name=firm_name)
    told: dict[str, str] = {}
    with _pages(house, port, f"/connect/qbo/{round_id}") as address:
        typer.echo(f"Open {address} in a browser on this machine. The list is kept: Ctrl-C ends only this command.")
        view = _until_done(lambda: get_connecting_experience(consents.row(round_id)), told)
    return view.connected == len(view.places)


def _until_done(look: Callable[[], ConnectingExperience], told: dict[str, str]) -> ConnectingExperience:
    pause = threading.Event()
    while True:
        view = look()
        for each in view.places:
            if each.standing not in ("waiting", "asked", "at work") and told.get(each.attempt_id) != each.said:
                told[each.attempt_id] = each.said
                typer.echo(each.said)
        if view.done:
            return view
        pause.wait(_LOOK_SECONDS)


@contextmanager
def _pages(house: House, port: int, path: str) -> Iterator[str]:
    """Our pages on ``port``; yields the address of ``path``."""
    try:
        opened = listening(port)
    except PortTaken:
        address = f"http://127.0.0.1:{port}{path}"
        if not _is_ours(house, address):
            raise
        yield address
        return
    with opened:
        ready = threading.Event()
        server = server_of(create_app(house), opened, lambda _: ready.set())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        ready.wait()
        try:
            yield f"{server.address}{path}"
        finally:
            server.should_exit = True
            thread.join()


def _is_ours(house: House, address: str) -> bool:
    """Whether whoever serves there knows the list we have just made."""
    try:
        reply = house.transport.run(house.transport.send(Request("GET", address)), _ANSWER_SECONDS)
    except TransportError:
        return False
    return reply.status == 200
