"""The word of a business, and what happens beside it whenever it is asked."""

import json
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from interlock.app.permits import StoredPermit


@dataclass
class Prompted:
    """The real switch; ``acts[n]`` is done when it is asked the n-th time.

    The first time is before anything is read, the second before sending, the third before sending once more.
    """

    permit: StoredPermit
    acts: dict[int, Callable[[], object]]
    asked: int = 0

    def granted(self) -> bool:
        self.asked += 1
        self.acts.get(self.asked, lambda: None)()
        return self.permit.granted()

    def alone(self) -> AbstractContextManager[None]:
        return self.permit.alone()


def disturb(world: str, kind: str, **how: Any) -> None:
    """Plan trouble in the sandbox at this address."""
    body = json.dumps({"kind": kind, **how}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{world}/control/faults", body, method="POST")):
        pass
