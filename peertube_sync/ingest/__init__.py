"""Parsed answers into rows; no HTTP. The caller opens the transaction: one page, one transaction."""
