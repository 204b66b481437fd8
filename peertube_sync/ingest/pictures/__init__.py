"""Pictures of rows as this site keeps them: made of strangers' bytes, as files, gone with their rows. No HTTP."""
