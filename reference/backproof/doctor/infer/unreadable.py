"""What is raised where a script cannot be read."""

from backproof.errors import BadInput


class Unreadable(BadInput):
    """No network was found in what a script does; the message says what was found instead."""
