"""Comparing the copy with its source, without changing a row of it."""
