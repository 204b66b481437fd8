"""What the public may see of the mirror, and how it is asked for: rows, look-ups, filters, pages; no HTML, no JSON.

The API and the site stand on it, so that a video is in both or in neither.
"""
