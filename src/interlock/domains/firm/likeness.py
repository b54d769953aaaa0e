"""How alike two parties, two documents or two accounts are, and why. Scores of ``identity.Score``; pure."""

from collections.abc import Iterator

from interlock.domains.firm.identity import Thing
from interlock.domains.firm.naming import key_of, likeness, words

_NAME_LEAST = 70
_NAME_BLOCK_CHARACTERS = 3
_DAYS_MOST = 10


def party_blocks(thing: Thing) -> Iterator[str]:
    """Words of the name, and the address."""
    yield from (word for word in words(thing.name) if len(word) >= _NAME_BLOCK_CHARACTERS)
    if thing.email:
        yield f"@{thing.email.casefold()}"


def party_score(mine: Thing, theirs: Thing) -> tuple[int, tuple[str, ...]]:
    """The same e-mail address, or nearly the same name."""
    alike = likeness(mine.name, theirs.name)
    same_email = bool(mine.email and theirs.email and mine.email.casefold() == theirs.email.casefold())
    if same_email:
        return 80 + alike * 15 // 100, ("the same e-mail address", f"names {alike} % alike")
    return (alike * 92 // 100, (f"names {alike} % alike",)) if alike >= _NAME_LEAST else (0, ())


def document_blocks(thing: Thing) -> Iterator[str]:
    """The amount, and the number."""
    if thing.minor is not None:
        yield f"{thing.currency} {thing.minor}"
    if number := key_of(thing.number):
        yield f"#{number}"


def document_score(mine: Thing, theirs: Thing) -> tuple[int, tuple[str, ...]]:
    """The same amount, number, party, near dates; a number alone needs the same party."""
    why: list[str] = []
    points = 0
    if (mine.minor, mine.currency) == (theirs.minor, theirs.currency):
        points, why = 40, ["the same total"]
    number = key_of(mine.number)
    if number is not None and number == key_of(theirs.number):
        points += 30
        why.append(f"number {theirs.number}")
    alike = likeness(mine.party, theirs.party)
    if alike >= _NAME_LEAST:
        points += alike // 5
        why.append(f"party {alike} % alike")
    if mine.dated and theirs.dated:
        days = abs((mine.dated - theirs.dated).days)
        points += max(0, _DAYS_MOST - days)
        why.append("the same date" if not days else f"{days} days apart")
    if why and why[0] != "the same total":
        why.append("the totals differ")
    return points, tuple(why)


def account_blocks(thing: Thing) -> Iterator[str]:
    """Accounts are few: all of a kind and currency are compared."""
    yield f"{thing.kind} {thing.currency}"


def account_score(mine: Thing, theirs: Thing) -> tuple[int, tuple[str, ...]]:
    """Kind and currency agree already: the ending in the ledger's name, names alike, balances equal."""
    points, why = 25, ["kind and currency"]
    if mine.number and mine.number in words(theirs.name):
        points += 40
        why.append(f"the name ends in {mine.number}")
    alike = likeness(mine.name, theirs.name)
    points += alike * 35 // 100
    why.append(f"names {alike} % alike")
    if mine.minor is not None and mine.minor == theirs.minor and mine.minor:
        points += 35
        why.append("balances equal to the cent")
    return points, tuple(why)
