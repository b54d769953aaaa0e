"""What the documents tell a reader to do or open is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

_TARGET = re.compile(r"^([A-Za-z0-9][\w.-]*):(?!=)", re.MULTILINE)
_IN_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MAKE = re.compile(r"(?:^|[\s`$;&])make ((?:[\w-]+(?:=\S+)?[ \t]*)+)", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")


def targets(makefile: str) -> set[str]:
    return set(_TARGET.findall(makefile))


def commands(text: str) -> set[str]:
    """Targets of every ``make …`` in a document's code."""
    said = (words for code in _IN_CODE.findall(text) for words in _MAKE.findall(code))
    return {word for words in said for word in words.split() if "=" not in word}


def broken_links(page: Path, root: Path) -> Iterator[str]:
    for target in _LINK.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
        if re.match(r"[a-z]+:|#", target):
            continue  # elsewhere, or on this page
        path = unquote(target.partition("#")[0])
        if not ((root if path.startswith("/") else page.parent) / path.lstrip("/")).exists():
            yield target


def documents(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".md"]


def test_a_command_that_is_not_there_and_a_link_to_nothing_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Run `make demo ARGS=--headless` or\n```\n$ make nonsense\n```\n[a](page.md#x) [b](gone.md) [c](https://x.example)"
    )
    assert commands(page.read_text()) == {"demo", "nonsense"}
    assert list(broken_links(page, tmp_path)) == ["gone.md"]
    assert targets("help: ## x\nA := b\n.PHONY: help\nall-of: help\n") == {"help", "all-of"}


def test_every_make_command_in_the_documents_exists(files: list[Path], root: Path) -> None:
    known = targets((root / "Makefile").read_text())
    assert {"demo", "setup", "check", "test", "help"} <= known
    unknown = {
        (str(path.relative_to(root)), word) for path in documents(files) for word in commands(path.read_text()) - known
    }
    assert unknown == set(), "write the target, or correct the document"


def test_every_relative_link_leads_somewhere(files: list[Path], root: Path) -> None:
    broken = [(str(path.relative_to(root)), link) for path in documents(files) for link in broken_links(path, root)]
    assert broken == []


def test_make_help_names_every_command_and_each_is_phony(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    explained = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split())  # type: ignore[union-attr]
    assert explained == phony, "a command without a line of help, or one that a file of its name would switch off"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_every_package_by_hash_and_name_no_address(root: Path, lock: str) -> None:
    text = (root / lock).read_text()
    pins = re.findall(r"^[A-Za-z0-9][^\s=]*==[^\s;\\]+", text, re.MULTILINE)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(pins) == len(blocks) > 10
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_decisions_are_numbered_once_and_say_what_a_decision_says(files: list[Path], root: Path) -> None:
    records = [path for path in files if path.parent == root / "docs" / "adr" and re.match(r"\d{4}-", path.name)]
    numbers = sorted(int(path.name[:4]) for path in records)
    assert len(numbers) == len(set(numbers)), "two decisions with one number"
    for record in records:
        text = record.read_text().lower()
        missing = [part for part in ("context", "decision", "consequences", "alternatives") if part not in text]
        assert missing == [], f"{record.name} lacks {missing}"
