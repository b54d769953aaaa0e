"""What may not be in this repository, each ban a function from a file to the breaches in it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60

Ban = Callable[[Path], Iterator[str]]
_FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "base_service.py", "manager.py"}

# Written in halves, so that this file does not hold what it looks for.
_UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
_PRETENCE = re.compile(
    "|".join(
        [
            "Not" + "ImplementedError",
            r"unittest\.mo" + "ck",
            r"\bmo" + r"ck\.patch",
            "Magic" + "Mock",
            r"pytest\.sk" + r"ip\b",
            r"mark\.sk" + "ip",
            r"\bx" + "fail",
            "import" + "orskip",
        ]
    )
)
_ELSEWHERE = r"(?<![\w.])"  # not in the middle of a longer path
_MACHINE = re.compile(
    "|".join(
        [
            _ELSEWHERE + "/wo" + "rk/",
            _ELSEWHERE + "/tm" + "p/",
            _ELSEWHERE + "/ro" + "ot/",
            "/ho" + r"me/\w",
            "/Us" + "ers/",
        ]
    )
)
_REGISTRIES = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "pythonho" + "sted",
            "registry.npm" + "js",
            "arti" + "factory",
            r"jf" + r"rog\.",
            r"://[\w.-]*nex" + "us",
        ]
    )
)


def too_long(path: Path) -> Iterator[str]:
    number = len(path.read_text().splitlines())
    if number > FILE_LINES:
        yield f"has {number} lines; split it by what it is about (at most {FILE_LINES})"


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name} has {lines} lines; give its steps names (at most {FUNCTION_LINES})"


def poor_names(path: Path) -> Iterator[str]:
    if path.name in _FORBIDDEN_NAMES:
        yield "says nothing by its name; name it for what it holds"
    if path.suffix == ".py" and re.search(r"\d", path.stem):
        yield "has a digit in its name"


def unfinished_work(path: Path) -> Iterator[str]:
    yield from _marked(path, _UNFINISHED, "is unfinished; finish it or write an issue")


def pretence(path: Path) -> Iterator[str]:
    yield from _marked(path, _PRETENCE, "pretends or skips; do the thing, or test against a real double")


def machine_paths(path: Path) -> Iterator[str]:
    yield from _marked(path, _MACHINE, "names a folder of somebody's machine")


def registry_hosts(path: Path) -> Iterator[str]:
    yield from _marked(path, _REGISTRIES, "names a package registry; whoever sets up chooses theirs")


def empty_bodies(path: Path) -> Iterator[str]:
    """Functions that do nothing, outside protocols and overloads."""
    tree = ast.parse(path.read_text())
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef) and any(_name(base) == "Protocol" for base in owner.bases):
            continue
        for node in ast.iter_child_nodes(owner):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _does_nothing(node):
                yield f"line {node.lineno}: {node.name} does nothing; write it, or leave it out"


def silent_tests(path: Path) -> Iterator[str]:
    """Tests that assert nothing, themselves or through what they call in their file or in tests.support."""
    tree = ast.parse(path.read_text())
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    borrowed = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.")
        for name in node.names
    }
    telling = {name for name, node in functions.items() if _asserts(node, set())}
    while more := {name for name, node in functions.items() if name not in telling and _asserts(node, telling)}:
        telling |= more
    for name, node in functions.items():
        if name.startswith("test_") and name not in telling and not _asserts(node, borrowed):
            yield f"line {node.lineno}: {name} asserts nothing, so it can't fail"


def _marked(path: Path, pattern: re.Pattern[str], why: str) -> Iterator[str]:
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
        found = pattern.search(line)
        if found:
            yield f"line {number}: {found.group()!r} {why}"


def _asserts(function: ast.AST, telling: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and (_name(node.func) in telling or _name(node.func) in {"raises", "fail"}):
            return True
        if isinstance(node, ast.Call) and _is_expectation(node.func):
            return True
    return False


def _is_expectation(called: ast.AST) -> bool:
    """``expect(…).to_…`` of a browser test; ``expect`` alone proves nothing."""
    return (
        isinstance(called, ast.Attribute)
        and called.attr.startswith(("to_", "not_to_"))
        and isinstance(called.value, ast.Call)
        and _name(called.value.func) == "expect"
    )


def _does_nothing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if any(_name(decorator) in {"overload", "abstractmethod"} for decorator in function.decorator_list):
        return False
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and _is_text(node.value))]
    return bool(body) and all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is Ellipsis)
        for node in body
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
