"""The door that instances knock at: an ActivityPub actor that follows them, and its inbox. It believes nothing."""
