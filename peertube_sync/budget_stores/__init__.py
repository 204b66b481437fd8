"""Stores of the rate budget that every process of a site shares: Redis, or else the database."""
