"""Books: QuickBooks' objects over real double entry, one company each."""

from interlock_sandbox.books.books import Books
from interlock_sandbox.books.fault import BooksFault

__all__ = ["Books", "BooksFault"]
