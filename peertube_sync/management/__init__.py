"""The same work in a shell: commands, and what they share."""
