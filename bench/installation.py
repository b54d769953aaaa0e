"""Our side of a measurement: an installation in a folder, and a full sync in a process of its own.

    python -m bench.installation < what.json

A process of its own shows its own memory, and nothing of what the bench holds.
"""

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.measuring import Run, measured, peak_mib
from bench.world import Served
from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business
from interlock.rails.ports import SyncReport


class Wanted(msgspec.Struct, frozen=True):
    """What to sync from where into which database, with Intuit's limits or without."""

    url: str
    client_id: str
    client_secret: str
    realm_id: str
    refresh_token: str
    database_url: str
    folder: str
    limited: bool


def house_for(served: Served, database_url: str, folder: Path, *, limited: bool) -> House:
    return _open(served.url, served.client_id, served.client_secret, database_url, folder, limited=limited)


def connected(house: House, name: str, realm_id: str, refresh_token: str) -> Business:
    return connect_qbo(house, name=name, realm_id=realm_id, refresh_token=refresh_token, actor="bench")


def full_sync(served: Served, folder: Path, *, limited: bool = False, database_url: str | None = None) -> Run:
    """A first sync of the one large company, proof of completeness included."""
    wanted = Wanted(
        url=served.url,
        client_id=served.client_id,
        client_secret=served.client_secret,
        realm_id=served.realm_id,
        refresh_token=served.refresh_token(),
        database_url=database_url or f"sqlite:///{folder / 'interlock.db'}",
        folder=str(folder),
        limited=limited,
    )
    command = [sys.executable, "-m", "bench.installation"]
    done = subprocess.run(command, input=msgspec.json.encode(wanted), stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Run)


def rows_of(report: SyncReport) -> int:
    return sum(entity.rows for entity in report.entities)


def _open(url: str, client_id: str, client_secret: str, database_url: str, folder: Path, *, limited: bool) -> House:
    settings = Settings(
        database_url=database_url,
        key_file=folder / "interlock.key",
        secret_key=None,
        public_url=None,
        qbo_api_url=url,
        qbo_token_url=f"{url}/oauth2/v1/tokens/bearer",
        qbo_client_id=client_id,
        qbo_client_secret=client_secret,
    )
    return open_house(settings, limited=limited)


def main() -> None:
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    folder = Path(wanted.folder)
    with _open(
        wanted.url, wanted.client_id, wanted.client_secret, wanted.database_url, folder, limited=wanted.limited
    ) as house:
        business = connected(house, "Large", wanted.realm_id, wanted.refresh_token)
        reports: list[SyncReport] = []

        def work() -> int:
            reports.append(house.sync_of(business).sync())
            return rows_of(reports[0])

        run = measured(work)
    said = Run(run.rows, run.wall, run.cpu, peak_mib(), reports[0].calls)
    sys.stdout.buffer.write(msgspec.json.encode(said))


if __name__ == "__main__":
    main()
