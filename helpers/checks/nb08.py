"""The checks of notebook 08: occlusion, saliency, and a quiz."""

import keras
import numpy as np
from scipy import stats

from helpers._shared.arguments import as_choice, as_numbers
from helpers.checks.verdict import check, expect, need, need_keys, need_shape, tried

__all__ = ["check_occlusion", "check_quiz", "check_saliency"]


@check
def check_occlusion(answer):
    """Check a function that covers one square of an image after the other, on a network and an image of ours.

    Args:
        answer: function of (network, image, class_index, patch), the image a batch of one; it returns by how much the
            answer for the class falls, ``(rows, columns)``, one for each square.

    Returns:
        A Verdict; right when each square has its fall, and the image is as it was.
    """
    network, image, slopes = _toy((12, 8, 1))
    falls = (image[0, ..., np.newaxis] * slopes).reshape(3, 4, 2, 4, 2).sum(axis=(1, 3))  # (rows, columns, classes)
    left, given = network.predict(image, verbose=0)[0] - falls, image.copy()
    found = _asked(answer, network, given, 1, 4)
    expect(given, image, {}, "the image you were given stays covered, so less falls: cover a copy, image.copy().")
    advice = "for 12 x 8 pixels and squares of 4 x 4 one value for each square is needed, rows first"
    mistakes = {
        "all signs are reversed: take the answer for the whole image minus the covered one's.": -falls[..., 1],
        "these are the answers for the covered images: subtract them from the whole image's.": left[..., 1],
        "these are the falls of class 0, and class 1 was asked about: use class_index.": falls[..., 0],
    }
    otherwise = "the squares have other falls: cover rows patch * row to patch * (row + 1), columns alike, with 0."
    expect(need_shape(found, (3, 2), advice), falls[..., 1], mistakes, otherwise)
    return "on an image and a network of ours each of the six squares has its fall."


@check
def check_saliency(answer):
    """Check a function that says how strongly each pixel influences an answer, on a network of ours.

    Args:
        answer: function of (network, image, class_index), the image a batch of one; it returns ``(height, width)``, the
            size of the gradient at each pixel, the largest of its colours.

    Returns:
        A Verdict; right when it is that.
    """
    network, image, slopes = _toy((6, 5, 3))
    found = _asked(answer, network, image, 1)
    advice = "for 6 x 5 pixels in three colours take the largest of the colours, and the one image out of its batch"
    sizes, both = np.abs(slopes), np.abs(slopes.sum(axis=-1))
    mistakes = {
        "a pixel may also lower the answer: take np.abs of the gradient.": slopes[..., 1].max(axis=-1),
        "this is the mean over the colours: take the largest of the three.": sizes[..., 1].mean(axis=-1),
        "this is the sum over the colours: take the largest of the three.": sizes[..., 1].sum(axis=-1),
        "this is the gradient of all answers added up: let the tape see that of one class.": both.max(axis=-1),
        "this is class 0, and class 1 was asked about: use class_index.": sizes[..., 0].max(axis=-1),
        "this is gradient times pixel: leave the gradient as it is.": (sizes[..., 1] * image[0]).max(axis=-1),
    }
    otherwise = "the values are others: the gradient of network(image)[0, class_index] by the image."
    expect(need_shape(found, (6, 5), advice), sizes[..., 1].max(axis=-1), mistakes, otherwise)
    return "on a network of ours each pixel has the size of its gradient."


def _toy(shape):
    """A network that adds up the pixels with random weights for two answers, an image for it, and the weights."""
    rng = np.random.default_rng(8)
    slopes = rng.normal(size=(*shape, 2))
    network = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(2)])
    network.layers[-1].set_weights([slopes.reshape(-1, 2), np.array([0.5, -1])])
    return network, rng.uniform(0.2, 1, (1, *shape)).astype(np.float32), slopes


def _asked(answer, *given):
    """What a learner's function returns, without axes of length 1."""
    return np.squeeze(as_numbers(tried(answer, "on a small network of ours", *given), "what it returns"))


@check
def check_quiz(answer, truth, hints):
    """Score a quiz: which of two images excites the map more?

    Args:
        answer: dict from a question's number to "A" or "B".
        truth: dict from the same numbers to the right letters.
        hints: dict from the same numbers to what was shown as a hint, such as "made" or "real".

    Returns:
        A Verdict with the score for each hint; right when guessing would reach it in at most 5 of 100 quizzes.
    """
    need_keys(answer, truth)
    letters = {question: str(letter).strip().upper() for question, letter in answer.items()}
    for question, letter in letters.items():
        as_choice(letter, f"the answer to question {question}", ("A", "B"))
    hit = {question: letters[question] == truth[question] for question in truth}
    score, chance = sum(hit.values()), stats.binom.sf(sum(hit.values()) - 1, len(hit), 0.5)
    parts = []
    for hint in dict.fromkeys(hints.values()):
        asked = [hit[question] for question in hit if hints[question] == hint]
        parts.append(f"{hint}: {sum(asked)} of {len(asked)}")
    words = f"{score} of {len(hit)} ({', '.join(parts)}); guessing does as well in 1 of {1 / chance:,.0f} quizzes"
    advice = "that is what guessing gives; look for strokes that hint and image share, and try again"
    need(chance <= 0.05, f"{words}: {advice}.")
    return f"{words}."
