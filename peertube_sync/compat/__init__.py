"""The old name of `peertube_sync.peertube_api`; only `urls` is still found here."""
