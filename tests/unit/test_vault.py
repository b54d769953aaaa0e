"""A sealed secret opens for its owner, with its key, unchanged; everything else is one plain sentence."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.infra.crypto import KeyBroken, Vault, new_key, write_key

OWNER = "firm_a/biz_a/qbo"
SECRET = b"refresh token of Maple Street Bakery"
KEY = base64.urlsafe_b64encode(bytes(range(200, 232))).decode()
VAULT = Vault.from_text(KEY)
SEALED = VAULT.seal(SECRET, OWNER)


def test_a_sealed_secret_opens_for_its_owner_and_never_looks_the_same_twice() -> None:
    again = VAULT.seal(SECRET, OWNER)
    assert VAULT.open(SEALED, OWNER) == SECRET == VAULT.open(again, OWNER)
    assert again != SEALED
    assert SECRET not in SEALED


@pytest.mark.parametrize("other", ["firm_a/biz_b/qbo", "firm_b/biz_a/qbo", "firm_a/biz_a/plaid", ""])
def test_a_token_moved_to_another_tenants_row_does_not_open(other: str) -> None:
    with pytest.raises(KeyBroken, match="belongs to someone else"):
        VAULT.open(SEALED, other)


def test_another_key_is_named_as_the_trouble() -> None:
    with pytest.raises(KeyBroken, match="not the one this database was sealed with"):
        Vault.from_text(new_key()).open(SEALED, OWNER)


@given(at=st.integers(0, len(SEALED) - 1), mask=st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, mask: int) -> None:
    changed = SEALED[:at] + bytes([SEALED[at] ^ mask]) + SEALED[at + 1 :]
    with pytest.raises(KeyBroken):
        VAULT.open(changed, OWNER)


@pytest.mark.parametrize("length", [0, 3, 4, 5, 11, 12, 15, 16, 17, 31, len(SEALED) - 1])
def test_a_value_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(KeyBroken):
        VAULT.open(SEALED[:length], OWNER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        KEY[:-8],
        KEY.rstrip("="),
        "é" * 44,
        KEY.rstrip("=") + "!!!!=",
        f"{KEY[:10]} {KEY[10:]}",
        base64.urlsafe_b64encode(bytes(33)).decode(),
    ],
)
def test_a_malformed_key_is_refused_before_it_seals_anything(text: str) -> None:
    with pytest.raises(KeyBroken, match="secret key"):
        Vault.from_text(text)


def test_a_key_may_carry_the_line_end_of_its_file_and_either_base64_alphabet() -> None:
    raw = bytes([251, 255] * 16)
    for encoded in (base64.urlsafe_b64encode(raw), base64.standard_b64encode(raw)):
        assert Vault.from_text(f"{encoded.decode()}\n").key_id == Vault(raw).key_id


def test_only_its_owner_may_read_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "interlock.key"
    write_key(path, KEY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.from_text(path.read_text()).open(SEALED, OWNER) == SECRET


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "interlock.key"
    write_key(path, KEY)
    with pytest.raises(FileExistsError):
        write_key(path, new_key())
    assert path.read_text().strip() == KEY, "a replaced key would lose every sealed token"


def test_a_key_file_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KeyBroken, match="can't be written"):
        write_key(tmp_path / "file" / "interlock.key", KEY)
