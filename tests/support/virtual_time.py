"""An event loop whose time passes by itself: sleeping takes no wall time, and every run is the same."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.SelectSelector):
    """Where a loop would wait, its time moves on instead."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.loop.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0 and moves when nothing is ready to run."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Skipping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
