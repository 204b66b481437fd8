"""The doorbell: following instances, so that they tell of changes, and asking them what rang."""
