"""The steps of a slice that ask an instance: newest videos, whole lists, details, captions, and what went missing."""
