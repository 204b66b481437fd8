"""PeerTube over HTTP, in plain Python: requests, the budget protocol, parsed types, errors."""
