"""Whether two texts name the same party or account: words without case, marks, legal forms and fill-words. Pure."""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_FILLERS = frozenset(
    "inc llc llp ltd co corp corporation company limited plc pllc pc the and of for a an gmbh ag sa bv".split()
)
_LEAST_CHARACTERS = 3
_PERCENT = 100


@lru_cache(maxsize=65_536)
def words(text: str | None) -> tuple[str, ...]:
    """``'Copperfield Freight, Inc.' -> ('copperfield', 'freight')``. What has only fill-words keeps them."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    every = tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).replace("'", "")))
    return tuple(word for word in every if word not in _FILLERS) or every


def same_name(one: str | None, other: str | None) -> bool:
    """Whether both name something, in the same words and order."""
    return bool(words(one)) and words(one) == words(other)


def likeness(one: str | None, other: str | None) -> int:
    """0 to 100: how alike two names are, whatever the order of their words."""
    left, right = words(one), words(other)
    if not left or not right:
        return 0
    if left == right:
        return _PERCENT
    shared = len(set(left) & set(right)) / len(set(left) | set(right))
    spelled = SequenceMatcher(None, " ".join(sorted(left)), " ".join(sorted(right)), autojunk=False).ratio()
    return min(_PERCENT - 1, int(max(shared, spelled) * _PERCENT))


def named_in(party: str | None, text: str | None) -> bool:
    """Whether a bank's text names a party: its first word, and half of its words, cut short as banks do."""
    wanted, said = words(party), words(text)
    if not wanted or len(wanted[0]) < _LEAST_CHARACTERS:
        return False
    found = [any(_begins(heard, word) for heard in said) for word in wanted]
    return found[0] and sum(found) * 2 >= len(wanted)


def share_a_word(one: str | None, other: str | None) -> bool:
    """Whether they have any word of three letters or more in common; true where either says nothing."""
    left = [word for word in words(one) if len(word) >= _LEAST_CHARACTERS]
    right = [word for word in words(other) if len(word) >= _LEAST_CHARACTERS]
    return not left or not right or any(_begins(a, b) or _begins(b, a) for a in left for b in right)


@lru_cache(maxsize=65_536)
def key_of(text: str | None) -> str | None:
    """A document's number without case, spaces, marks and leading zeros; ``None`` where nothing is left."""
    plain = "".join(words_of_number(text))
    return plain.lstrip("0") or (plain or None)


def words_of_number(text: str | None) -> tuple[str, ...]:
    """The letters and digits of a number, in pieces."""
    return tuple(_WORD.findall((text or "").casefold()))


def numbers_in(text: str | None) -> frozenset[str]:
    """What a text may carry as a number, each piece and up to three in a row as one: ``'RETURN P-1077'`` carries ``p1077``."""
    said = words_of_number(text)
    return frozenset("".join(said[at : at + length]) for at in range(len(said)) for length in (1, 2, 3))


def _begins(heard: str, word: str) -> bool:
    return heard == word or (len(heard) >= _LEAST_CHARACTERS + 1 and word.startswith(heard))
