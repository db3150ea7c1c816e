"""Let one process write an index at a time, and say in words why a disk does not let it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import UserError
from index.manifest import rebuild

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class BusyError(UserError):
    """Another build holds the index; it will end."""


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """Hold the index's lock; it falls with the process, however that ends."""
    from filelock import FileLock, Timeout

    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise BusyError(f"another build is writing {index}. Wait for its end, then run: {rebuild(index)}") from None
    except OSError as error:
        raise UserError(f"{index} cannot be written ({error.strerror}). Run: {rebuild(Path('DIR'))}") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def room_to_write(index: Path) -> Iterator[None]:
    """Turn a full or closed disk into a message; by then the partial version is gone and the old one is live."""
    try:
        yield
    except Exception as error:
        full = "disk is full" in str(error) or "No space left" in str(error)
        if not full and not (isinstance(error, OSError) and error.errno in _NO_ROOM):
            raise
        raise UserError(f"{index} could not be written ({error}). Make room, then run: {rebuild(index)}") from error
