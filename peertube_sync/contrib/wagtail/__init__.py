"""PeerTube in Wagtail: pasted addresses become players, videos and playlists are chosen, editors see the sources."""
