"""``python -m interlock_sandbox``: serve the outside world on the loopback address until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from interlock_sandbox.journal import JournalBroken
from interlock_sandbox.mail.sink import MailSink
from interlock_sandbox.sandbox import Firm, Sandbox, World, WorldBuilder, open_sandbox
from interlock_sandbox.server import make_app
from interlock_sandbox.webhooks.courier import endpoint_of
from interlock_sandbox.webhooks.outbox import Endpoint

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None, build: WorldBuilder | None = None) -> int:
    """Parse, build, serve. One JSON line on stdout when listening; a sentence on stderr and 1 when that cannot be."""
    options = _parser().parse_args(arguments)
    try:
        endpoint = _webhooks(options)
    except ValueError as wrong:
        print(f"Webhooks cannot be sent there: {wrong}", file=sys.stderr)
        return 1
    try:
        world = World(options.seed, options.clients, options.as_of, options.rows)
        sandbox = open_sandbox(world, options.data, build or _economy, None if build else _lives)
    except JournalBroken as broken:
        print(broken, file=sys.stderr)
        return 1
    except ValueError as wrong:
        print(f"This world cannot be built: {wrong}.", file=sys.stderr)
        return 1
    except OSError as broken:
        print(f"The folder {options.data} cannot be used: {broken.strerror or broken}.", file=sys.stderr)
        return 1
    if endpoint is not None and endpoint != sandbox.outbox.endpoint:
        sandbox.register_webhook(endpoint)
    sandbox.throttle.limits.enforced = options.enforce_limits
    gc.collect()
    gc.freeze()  # the world stays; looking through it at every collection would cost more than it finds
    return asyncio.run(_serve(sandbox, options))


def _webhooks(options: argparse.Namespace) -> Endpoint | None:
    if options.webhook_url is None:
        return None
    return endpoint_of(options.webhook_url, options.webhook_token, options.webhook_shape)


def _economy(world: World) -> Firm:
    from interlock_sandbox.world import build, build_large

    if world.rows is not None:
        return build_large(world.seed, world.as_of, world.rows)
    return build(seed=world.seed, clients=world.clients, as_of=world.as_of)


def _lives(client: Any, first: date, end: date) -> None:
    from interlock_sandbox.world import advance

    advance(client, first, end)


async def _serve(sandbox: Sandbox, options: argparse.Namespace) -> int:
    runner = web.AppRunner(make_app(sandbox, lookback=options.cdc_lookback, gzip=options.gzip), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, options.port)
    try:
        await site.start()
    except OSError as taken:
        await runner.cleanup()
        print(f"Port {options.port} on {HOST} cannot be used: {taken.strerror or taken}.", file=sys.stderr)
        return 1
    port = runner.addresses[0][1]
    ready = {"ready": True, "url": f"http://{HOST}:{port}"}
    sink = MailSink(options.mail) if options.mail else None
    if sink is not None:
        ready["mail"] = await sink.open()
    print(json.dumps(ready), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    if sink is not None:
        await sink.close()
    await runner.cleanup()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m interlock_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--mail", type=Path, help="folder for letters; with it a mail server takes them")
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--rows", type=int, help="instead of a firm's clients, one large company with this many rows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="today in the world, YYYY-MM-DD")
    parser.add_argument("--gzip", action="store_true", help="compress answers for clients that ask for it")
    parser.add_argument("--cdc-lookback", choices=["lenient", "strict"], default="lenient")
    parser.add_argument("--enforce-limits", action="store_true", help="refuse what is over Intuit's limits per company")
    parser.add_argument("--webhook-url", help="where events are sent to, from now on")
    parser.add_argument("--webhook-token", default="", help="the verifier token that signs them")
    parser.add_argument("--webhook-shape", choices=["cloudevents", "classic"], default="cloudevents")
    return parser


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
