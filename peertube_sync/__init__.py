"""Mirror PeerTube catalogues into a Django site: accounts, channels, videos, playlists, captions and chapters."""

__version__ = "0.1.0"
