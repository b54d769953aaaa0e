"""The paying rail: Ramp's bills and payments."""
