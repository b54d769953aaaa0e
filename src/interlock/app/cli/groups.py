"""Command groups that are commands themselves: ``interlock log BUSINESS`` beside ``interlock log verify``."""

from typing import Any

from typer.core import TyperGroup

SHOW = "show"


class ShowsByDefault(TyperGroup):
    """What doesn't begin with the name of a sub-command is for ``show``. A client of such a name: ``log show verify``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [SHOW, *args]
        return super().parse_args(ctx, args)
