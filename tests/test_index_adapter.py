from pathlib import Path

import numpy as np
import pytest

from index.adapter import Adapter, read_adapter, write_adapter
from index.embeddings import DEFAULT_WEIGHTS, load_sentence_transformer
from index.encoder import Encoder

WEIGHT = "encoder.layer.5.output.dense.weight"
TEXTS = ["Who appoints the chief medical officer?", "bylaws", ""]


def adapter_of(size: float, *, sha256: str = "0" * 64) -> Adapter:
    up = np.linspace(-size, size, 384, dtype=np.float32)[:, None]  # the same to all would be taken away again
    changes = {WEIGHT: (up, np.ones((1, 1536), dtype=np.float32))}
    return Adapter(sha256=sha256, changes=changes, projection=np.eye(384, 2, dtype=np.float32))


def test_an_adapter_is_read_as_it_was_written_in_half_precision(tmp_path: Path) -> None:
    written, file = adapter_of(0.1), tmp_path / "adapter.npz"
    write_adapter(file, written.changes, written.projection)
    read = read_adapter(file)
    assert list(read.changes) == [WEIGHT]
    for found, given in zip(read.changes[WEIGHT], written.changes[WEIGHT], strict=True):
        assert found.dtype == np.float32
        assert found == pytest.approx(given, abs=1e-4)
    assert read.projection.tolist() == written.projection.tolist()
    assert len(read.sha256) == 64


def test_what_is_projected_has_length_one() -> None:
    vectors = np.array([[3.0, 4.0, *[1.0] * 382], [0.0] * 384], dtype=np.float32)
    assert adapter_of(0.0).projected(vectors) == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_an_adapted_encoder_is_another_model() -> None:
    encoder = Encoder()
    adapted = encoder.adapted(adapter_of(0.1, sha256="a" * 64))
    assert adapted.name == encoder.name
    assert adapted.identity().sha256 == f"{DEFAULT_WEIGHTS}+{'a' * 64}"


def test_an_adapter_fits_the_default_model_only() -> None:
    with pytest.raises(ValueError, match="not for 'another/model'"):
        Encoder("another/model").adapted(adapter_of(0.1)).encode_query("bylaws")


def test_an_adapter_that_names_no_weight_of_the_model_is_refused() -> None:
    wrong = Adapter(sha256="0" * 64, changes={"no.weight": adapter_of(0.1).changes[WEIGHT]}, projection=np.eye(384))
    with pytest.raises(ValueError, match=r"no weight 'no\.weight'"):
        load_sentence_transformer("all-MiniLM-L6-v2", adapter=wrong)


@pytest.mark.slow
def test_changes_of_nothing_leave_the_vectors_as_they_were(tmp_path: Path) -> None:
    encoder = Encoder(cache=tmp_path)
    for text in TEXTS:
        same = encoder.adapted(adapter_of(0.0)).encode_query(text).vector
        assert np.abs(same - encoder.encode_query(text).vector).max() < 1e-6


@pytest.mark.slow
def test_a_changed_model_gives_the_same_vectors_through_either_backend(tmp_path: Path) -> None:
    adapter = adapter_of(0.001, sha256="b" * 64)
    exported = Encoder(cache=tmp_path).adapted(adapter)
    (tmp_path / "file").touch()
    fallen_back = Encoder(cache=tmp_path / "file").adapted(adapter)
    plain = Encoder()
    with pytest.warns(UserWarning, match="cannot hold the model"):
        expected = fallen_back.encode_query(TEXTS[0]).vector
    found = exported.encode_query(TEXTS[0]).vector
    assert np.abs(found - expected).max() < 1e-4
    assert np.abs(found - plain.encode_query(TEXTS[0]).vector).max() > 1e-3
    assert (tmp_path / DEFAULT_WEIGHTS / f"adapted-{'b' * 16}.onnx").exists()
