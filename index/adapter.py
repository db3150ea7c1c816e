"""A small change of the default embedding model, fitted for one kind of text."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.encodings import Floats, unit_rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adapter:
    """Low-rank changes of some of the model's weights (LoRA, arXiv 2106.09685), and a map of its vectors.

    Each weight named in ``changes`` is moved by up @ down; ``projection`` leads from the vectors of the model so
    changed to the space that it was fitted for.
    """

    sha256: str  # of the file
    changes: Mapping[str, tuple[Floats, Floats]]  # by the weight's name: up (out, rank), down (rank, in)
    projection: Floats  # (dimension, space)

    def projected(self, vectors: Floats) -> Floats:
        """(n, space) of unit length, from (n, dimension)."""
        return unit_rows(vectors @ self.projection)


def read_adapter(path: Path) -> Adapter:
    """The adapter that ``write_adapter`` wrote to a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name].astype(np.float32) for name in arrays.files}
    names = [name.removesuffix(".up") for name in found if name.endswith(".up")]
    changes = {name: (found[f"{name}.up"], found[f"{name}.down"]) for name in names}
    return Adapter(sha256=digest, changes=changes, projection=found["projection"])


def write_adapter(path: Path, changes: Mapping[str, tuple[Floats, Floats]], projection: Floats) -> None:
    """Write an adapter in half precision."""
    arrays = {"projection": projection}
    for name, (up, down) in changes.items():
        arrays |= {f"{name}.up": up, f"{name}.down": down}
    np.savez_compressed(path, allow_pickle=False, **{name: rows.astype(np.float16) for name, rows in arrays.items()})
