"""The transaction log: append-only, hash-chained per business, verifiable without a database."""

from interlock.infra.translog.chain import GENESIS, Break, Line, canonical, line_hash, verify
from interlock.infra.translog.log import LogLine, append, append_many, head, lines

__all__ = [
    "GENESIS",
    "Break",
    "Line",
    "LogLine",
    "append",
    "append_many",
    "canonical",
    "head",
    "line_hash",
    "lines",
    "verify",
]
