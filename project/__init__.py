"""A deployable site around peertube_sync, which is also its example: all its settings come from the environment."""
