"""Values that hold a secret say their kind and nothing else wherever they are printed: in a log, an exception, a debugger."""


class Unspoken:
    """Mixed in before the base of a value; its fields stay out of ``repr`` and ``str``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
