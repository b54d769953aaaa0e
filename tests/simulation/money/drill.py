"""One short run that leans on the guards of the money loop: ``python -m tests.simulation.money.drill FOLDER TEMPLATE [GUARD]``.

With a guard's name, the product runs without that guard: its text in the source is replaced before the module is loaded.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

SOURCES = Path(__file__).parents[3] / "src"


class Guard(NamedTuple):
    """``before`` stands once in the module's source; ``after`` is the same without the guard."""

    module: str
    before: str
    after: str

    @property
    def file(self) -> Path:
        return SOURCES / f"{self.module.replace('.', '/')}.py"


_LOOP = "interlock.domains.ap.policy.loop"
_WORK = "interlock.domains.ap.workflows.payment_work"
_RELEASING = "interlock.domains.ap.services.releasing"
GUARDS = {
    "an approval that can be undone is not released": Guard(_RELEASING, "or self._too_early(intent)", "or None"),
    "a bill that changed since its approval is not released": Guard(
        _RELEASING, "or (ending.why if ending else None)", "or None"
    ),
    "what nobody approved is not released": Guard(
        _RELEASING, 'if intent.state == "approved":', 'if intent.state in {"approved", "proposed"}:'
    ),
    "the floor holds at a release": Guard(
        "interlock.domains.ap.services.gating", 'if judged.outcome == "allow":', "if judged.outcome:"
    ),
    "an answer that got lost is looked up": Guard(
        _LOOP, 'return replace(course, sending="unknown", todo="look_up", due_at=now + LOOK_UPS_AFTER[0])',
        'return replace(course, sending="to_send", todo="send", due_at=now)',
    ),
    "that it is about to be sent is committed first": Guard(
        _LOOP, 'return replace(course, sending="sending", asked=0, todo="look_up", due_at=now + LOOK_UPS_AFTER[0])',
        "return replace(course, due_at=now + LOOK_UPS_AFTER[0])",
    ),
    "after three looks a person is asked": Guard(
        _LOOP, "asked = course.asked + event.answered", "asked = min(course.asked + event.answered, len(LOOK_UPS_AFTER) - 1)"
    ),
    "a run that is over does nothing": Guard(
        _WORK, "if row is None or (row.todo, row.attempt) != (due.todo, due.attempt) or", "if row is None or"
    ),
    "each step has its line in the log": Guard(
        "interlock.domains.ap.services.payment_steps", "if entries:\n            translog", "if entries[1:]:\n            translog"
    ),
}  # fmt: skip


class _WithoutGuard(SourceFileLoader):
    guard: Guard

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text()
        assert source.count(self.guard.before) == 1, f"{self.guard.before!r} doesn't stand in {fullname} once"
        return compile(source.replace(self.guard.before, self.guard.after), self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        del target
        if fullname != self._guard.module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        assert spec is not None and spec.origin is not None, f"{fullname} is a module with a file"
        spec.loader = _WithoutGuard(fullname, spec.origin)
        spec.loader.guard = self._guard
        return spec


def main(folder: str, template: str, guard: str | None = None) -> None:
    if guard is not None:
        sys.meta_path.insert(0, _Finder(GUARDS[guard]))
    from tests.simulation.money.scenes import drill  # only now: the product is loaded with it

    drill(Path(folder), Path(template))


if __name__ == "__main__":
    main(*sys.argv[1:])
