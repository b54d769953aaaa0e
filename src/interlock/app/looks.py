"""Who looks at what, so that what is looked at is fresh. The page that is opened neither waits for this nor fails with it."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger("interlock.looks")

_AGAIN_SECONDS = 60.0


class Looks:
    """Told of a business whenever one of its pages is opened; passes that on to ``remember`` at most once a minute each."""

    def __init__(self, remember: Callable[[str], None], *, again_seconds: float = _AGAIN_SECONDS) -> None:
        self._remember = remember
        self._again_seconds = again_seconds
        self._told: dict[str, float] = {}
        self._waiting: list[str] = []
        self._writing: threading.Thread | None = None
        self._lock = threading.Lock()

    def __call__(self, business_id: str) -> None:
        """A page of this business was opened."""
        with self._lock:
            now = time.monotonic()
            if now - self._told.get(business_id, -self._again_seconds) < self._again_seconds:
                return
            self._told[business_id] = now
            self._waiting.append(business_id)
            if self._writing is None:
                self._writing = threading.Thread(target=self._write, name="interlock-looks", daemon=True)
                self._writing.start()

    def settle(self, seconds: float) -> None:
        """Wait until everything told so far is remembered."""
        with self._lock:
            writing = self._writing
        if writing is not None:
            writing.join(seconds)

    def _write(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._writing = None
                    return
                business_id = self._waiting.pop()
            try:
                self._remember(business_id)
            except Exception as trouble:  # noqa: BLE001 - a look that is forgotten costs a fresher page, never the page itself
                log.info("A look at %s was not remembered: %s", business_id, trouble)
