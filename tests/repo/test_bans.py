"""The repository keeps its own rules, and each rule is shown to bite."""

from pathlib import Path

import pytest

from tests.repo import bans
from tests.repo.bans import Ban

CODE = ("src", "tests", "tests_more", "bench")
# Written in halves for the same reason as in bans.py.
LATER, ABSENT = "TO" + "DO", "Not" + "ImplementedError"
WORKPLACE, HOST = "/wo" + "rk/main", "py" + "pi.org"

# Tests of what a stranger's clone does not hold: real companies' keys, and recordings that are not ours to publish.
MAY_STAND_ASIDE = ("tests_more/live/", "tests_more/witness/test_recordings_pass_through.py")

PYTHON: list[Ban] = [bans.too_long, bans.long_functions, bans.poor_names, bans.unfinished_work, bans.pretence]
PLANTED: list[tuple[Ban, str, str]] = [
    (bans.too_long, "long.py", "x = 1\n" * 401),
    (bans.long_functions, "long.py", "def f() -> None:\n" + "    print()\n" * 60),
    (bans.long_functions, "long.py", "class A:\n    async def f(self) -> None:\n" + "        print()\n" * 60),
    (bans.poor_names, "utils.py", ""),
    (bans.poor_names, "base_service.py", ""),
    (bans.poor_names, "oauth2.py", ""),
    (bans.unfinished_work, "a.py", f"x = 1  # {LATER}: later\n"),
    (bans.pretence, "a.py", f"raise {ABSENT}\n"),
    (bans.pretence, "a.py", "from unittest.mo" + "ck import patch\n"),
    (bans.pretence, "a.py", "@pytest.mark.sk" + "ipif(True, reason='no')\n"),
    (bans.pretence, "a.py", "@pytest.mark.x" + "fail\n"),
    (bans.machine_paths, "a.md", f"see {WORKPLACE}/notes"),
    (bans.machine_paths, "a.cfg", "data=/tm" + "p/somewhere"),
    (bans.registry_hosts, "requirements.lock", f"--index-url https://{HOST}/simple"),
    (bans.registry_hosts, "package-lock.json", '"https://registry.npm' + 'js.org/a.tgz"'),
    (bans.empty_bodies, "a.py", "def f() -> None: ...\n"),
    (
        bans.empty_bodies,
        "a.py",
        'class A:\n    def f(self) -> None:\n        """Says what it would do."""\n        pass\n',
    ),
    (bans.silent_tests, "test_a.py", "def test_nothing() -> None:\n    print('fine')\n"),
    (bans.silent_tests, "test_a.py", "def check() -> None:\n    print()\n\ndef test_nothing() -> None:\n    check()\n"),
]
INNOCENT: list[tuple[Ban, str, str]] = [
    (bans.too_long, "long.py", "x = 1\n" * 400),
    (bans.long_functions, "long.py", "def f() -> None:\n" + "    print()\n" * 59),
    (bans.poor_names, "bill_service.py", ""),
    (bans.machine_paths, "a.py", "folder = data / 'interlock' / 'tm" + "p/x'\nurl = '/api/v1/wo" + "rk/'\n"),
    (bans.empty_bodies, "a.py", "class A(Protocol):\n    def f(self) -> None: ...\n"),
    (bans.silent_tests, "test_a.py", "def test_a() -> None:\n    with pytest.raises(ValueError):\n        int('x')\n"),
    (bans.silent_tests, "test_a.py", "def check() -> None:\n    assert 1\n\ndef test_a() -> None:\n    check()\n"),
]


def named(case: tuple[Ban, str, str]) -> str:
    return case[0].__name__


@pytest.mark.parametrize("case", PLANTED, ids=named)
def test_a_planted_breach_is_found(tmp_path: Path, case: tuple[Ban, str, str]) -> None:
    ban, name, text = case
    (tmp_path / name).write_text(text)
    assert list(ban(tmp_path / name)), f"{ban.__name__} let a breach through"


@pytest.mark.parametrize("case", INNOCENT, ids=named)
def test_what_keeps_the_rules_is_let_through(tmp_path: Path, case: tuple[Ban, str, str]) -> None:
    ban, name, text = case
    (tmp_path / name).write_text(text)
    assert list(ban(tmp_path / name)) == []


def breaches(ban: Ban, paths: list[Path], root: Path) -> list[str]:
    return [f"{path.relative_to(root)} {said}" for path in paths for said in ban(path)]


@pytest.mark.parametrize("ban", PYTHON, ids=lambda ban: ban.__name__)
def test_our_code_keeps_the_rule(files: list[Path], root: Path, ban: Ban) -> None:
    ours = [path for path in files if path.suffix == ".py" and path.relative_to(root).parts[0] in CODE]
    if ban is bans.pretence:
        ours = [path for path in ours if not path.relative_to(root).as_posix().startswith(MAY_STAND_ASIDE)]
    assert len(ours) > 50, "the files were not found, so nothing would be tested"
    found = breaches(ban, ours, root)
    assert found == [], "\n".join(found)


def test_no_function_of_ours_is_empty(files: list[Path], root: Path) -> None:
    ours = [path for path in files if path.suffix == ".py" and path.relative_to(root).parts[0] == "src"]
    found = breaches(bans.empty_bodies, ours, root)
    assert found == [], "\n".join(found)


def test_every_test_can_fail(files: list[Path], root: Path) -> None:
    tests = [path for path in files if path.name.startswith("test_") and path.suffix == ".py"]
    assert len(tests) > 10
    found = breaches(bans.silent_tests, tests, root)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("ban", [bans.machine_paths, bans.registry_hosts], ids=lambda ban: ban.__name__)
def test_nothing_names_this_machine_or_a_registry(files: list[Path], root: Path, ban: Ban) -> None:
    found = breaches(ban, [path for path in files if not is_binary(path)], root)
    assert found == [], "\n".join(found)


def test_pages_are_finished_too(files: list[Path], root: Path) -> None:
    pages = [path for path in files if path.suffix in {".html", ".css", ".md"} or path.name in {"Makefile", "run"}]
    found = breaches(bans.unfinished_work, pages, root)
    assert found == [], "\n".join(found)


def is_binary(path: Path) -> bool:
    return b"\0" in path.read_bytes()[:8_000]
