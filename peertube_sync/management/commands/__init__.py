"""`manage.py peertube_…`."""
