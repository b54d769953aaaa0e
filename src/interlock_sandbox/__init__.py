"""The outside world on this machine: vendor-shaped servers over one simulated economy.

Its own process, its own clock, no code shared with ``interlock``.
"""
