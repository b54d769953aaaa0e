"""Rotations of the key, one after the other, to be killed: ``python -m tests.support.rotating SETTINGS``; says ``rotating``."""

import json
import sys
from pathlib import Path

from interlock.app.opening import open_house
from interlock.app.rotation import rotate
from interlock.app.settings import Settings


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])})) as house:
        rotate(house, actor="a test")
        print("rotating", flush=True)
        while True:
            rotate(house, actor="a test")


if __name__ == "__main__":
    main()
