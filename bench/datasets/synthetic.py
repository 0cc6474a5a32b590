"""Made data that resembles what people index: audio features and text embeddings, in blocks from a seed.

Rows are independent draws, so any of them can serve as queries. A row depends only on the seed and on its block
(BLOCK_ROWS rows), but for the last bits of the matrix products of the machine.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np

BLOCK_ROWS = 16_384


@dataclass(frozen=True)
class Recipe:
    """A data set: `shape(rng)` draws what all rows have in common and returns a function that draws rows."""

    metric: str
    dimension: int
    about: str
    shape: Callable


def rows(recipe, count, seed, progress=lambda done, total: None):
    """`count` float32 rows."""
    common, *streams = np.random.SeedSequence(seed).spawn(1 + (count + BLOCK_ROWS - 1) // BLOCK_ROWS)
    draw = recipe.shape(np.random.default_rng(common))
    made = np.empty((count, recipe.dimension), np.float32)
    for number, stream in enumerate(streams):
        start = number * BLOCK_ROWS
        end = min(start + BLOCK_ROWS, count)
        made[start:end] = draw(np.random.default_rng(stream), end - start)
        progress(end, count)
    return made


def power_law(rng, count, exponent=0.8):
    """Shares of `count` clusters in random order, the largest far ahead of the smallest."""
    shares = 1.0 / np.arange(1, count + 1) ** exponent
    return rng.permutation(shares / shares.sum())


def chroma(rng):
    """Twelve pitch classes: three or four sounding notes of a chord, overtones, the tuning of the recording, noise."""
    triads = [(0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 5, 7), (0, 3, 6)]
    templates = np.zeros((len(triads) * 12, 12), np.float32)
    for kind, notes in enumerate(triads):
        for root in range(12):
            for note in notes:
                templates[kind * 12 + root, (root + note) % 12] += 1.0
                templates[kind * 12 + root, (root + note + 7) % 12] += 0.25
    shares = power_law(rng, len(templates))

    def draw(rng, count):
        chosen = rng.choice(len(templates), count, p=shares)
        passing = rng.choice(len(templates), count, p=shares)
        blend = rng.beta(1.2, 4.0, (count, 1))
        found = (1 - blend) * templates[chosen] + blend * templates[passing]
        bend = rng.normal(0, 0.12, (count, 1))
        found = (1 - np.abs(bend)) * found + np.abs(bend) * np.where(bend > 0, np.roll(found, 1, 1), np.roll(found, -1, 1))
        found = found * rng.gamma(6.0, 1 / 6.0, found.shape) + rng.exponential(0.06, found.shape)
        return found / found.max(axis=1, keepdims=True)

    return draw


def timbre(rng):
    """Means, deviations and slopes of twenty cepstral coefficients of a track: clusters with covariances of their own,
    variance that falls with the coefficient, heavy tails."""
    clusters, latent, dimension = 250, 16, 60
    shares = power_law(rng, clusters)
    fall = np.tile(1.0 / np.sqrt(1 + np.arange(20)), 3) * np.repeat([30.0, 12.0, 4.0], 20)
    centres = rng.normal(0, 1.0, (clusters, dimension)) * fall
    mixing = rng.normal(0, 1 / np.sqrt(latent), (clusters, latent, dimension)).astype(np.float32)

    def draw(rng, count):
        chosen = rng.choice(clusters, count, p=shares)
        wide = np.sqrt(5.0 / rng.chisquare(5, (count, 1)))
        inner = rng.normal(size=(count, latent)).astype(np.float32)
        found = np.empty((count, dimension))
        for cluster in np.unique(chosen):
            here = chosen == cluster
            found[here] = inner[here] @ mixing[cluster]
        found += rng.normal(0, 0.35, found.shape)
        return centres[chosen] + 0.8 * wide * found * fall

    return draw


def texture(rng):
    """A spectrum's energy in 16 bands by 8 rates: not negative, smooth along both axes, clustered, often near zero."""
    clusters, latent, dimension = 400, 24, 128
    shares = power_law(rng, clusters)
    band, speed = np.divmod(np.arange(dimension), 8)
    near = np.exp(-np.subtract.outer(band, band) ** 2 / 12.0 - np.subtract.outer(speed, speed) ** 2 / 4.0)
    smooth = np.linalg.cholesky(near + 1e-3 * np.eye(dimension))
    centres = rng.normal(-0.4, 1.0, (clusters, dimension)) @ smooth.T
    mixing = (rng.normal(0, 1 / np.sqrt(latent), (latent, dimension)) @ smooth.T).astype(np.float32)

    def draw(rng, count):
        chosen = rng.choice(clusters, count, p=shares)
        found = centres[chosen] + 0.9 * rng.normal(size=(count, latent)).astype(np.float32) @ mixing
        found += rng.normal(0, 0.15, found.shape)
        return np.logaddexp(0, 2 * found) * rng.gamma(8.0, 1 / 8.0, (count, 1))

    return draw


def embedding(dimension, topics, kinds, latent):
    """Unit vectors as a language model makes them: topics within themes, a low-dimensional curved sheet inside the
    space, a spectrum that falls as a power, and a direction that all rows share."""

    def shape(rng):
        themes = rng.normal(size=(topics // kinds, latent))
        centres = np.repeat(themes, kinds, axis=0) + 0.7 * rng.normal(size=(topics // kinds * kinds, latent))
        shares = power_law(rng, len(centres))
        fall = (1 + np.arange(latent)) ** -0.35
        hidden = 2 * latent
        into = rng.normal(0, 1 / np.sqrt(latent), (latent, hidden)).astype(np.float32)
        out = rng.normal(0, 1 / np.sqrt(hidden), (hidden, dimension)).astype(np.float32)
        common = rng.normal(0, 1, dimension)
        common *= 0.8 / np.linalg.norm(common)

        def draw(rng, count):
            chosen = rng.choice(len(centres), count, p=shares)
            width = rng.uniform(0.5, 1.1, (count, 1))
            inner = (centres[chosen] + width * rng.normal(size=(count, latent))) * fall
            found = np.tanh(inner.astype(np.float32) @ into * 1.5) @ out
            found /= np.linalg.norm(found, axis=1, keepdims=True)
            noise = rng.standard_normal(found.shape, np.float32)
            found = found + 0.25 / np.sqrt(dimension) * noise + common
            return found / np.linalg.norm(found, axis=1, keepdims=True)

        return draw

    return shape


RECIPES = {
    "audio12": Recipe("l2", 12, "chroma: 12 pitch classes of chords", chroma),
    "audio60": Recipe("l2", 60, "timbre: 60 cepstral statistics of tracks", timbre),
    "audio128": Recipe("l2", 128, "texture: 128 band energies, not negative", texture),
    "text768": Recipe("cosine", 768, "768-dimensional text embeddings", embedding(768, 2000, 20, 64)),
    "openai1536": Recipe("cosine", 1536, "1,536-dimensional text embeddings", embedding(1536, 3000, 20, 80)),
}
