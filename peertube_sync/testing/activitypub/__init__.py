"""ActivityPub's side of a sandbox: whom it lets follow, and what it tells its followers of changes."""
