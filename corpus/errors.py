"""The error that is meant for the person at the keyboard.

UserError            what happened, the offending value, the next command; entry points print it and exit 2
└── UnreadableFile   one file that could not become a Document; a folder run skips it with this reason
"""


class UserError(Exception):
    """A message for the user: the fact, the value and the next step. Never a bug."""


class UnreadableFile(UserError):
    """A file that could not be read as a document; ``reason`` is one short phrase.

    ``sha256`` is that of the bytes that were tried, "" where none could be had: another time there may be some.
    """

    def __init__(self, path: str, reason: str, *, sha256: str = "") -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.sha256 = sha256
