"""PeerTube's constant tables as a fresh one publishes them, languages cut down to a few dozen."""

from __future__ import annotations

CATEGORIES = {
    "1": "Music",
    "2": "Films",
    "3": "Vehicles",
    "4": "Art",
    "5": "Sports",
    "6": "Travels",
    "7": "Gaming",
    "8": "People",
    "9": "Comedy",
    "10": "Entertainment",
    "11": "News & Politics",
    "12": "How To",
    "13": "Education",
    "14": "Activism",
    "15": "Science & Technology",
    "16": "Animals",
    "17": "Kids",
    "18": "Food",
}

LICENCES = {
    "1": "Attribution",
    "2": "Attribution - Share Alike",
    "3": "Attribution - No Derivatives",
    "4": "Attribution - Non Commercial",
    "5": "Attribution - Non Commercial - Share Alike",
    "6": "Attribution - Non Commercial - No Derivatives",
    "7": "Public Domain Dedication",
    "8": "Free of known copyright restrictions",
    "9": "All Rights Reserved",
}

LANGUAGES = {
    "ar": "Arabic",
    "br": "Breton",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "eo": "Esperanto",
    "es": "Spanish (Spain)",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "fsl": "French Sign Language",
    "gl": "Galician",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "kab": "Kabyle",
    "ko": "Korean",
    "la": "Latin",
    "nl": "Dutch",
    "oc": "Occitan",
    "pl": "Polish",
    "pt": "Portuguese (Brazilian)",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
    "zxx": "No linguistic content",
}

PRIVACIES = {
    "1": "Public",
    "2": "Unlisted",
    "3": "Private",
    "4": "Internal",
    "5": "Password protected",
}

PLAYLIST_PRIVACIES = {"1": "Public", "2": "Unlisted", "3": "Private"}

PLAYLIST_TYPES = {1: "Regular", 2: "Watch later"}

STATES = {1: "Published", 2: "To transcode", 4: "Waiting for livestream", 5: "Live ended"}

COMMENTS_POLICIES = {1: "Enabled", 2: "Disabled", 3: "Requires approval"}

EMBED_POLICIES = {1: "All allowed"}

CONSTANTS: dict[str, dict[str, str]] = {
    "videos/categories": CATEGORIES,
    "videos/licences": LICENCES,
    "videos/languages": LANGUAGES,
    "videos/privacies": PRIVACIES,
    "video-playlists/privacies": PLAYLIST_PRIVACIES,
}
