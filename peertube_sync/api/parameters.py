"""Reading parameters that aren't filters."""

from rest_framework.request import Request


def comma_separated(request: Request, name: str) -> list[str]:
    """Return the words of a parameter: comma-separated, or one each time that it is given, as some clients write it."""
    return [word for text in request.query_params.getlist(name) for word in text.split(",") if word]
