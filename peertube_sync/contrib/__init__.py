"""The mirror within content management systems: an app of its own for each."""
