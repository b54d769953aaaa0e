"""Interlock: the cash control plane for firms that look after other businesses' money."""
