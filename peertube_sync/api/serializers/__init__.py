"""Rows as JSON: PeerTube's names in snake_case, addresses absolute at the source, times in ISO 8601.

Lists and details are two serializers: details hold all that lists hold, and the long texts besides.
"""
