"""Write a NumPy array to disk while its length is not known yet."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


class RowFile:
    """An .npy file that grows by rows, so that no more than a batch is ever in memory."""

    def __init__(self, path: Path, dtype: type[Any], columns: int) -> None:
        self._file = path.open("wb")
        self._dtype = np.dtype(dtype)
        self._columns = columns
        self.rows = 0
        self._write_header()

    def _write_header(self) -> None:
        # numpy pads this header for a first axis of up to 21 digits, so it can be written again in place.
        shape = (self.rows, self._columns)
        npy.write_array_header_1_0(self._file, {"descr": self._dtype.str, "fortran_order": False, "shape": shape})

    def append(self, rows: NDArray[Any]) -> None:
        """Add (n, columns) rows."""
        self._file.write(np.ascontiguousarray(rows, dtype=self._dtype).tobytes())
        self.rows += len(rows)

    def close(self) -> None:
        """Write the true number of rows and close; nothing happens where that was done."""
        if self._file.closed:
            return
        self._file.seek(0)
        self._write_header()
        self._file.close()
