"""A sync in a process of its own, to be killed: ``python -m tests.support.killable SETTINGS BUSINESS FIRM [full]``.

Prints ``syncing`` when the sync begins and ``done`` when it has ended well.
"""

import json
import sys
from pathlib import Path

from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    settings = Settings(**{**said, "key_file": Path(said["key_file"])})
    with open_house(settings, limited=False) as house:
        scope = Scope(sys.argv[3], sys.argv[2])
        with house.database.reading(scope) as session:
            business = session.get_one(Business, sys.argv[2])
            session.expunge(business)
        print("syncing", flush=True)
        house.sync_of(business).sync(full=len(sys.argv) > 4)
    print("done", flush=True)


if __name__ == "__main__":
    main()
