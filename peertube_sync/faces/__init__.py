"""What API, PeerTube's shape and site do alike with a request: how much it may ask, whose it is, how long it may take.

Each face calls these once, where its requests come in, and refuses in the form of its own errors.
"""
