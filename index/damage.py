"""What is broken in the files of an index: looked for when something failed, and by the doctor."""

import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.errors import UserError
from index.manifest import NAME, Manifest, load_manifest
from index.versions import OpenVersion


def damage(index: Path, manifest: Manifest, *, headers: dict[str, str] | None = None) -> str:
    """What is broken in the files of the live version, "" where all of them can be read.

    Raises:
        UserError: the version's vectors are on a Chroma server that does not answer.

    """
    live = OpenVersion(index, manifest.version, headers=headers)
    try:
        return _first_fault(live, manifest)
    except UserError:
        raise
    except Exception as error:  # SQLite, numpy and Chroma share no error of their own
        return f"{live.folder}: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    finally:
        live.close()


def forget_if_damaged(index: Path, *, headers: dict[str, str] | None = None) -> str:
    """Where an index is damaged, take its manifest away, so that the next build makes it anew; say what was broken."""
    try:
        fault = damage(index, load_manifest(index), headers=headers)
    except UserError:  # no manifest that can be read: a build begins anew by itself
        return ""
    if fault:
        (index / NAME).unlink(missing_ok=True)
    return fault


def _first_fault(live: OpenVersion, manifest: Manifest) -> str:
    catalog = live.folder / "catalog.sqlite"
    with closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as connection:
        state = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if state != "ok":
        return f"{catalog}: {state}"
    if (documents := len(live.catalog.documents())) != manifest.documents:
        return f"{catalog}: {documents} documents, not {manifest.documents}"
    row = live.catalog.numbered(manifest.passages - 1)
    vectors = live.vectors(row)
    live.lexical.idf("medical")
    if not len(live.weights):
        return f"{live.folder / 'weights.npy'} is empty"
    if not manifest.chroma and not (live.folder / "chroma").is_dir():
        return f"{live.folder / 'chroma'} is missing"
    if (held := live.store.count()) != manifest.passages:
        return f"Chroma holds {held} passages, not {manifest.passages}"
    live.store.query(vectors.vector, k=1)
    return ""
