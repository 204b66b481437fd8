"""A host project's app: models of its own that point at mirrored rows, in every way that Django knows."""
