"""The simulated economy behind the sandbox."""

from interlock_sandbox.world.build import build
from interlock_sandbox.world.live import advance
from interlock_sandbox.world.model import Client, Firm, Planted

__all__ = ["Client", "Firm", "Planted", "advance", "build"]
