"""PeerTube in django CMS: plugins for a video and for a grid of videos."""
