"""Locks on rails: half of one does not build, who moves no money can't say how, and no second list of capabilities exists."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.rails import links, listens, moves, reads, records
from interlock.rails.capabilities import half_built
from interlock.rails.registry import HalfBuilt, Registry

_PROTOCOLS = {
    name
    for module in (links, listens, moves, reads, records)
    for name, each in vars(module).items()
    if isinstance(each, type) and vars(each).get("_is_protocol") and each.__module__ == module.__name__
}
_MAY_LIST = {"features.py"}


class Half(moves.PaysBills):
    """Claims to pay, and only finds."""

    async def find_payment(self, key: str) -> moves.Instructed | None:
        return moves.Instructed(key, "bill-1", "open", None, True)


class Whole(Half):
    async def pay_bill(self, instruction: moves.PaymentInstruction) -> moves.Instructed:
        return moves.Instructed(instruction.key, "bill-1", "open", None, False)


def test_a_rail_that_does_half_of_what_it_claims_does_not_build() -> None:
    registry = Registry()
    with pytest.raises(HalfBuilt, match=r"PaysBills\.pay_bill"):
        registry.add("half", Half, lambda _scope: None)
    assert registry.classes == {}
    registry.add("whole", Whole, lambda _scope: None)
    assert half_built(Whole) == () and registry.able(moves.PaysBills) == ["whole"]


def test_the_type_checker_refuses_it_too_and_knows_what_require_gives(tmp_path: Path) -> None:
    said = _mypy(
        tmp_path,
        """
        from interlock.kernel.scope import Scope
        from interlock.rails.moves import Instructed, PaysBills
        from interlock.rails.registry import Registry

        class Half(PaysBills):
            async def find_payment(self, key: str) -> Instructed | None:
                return None

        Half()
        reveal_type(Registry().require(Scope("firm"), PaysBills))
        """,
    )
    assert 'Cannot instantiate abstract class "Half" with abstract attribute "pay_bill"' in said
    assert 'Revealed type is "interlock.rails.moves.PaysBills"' in said


BREACHES = {
    "QBO and Plaid cannot name money movement": ("domains/qbo/rail.py", "from interlock.rails.moves import PaysBills"),
    "Rails do not know each other": ("domains/stripe/rail.py", "from interlock.domains.plaid import wire as other"),
    "Rails do not know the business slices": ("domains/stripe/mapper.py", "from interlock.domains.ar import models"),
    "Only the composition root imports a rail": ("runway/routes/tray.py", "from interlock.domains.plaid import rail"),
    "Only the composition root reads the parked rows": ("runway/office.py", "from interlock import _parked"),
    "No vendor's kit is a part of ours": ("domains/stripe/forms.py", "import stripe"),
    "Inside a rail": ("domains/plaid/wire.py", "from interlock.domains.plaid import mapper"),
    "Who can do what, who is linked and what was told know nothing of money movement": (
        "rails/registry.py", "from interlock.rails.moves import PaysBills",
    ),
}  # fmt: skip
ROUNDABOUT = ("domains/plaid/evidence.py", "from interlock.rails.features import FEATURES")


@pytest.fixture
def copy(tmp_path: Path, root: Path) -> Path:
    """The sources, to break."""
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_breach_turns_its_contract_red(copy: Path) -> None:
    for path, line in BREACHES.values():
        _add(copy / "src" / "interlock" / path, line)
    assert set(BREACHES) <= _broken(copy)


def test_money_movement_can_not_be_reached_by_a_detour(copy: Path) -> None:
    assert _broken(copy) == set(), "the sources keep every contract"
    _add(copy / "src" / "interlock" / ROUNDABOUT[0], ROUNDABOUT[1])
    assert _broken(copy) == {"QBO and Plaid cannot name money movement"}


def test_no_second_list_of_capabilities_exists(files: list[Path], root: Path) -> None:
    """Their names are no texts, and nothing but a class's bases and the features' needs lists several of them."""
    ours = root / "src" / "interlock"
    found = {
        f"{path.relative_to(ours)}:{line}: {what}"
        for path in files
        if path.suffix == ".py" and path.is_relative_to(ours)
        for line, what in _lists(ast.parse(path.read_text()), path.name in _MAY_LIST)
    }
    assert found == set(), "read it off the classes (rails.capabilities)"


def test_a_second_list_would_be_found() -> None:
    written = 'ABLE = {"ramp": [PaysBills, ReadsPayments]}\nNAMES = ("PaysBills",)\n'
    assert [what for _, what in _lists(ast.parse(written), False)] == ["PaysBills, ReadsPayments", "'PaysBills'"]


def _lists(tree: ast.Module, may_list: bool) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            parts = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
            named = [each.id for each in parts if isinstance(each, ast.Name) and each.id in _PROTOCOLS]
            if len(named) > 1 and not may_list:
                yield node.lineno, ", ".join(named)
        elif isinstance(node, ast.Constant) and node.value in _PROTOCOLS:
            yield node.lineno, repr(node.value)


def _add(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text()}\n{line}  # noqa\n")


def _broken(copy: Path) -> set[str]:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=copy, capture_output=True, text=True,
        env={"PYTHONPATH": str(copy / "src"), "NO_COLOR": "1", "COLUMNS": "200"}, check=False,
    )  # fmt: skip
    assert "Contracts:" in run.stdout, f"{run.stdout}\n{run.stderr}"
    return set(re.findall(r"^(.*) BROKEN$", run.stdout, re.MULTILINE))


def _mypy(folder: Path, text: str) -> str:
    lines = text.splitlines()[1:]
    indent = len(lines[0]) - len(lines[0].lstrip())
    snippet = folder / "snippet.py"
    snippet.write_text("\n".join(line[indent:] for line in lines))
    options = [
        "--strict",
        "--disable-error-code=type-abstract",
        f"--cache-dir={folder / 'cache'}",
        "--follow-imports=silent",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", *options, str(snippet)],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout
