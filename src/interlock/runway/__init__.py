"""The product: what people see and decide, over all slices at once."""
