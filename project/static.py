"""Static files by names with a hash of their content, which browsers may keep; before `collectstatic` without."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedOrNot(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Files that weren't collected keep their plain name, under which WhiteNoise serves them straight from the apps."""

    def stored_name(self, name: str) -> str:
        """Return the name with a hash, or `name` itself, for which Django's own class raises and the page is a 500."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
