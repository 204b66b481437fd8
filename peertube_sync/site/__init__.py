"""The catalogue as pages that people enjoy: no build step, no script needed, nothing from the instance before a click.

Include `peertube_sync.site.urls` under a prefix of your choice, or none; override the templates in `peertube_sync/`.
"""
