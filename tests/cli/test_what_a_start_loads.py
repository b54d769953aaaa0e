"""Starting the command loads nothing that speaks to a vendor, and the product as a whole needs no vendor's SDK."""

import json
import subprocess
import sys

_SDKS = ("stripe", "plaid", "quickbooks", "intuitlib", "ramp", "localstripe")
_NOT_FOR_HELP = (*_SDKS, "aiohttp", "dbos", "sqlalchemy", "interlock_sandbox")

_SAY = """
import json, sys
before = set(sys.modules)  # a namespace package may be put there by its installation
{work}
print(json.dumps(sorted({{name for name in sys.modules if name not in before}})))
"""
_HELP = """
import contextlib, io
from interlock.app.cli.commands import app
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as said:
    app(["--help"], prog_name="interlock")
assert "sync" in said.getvalue(), said.getvalue()
"""
_EVERYTHING = """
import importlib, pkgutil
import interlock
for each in pkgutil.walk_packages(interlock.__path__, "interlock."):
    if not each.name.endswith("__main__") and ".migrations" not in each.name:
        importlib.import_module(each.name)
"""


def loaded_by(work: str) -> set[str]:
    """Every module that a fresh interpreter has loaded for this, by its first name and in full."""
    command = [sys.executable, "-c", _SAY.format(work=work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return {*names, *(name.partition(".")[0] for name in names)}


def test_importing_interlock_loads_nobody_elses_code() -> None:
    assert loaded_by("import interlock") & set(_NOT_FOR_HELP) == set(), "import it where it is used"


def test_help_loads_no_vendor_no_server_and_no_database() -> None:
    loaded = loaded_by(_HELP)
    assert "interlock.app.cli.commands" in loaded, "nothing was asked"
    assert loaded & set(_NOT_FOR_HELP) == set(), "`interlock --help` would load it: import it inside the command"


def test_no_module_of_the_product_loads_a_vendors_sdk() -> None:
    loaded = loaded_by(_EVERYTHING)
    assert {"interlock.domains.stripe.client", "interlock.domains.plaid.client"} <= loaded, "everything was looked at"
    assert loaded & set(_SDKS) == set(), "rails speak to vendors by the house's own client"
    assert "interlock_sandbox" not in loaded, "the product knows nothing of the sandbox"
