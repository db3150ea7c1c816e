"""LangChain's own suites, run on our retriever and embedder."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests, RetrieversIntegrationTests

from index import Retriever, build_index
from index.adapters import EncoderEmbeddings, PassageRetriever
from tests.fakes import KeywordEncoder

# The suites mix tests that await with tests that do not, and the mark can only be set for all of them.
pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("ignore:.*is marked with:pytest.PytestWarning")]


class KeywordEmbeddings(EncoderEmbeddings):
    """The keyword encoder behind the adapter."""

    def __init__(self) -> None:
        super().__init__(KeywordEncoder())


class TestEmbeddings(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return KeywordEmbeddings


class TestRetriever(RetrieversIntegrationTests):
    folder: tempfile.TemporaryDirectory[str]
    opened: Retriever

    @classmethod
    def setup_class(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        place = Path(cls.folder.name)
        for n in range(5):
            (place / f"{n}.md").write_text(f"# Number {n}\n\nThe board met {n} times.\n", encoding="utf-8")
        build_index(place, index=place / "index", embeddings=KeywordEncoder())
        cls.opened = Retriever.open(place / "index", embeddings=KeywordEncoder())

    @classmethod
    def teardown_class(cls) -> None:
        cls.opened.close()
        cls.folder.cleanup()

    @property
    def retriever_constructor(self) -> type[PassageRetriever]:
        return PassageRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"searcher": self.opened}

    @property
    def retriever_query_example(self) -> str:
        return "how often the board met"
