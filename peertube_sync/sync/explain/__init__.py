"""Why something that people look for isn't here: from the rows, then from its server."""
