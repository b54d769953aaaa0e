"""The unified interface of all rails: what one can do (protocols by verb), what it says (facts), how it fails (five errors)."""
