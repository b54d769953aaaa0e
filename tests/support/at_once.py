"""Threads that do the same thing at the same time."""

import threading
from collections.abc import Callable


def at_once(number: int, work: Callable[[int], None]) -> None:
    """Run ``work`` on ``number`` threads; whatever one of them raises is raised here."""
    troubles: list[BaseException] = []

    def run(mine: int) -> None:
        try:
            work(mine)
        except BaseException as trouble:  # noqa: BLE001 - raised below, on the test's own thread
            troubles.append(trouble)

    threads = [threading.Thread(target=run, args=(mine,)) for mine in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
