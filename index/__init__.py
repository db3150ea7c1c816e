"""What can be found: a folder of documents becomes an index, and an index answers searches.

``build_index`` writes one, ``Retriever.open`` reads one. Importing this package loads none of the heavy libraries.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

# Read when numpy is imported. Our products of matrices are small; the threads of OpenBLAS that share one wait for each
# other spinning, which on a busy machine made an answer cost six times the CPU. Who sets it otherwise is heeded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from index.build import BuildReport, build_index
    from index.catalog import DocumentEntry, SentenceRow
    from index.encoder import Encoder
    from index.encodings import Encoded, ModelIdentity, QueryEncoding, StoredTokens, TextEncoder
    from index.hits import Hit, Origin
    from index.joint import JointRetriever
    from index.manifest import Manifest, load_manifest
    from index.ranking import ScoredSentence
    from index.search import Retriever

__all__ = [
    "BuildReport",
    "DocumentEntry",
    "Encoded",
    "Encoder",
    "Hit",
    "JointRetriever",
    "Manifest",
    "ModelIdentity",
    "Origin",
    "QueryEncoding",
    "Retriever",
    "ScoredSentence",
    "SentenceRow",
    "StoredTokens",
    "TextEncoder",
    "build_index",
    "load_manifest",
]

# Loaded on first use: who asks never needs what builds, and who only imports needs neither.
_LATE = {
    "BuildReport": "build",
    "DocumentEntry": "catalog",
    "Encoded": "encodings",
    "Encoder": "encoder",
    "Hit": "hits",
    "JointRetriever": "joint",
    "Manifest": "manifest",
    "ModelIdentity": "encodings",
    "Origin": "hits",
    "QueryEncoding": "encodings",
    "Retriever": "search",
    "ScoredSentence": "ranking",
    "SentenceRow": "catalog",
    "StoredTokens": "encodings",
    "TextEncoder": "encodings",
    "build_index": "build",
    "load_manifest": "manifest",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"index.{_LATE[name]}"), name)
