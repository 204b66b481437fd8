"""What API, PeerTube's API and site do alike with a request: whose it is, what it may ask, how long it may take.

Each face calls these once, where its requests come in, and refuses in the form of its own errors.
"""
