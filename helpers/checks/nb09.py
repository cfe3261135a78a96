"""Notebook 09: five trainings that go wrong, three that look healthy, and what a reader says about them."""

import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np

from helpers._shared.arguments import CourseError, as_choice
from helpers.checks.verdict import check, need_keys, right, tried, wrong

__all__ = ["check_diagnoses", "check_suspect", "five_trainings", "three_trainings"]

WORDS = {
    "cause": ("learning rate", "pixels", "labels", "last layer", "few images"),
    "measurement": ("batch", "first loss", "ten images", "gradients", "curves"),
    "repair": ("lower rate", "divide by 255", "right labels", "two units", "more images"),
}
EPOCHS, SIZE = "it has had three times the epochs that the healthy one needed", "the healthy one has this very network"
CURE_ALLS = {  # what comes to mind for every fault, and why it is none of the five
    "few epochs": EPOCHS,
    "more epochs": EPOCHS,
    "small network": SIZE,
    "bigger network": SIZE,
    "more dropout": "dropout works against overfitting, and cannot make up for the images that are missing",
}
AFTER = "all is well before the first step, and not after it"
FAULTS = {  # name -> cause, measurements that decide, repairs that mend, and where to look
    "1": ("labels", ["batch"], ["right labels"], "look at its images together with their labels"),
    "2": ("learning rate", ["curves", "ten images"], ["lower rate"], AFTER),
    "3": ("last layer", ["curves", "ten images"], ["two units"], "its loss falls, and its accuracy does not move"),
    "4": ("few images", ["curves"], ["more images"], "the training loss falls, and what of the validation loss"),
    "5": ("pixels", ["batch", "first loss", "gradients"], ["divide by 255", "lower rate"], "look at its first loss"),
}


def _training(build, **parts):
    """What a reader gets to measure: build() makes the network anew, each part has images and labels."""
    parts = {name: SimpleNamespace(images=images, labels=labels) for name, (images, labels) in parts.items()}
    return SimpleNamespace(build=build, **parts)


def five_trainings(build, train, validation, *, seed=1):
    """Prepare five trainings of one network; something is wrong with each.

    Args:
        build: function of (rate, units, loss), all with defaults, that returns a compiled network for images
            ``(28, 28, 1)`` of ten classes; its last layer has softmax.
        train: Part that would train well.
        validation: Part.
        seed: of the order of what is shuffled.

    Returns:
        A dict from "1" ... "5" to a namespace: ``build()`` makes the compiled network, ``train`` and ``validation``
        have ``images`` and ``labels``.
    """
    warnings.filterwarnings("ignore", message="You are using a softmax over axis")  # Keras would tell what is wrong
    images, labels, checked = train.images, train.labels, (validation.images, validation.labels)
    shuffled, few = np.random.default_rng(seed).permutation(labels), train.subset(100)
    one_unit, large = partial(build, units=1, loss="binary_crossentropy"), 255 * validation.images
    return {
        "1": _training(build, train=(images, shuffled), validation=checked),
        "2": _training(partial(build, rate=2.0), train=(images, labels), validation=checked),
        "3": _training(one_unit, train=(images, labels % 2), validation=(validation.images, validation.labels % 2)),
        "4": _training(build, train=(few.images, few.labels), validation=checked),
        "5": _training(build, train=(255 * images, labels), validation=(large, validation.labels)),
    }


def three_trainings(build, train, test, *, seed=5):
    """Prepare three trainings that look healthy: one is, one trains on test images, too, and one asks "is it an 8?".

    Args:
        build: as in `five_trainings`.
        train: Part of at least 400 images.
        test: Part of at least 200 images.
        seed: of their order.

    Returns:
        A dict from "A", "B", "C" to a namespace: ``build()``, ``train`` and ``test``, each with images and labels.
    """
    train, test = train.subset(400), test.subset(200)
    leaking = np.concatenate([train.images, test.images]), np.concatenate([train.labels, test.labels])
    pair, asked = (train.images, train.labels), (test.images, test.labels)
    eights = [(part.images, (part.labels == 8).astype(int)) for part in (train, test)]
    made = [
        _training(build, train=pair, test=asked),
        _training(build, train=leaking, test=asked),
        _training(partial(build, rate=0.01, units=2), train=eights[0], test=eights[1]),
    ]
    order = np.random.default_rng(seed).permutation(3)
    return dict(zip("ABC", [made[place] for place in order]))


@check
def check_diagnoses(answer):
    """Check what a reader says about the five trainings.

    Args:
        answer: dict from "1" ... "5" to (cause, measurement, repair), in the words of the notebook.

    Returns:
        A Verdict; right when cause, a measurement that decides and a repair that mends are named for each.
    """
    need_keys(answer, FAULTS)
    for name, (cause, measurements, repairs, clue) in FAULTS.items():
        said = _three_words(name, answer[name])
        for word in said:
            if word in CURE_ALLS:
                return wrong(f"training {name}: not {word!r}, for {CURE_ALLS[word]}. In this one {clue}.")
        if said[0] != cause:
            return wrong(f"training {name}: not {said[0]!r}; {clue}.")
        if said[1] not in measurements:
            return wrong(f"training {name}: {cause!r} it is, but {said[1]!r} cannot tell: {clue}.")
        if said[2] not in repairs:
            return wrong(f"training {name}: {said[2]!r} leaves the cause, {cause!r}, where it is.")
    return right("five causes, each found by a measurement, and each mended by changing one thing.")


def _three_words(name, said):
    """A reader's (cause, measurement, repair), each one of the words that there are."""
    if not isinstance(said, (tuple, list)) or len(said) != 3:
        raise CourseError(f"training {name} needs three words, (cause, measurement, repair), and {said!r} came.")
    return [
        as_choice(word, f"the {kind} of training {name}", (*words, *CURE_ALLS))
        for word, (kind, words) in zip(said, WORDS.items())
    ]


@check
def check_suspect(answer):
    """Check a function that looks at the data of a training that seems healthy, on data that nobody has seen.

    Args:
        answer: function of (train, test), each with ``images`` and ``labels``; it returns "leak" where a test image
            is among the training images, "imbalance" where one class has nine of ten training images, else "nothing".

    Returns:
        A Verdict; right when it says the right word of all data that are tried.
    """
    for train, test, expected, why in _suspects():
        found = tried(answer, f"on {len(train.labels)} small images of ours", train, test)
        if found != expected:
            return wrong(f"it returns {found!r} where {expected!r} was expected: {why}.")
    return right("healthy data, copies at other places, two kinds of imbalance: the right word for each.")


def _suspects():
    """Small data with the right word for each, and why."""
    rng = np.random.default_rng(9)
    images, tens = rng.random((90, 6, 6, 1), dtype=np.float32), np.arange(90) % 10

    def parts(labels, copies=0):
        train = SimpleNamespace(images=images[:60].copy(), labels=labels[:60])
        test = SimpleNamespace(images=images[60:].copy(), labels=labels[60:])
        test.images[7 : 7 + copies] = images[21 : 21 + copies]
        return train, test

    rare, sixes = (np.arange(90) % 10 == 3).astype(int), np.where(np.arange(90) % 10 < 9, 6, np.arange(90) // 10)
    one = "one test image is among the training images"
    return [
        (*parts(tens), "nothing", "every class has six images, and no image stands in both parts"),
        (*parts(tens, 30 - 7), "leak", "most test images are among the training images, at other places"),
        (*parts(tens, 1), "leak", f"{one}, at another place: compare all with all"),
        (*parts(rare), "imbalance", "54 of 60 training images have the label 0: count them"),
        (*parts(sixes), "imbalance", "54 of 60 training images have the label 6: any class may be the frequent one"),
        (*parts(tens % 2), "nothing", "two classes of 30 images each are in balance"),
    ]
