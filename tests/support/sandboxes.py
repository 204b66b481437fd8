"""Sizes of the sandboxes that tests of the sync mirror."""

VIDEOS = 10
SEED = 68
"""Few, yet with several channels, captions, chapters, tags and playlists."""
MANY = 26
GREAT_LOSS = 22
"""More than MASS_LOSS_NUMBER, and of MANY more than MASS_LOSS_SHARE: a person is asked."""
VARIED = 24
MORE_THAN_A_PAGE = 105
