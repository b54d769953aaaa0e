"""PDF, the one maker of it: a typst source and its data in, bytes out. The same in, the same out, wherever this runs.

Only the typefaces that the part brings are used, no clock is read, and nothing is loaded from anywhere.
"""

import json
from pathlib import Path
from typing import Any, Literal

_STANDARD: Literal["ua-1"] = "ua-1"
"""Tagged, so that it can be read aloud."""


def render(source: Path, **data: Any) -> bytes:
    """The document. ``data``: plain JSON, found by ``source`` under ``sys.inputs`` by name, each as JSON text."""
    import typst  # 34 MB: loaded by who makes a letter, not by every command

    made = typst.compile(
        str(source),
        root=str(source.parent),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={name: json.dumps(value, ensure_ascii=False, sort_keys=True) for name, value in data.items()},
        pdf_standards=_STANDARD,
    )
    assert isinstance(made, bytes), "one document without an output file is bytes"
    return made
