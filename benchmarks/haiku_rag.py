"""haiku.rag's side of `benchmarks.peers`: it needs a newer Python than ours may be, so it runs in a process of its own.

Run by `benchmarks.peers --haiku PYTHON`, where that Python has haiku.rag (or haiku.rag-slim): reads a line of JSON with
the pieces and where vectors are to be had, then answers each question, a line, with the keys of the pieces found.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


async def serve(place: Path) -> None:
    """Index the pieces, say so, and answer until there are no more questions."""
    from docling_core.types.doc import DoclingDocument
    from docling_core.types.doc.labels import DocItemLabel
    from haiku.rag.client import HaikuRAG
    from haiku.rag.config import AppConfig
    from haiku.rag.store.models.chunk import Chunk

    asked = json.loads(sys.stdin.readline())
    model = {"provider": "openai", "name": "minilm", "vector_dim": asked["dimension"], "base_url": asked["address"]}
    config = AppConfig.model_validate({"embeddings": {"model": {**model, "api_key": "none"}}})
    by_document: dict[str, list[dict[str, Any]]] = {}
    for piece in asked["pieces"]:
        by_document.setdefault(piece["document"], []).append(piece)
    async with HaikuRAG(place / "peer.lancedb", config=config, create=True) as rag:
        for name, pieces in by_document.items():
            document, chunks = DoclingDocument(name=name), []
            for order, piece in enumerate(pieces):
                item = document.add_text(label=DocItemLabel.PARAGRAPH, text=piece["text"])
                metadata = {"doc_item_refs": [item.self_ref], "labels": ["paragraph"], "key": piece["key"]}
                chunks.append(Chunk(content=piece["text"], metadata=metadata, order=order))
            await rag.import_document(document, chunks, uri=name, title=name)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            begun = time.process_time()
            found = await rag.search(json.loads(line), limit=asked["depth"], include_images=False)
            answer = {"keys": [each.chunk_meta["key"] for each in found], "cpu": time.process_time() - begun}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(Path(folder)))
