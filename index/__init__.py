"""What can be found: a folder of documents becomes an index, and an index answers searches.

``build_index`` writes one, ``Retriever.open`` reads one. Importing this package loads none of the heavy libraries.
"""

from index.build import BuildReport, build_index
from index.catalog import DocumentEntry, SentenceRow
from index.encoder import Encoder
from index.encodings import Encoded, ModelIdentity, QueryEncoding, TextEncoder
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
    "TextEncoder",
    "build_index",
    "load_manifest",
]
