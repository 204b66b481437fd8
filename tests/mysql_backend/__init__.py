"""A database backend that calls itself MySQL, for the system check that refuses it without its driver at hand."""
