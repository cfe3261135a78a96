"""The checks of notebooks 09 and 10: faulty trainings, data that nobody looked at, a report on images of one's own."""

import html
import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
from IPython.core.pylabtools import print_figure

from helpers import course, datasets, measures, plots
from helpers._shared.arguments import as_array, as_choice, as_mapping, as_number, as_whole_number, brief
from helpers._shared.files import write_beside
from helpers.checks.verdict import check, need_keys, need_shape, refuse, tried

__all__ = ["check_diagnoses", "check_own_images", "check_split", "check_suspect", "five_trainings", "three_trainings"]

# Notebook 09

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
        said = answer[name]
        if not isinstance(said, (tuple, list)) or len(said) != 3:
            refuse(f"training {name} needs three words, (cause, measurement, repair), and {said!r} came.")
        for word, (kind, words) in zip(said, WORDS.items()):
            as_choice(word, f"the {kind} of training {name}", (*words, *CURE_ALLS))
        for word in said:
            if word in CURE_ALLS:
                refuse(f"training {name}: not {word!r}, for {CURE_ALLS[word]}. In this one {clue}.")
        if said[0] != cause:
            refuse(f"training {name}: not {said[0]!r}; {clue}.")
        if said[1] not in measurements:
            refuse(f"training {name}: {cause!r} it is, but {said[1]!r} cannot tell: {clue}.")
        if said[2] not in repairs:
            refuse(f"training {name}: {said[2]!r} leaves the cause, {cause!r}, where it is.")
    return "five causes, each found by a measurement, and each mended by changing one thing."


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
        if not isinstance(found, str) or found != expected:
            refuse(f"it returns {brief(found)} where {expected!r} was expected: {why}.")
    return "healthy data, copies at other places, two kinds of imbalance: the right word for each."


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


# Notebook 10

PARTS = ("train", "validation", "test")
POINTS = {  # key of the report -> what the page calls it, in the order of the rubric
    "look": "images looked at",
    "groups": "parts without overlap, groups confirmed",
    "baseline": "simple rule",
    "network": "network that fits",
    "augmentation": "augmentation that leaves labels true",
    "curve": "curves read",
    "trainings": "trainings, all counted",
    "test": "test part, asked once",
    "errors": "mistakes explained",
    "limit": "a limit",
}
COMPULSORY = ("look", "groups", "baseline", "test")
AGAIN, CLOSE = 20, 1e-3  # so many files of the test part are read anew; their shares may differ by so much
FEW = 100  # test images; the page warns where there are fewer
HEAD = """<!doctype html><html lang=en><meta charset=utf-8><title>Report</title>
<style>body{max-width:52em;margin:2em auto;font-family:sans-serif}img{max-width:100%}th,td{padding:.3em}</style>
<h1>What a network makes of our images</h1>"""


@check
def check_split(answer):
    """Check a function that splits images by groups, on groups that nobody has seen.

    Args:
        answer: function of (groups, labels), arrays ``(n,)``; it returns the places, or masks, of the images to train,
            to validate and to test with.

    Returns:
        A Verdict; right when every image is in one part, no part is empty, no group in two, and training has most.
    """
    rng = np.random.default_rng(10)
    for count in (12, 5, 40):
        owners = rng.permutation(np.repeat(np.arange(count), rng.integers(4, 9, count)))
        groups, labels = np.array([f"hand{owner}" for owner in owners]), rng.permutation(len(owners)) % 3
        case = f"on {len(groups)} images of {count} groups"
        parts = _as_parts(tried(answer, case, groups.copy(), labels.copy()), groups, labels)
        sizes = [len(part) for part in parts]
        if max(sizes) > sizes[0]:
            refuse(f"the parts have {sizes} images: return train, validation, test, and let train have most.")
    return "57 groups of ours, in three parts each time: every image once, and no group in two parts."


def _as_parts(parts, groups, labels):
    """Three parts, given as places or as masks, as arrays of places that hold every image once, and no group twice."""
    if not isinstance(parts, (tuple, list)) or len(parts) != 3:
        refuse("three parts were expected, train, validation and test: return three arrays of places.")
    arrays, every = [as_array(part) for part in parts], set(range(len(labels)))
    arrays = [np.flatnonzero(part) if part.dtype == bool and part.shape == labels.shape else part for part in arrays]
    for name, part in zip(PARTS, arrays):
        if part.ndim != 1 or part.dtype.kind not in "iu" or not set(part) or set(part) - every:
            refuse(f"{name} must hold places from 0 to {max(every)}, one at least: use np.flatnonzero.")
    if sum(len(set(labels[part])) for part in arrays) == 3:
        refuse("each part has a class of its own, and nothing tested was trained: split groups, not labels.")
    owners, times = np.unique(np.concatenate([np.unique(groups[part]) for part in arrays]), return_counts=True)
    if times.max() > 1:
        refuse(f"{owners[times.argmax()]} is in two parts: draw among the groups, not among the images.")
    used = np.concatenate(arrays)
    if sorted(used) != sorted(every):
        refuse(f"{len(used)} places for {len(every)} images: every image belongs into one part, once.")
    return arrays


@check
def check_own_images(report, own, network, *, groups, parts, history):
    """Check a report on images of one's own by its rubric, and write it as build/own_images/report.html.

    What can be computed is computed anew; of what is said in words the check asks only that it is there. Pictures on
    the page are made from pixels, so no location data come with them.

    Args:
        report: dict with the ten answers; "" for a point that is left out.
        own: what `helpers.datasets.own_images` returned.
        network: the trained keras.Model that was tested.
        groups: array ``(n,)``, the group of each image.
        parts: the places of the images that train, validate and test.
        history: dict of what the training noted after each epoch.

    Returns:
        A Verdict; right when what there is holds, the four compulsory points among it; it names points and page.

    Raises:
        OSError: if the page cannot be written.
    """
    need_keys(report, POINTS)
    groups = np.asarray(groups)
    parts = _as_parts(parts, groups, own.labels)
    left_out = [key for key in POINTS if _is_missing(report[key])]
    for key in COMPULSORY:
        if key in left_out:
            refuse(f"{key!r} is compulsory ({POINTS[key]}): write it, in a sentence or in numbers.")
    answers = _answers(own, network, np.concatenate(parts[1:]))
    wrongly = parts[2][answers[parts[2]] != own.labels[parts[2]]]
    baseline = _checked_numbers(report, own, answers, parts)
    _check_errors(report["errors"] or {}, [own.files[place] for place in wrongly])
    points = f"{10 - len(left_out)} of 10 points" + (f", without {', '.join(left_out)}" if left_out else "")
    page = course.build_folder("own_images") / "report.html"
    write_beside(page, _page(report, own, groups, parts, history, answers, wrongly, points))
    beaten = "above" if report["test"][1] > baseline else "not above"
    return f"{points}; the interval is {beaten} the baseline. The page is build/own_images/report.html."


def _is_missing(said):
    """Whether an answer says nothing; two words are no sentence."""
    return said == {} if isinstance(said, dict) else isinstance(said, str) and len(said.split()) < 3


def _answers(own, network, places):
    """The network's answers at some places; files of the last ones are read anew, and have to get the same answers."""
    again, size = places[-AGAIN:], own.images.shape[1]
    anew = [datasets.own_image(own.folder / own.files[place], size=size) for place in again]
    shares = network.predict(np.concatenate([own.images[places], anew]), verbose=0)
    shares = np.hstack([1 - shares, shares]) if shares.shape[1:] == (1,) else shares
    if shares.shape[1:] != (len(own.class_names),):
        refuse(f"the network puts out {shares.shape[1:]}, and there are {len(own.class_names)} classes.")
    shares, anew = np.split(shares, [len(places)])
    for place, one, other in zip(again, shares[-AGAIN:], anew):
        if not np.allclose(one, other, atol=CLOSE):
            file = own.files[place]
            refuse(f"{file}, read anew by own_image, gets another answer: prepare images as in training.")
    answers = np.full(len(own.labels), -1)
    answers[places] = shares.argmax(axis=1)
    return answers


def _checked_numbers(report, own, answers, parts):
    """Ask for a baseline that can be one, and for the score and interval of the test part; return the baseline."""
    validation, test = (int((answers[part] == own.labels[part]).sum()) for part in parts[1:])
    asked, most = len(parts[2]), np.bincount(own.labels[parts[0]]).argmax()
    majority = np.mean(own.labels[parts[2]] == most)
    baseline = as_number(report["baseline"], "the baseline, a share of the test images", low=0, high=1)
    if baseline < majority - 0.001:
        refuse(f"always saying {own.class_names[most]} gets {majority:.3f}: {baseline:.3f} is too low.")
    if not _is_missing(report["trainings"]):
        as_whole_number(report["trainings"], "trainings, how often you trained in all,")
    advice = "give (right, low, high), how many were right and the interval of their share"
    right, low, high = need_shape(report["test"], (3,), advice, name="test", finite=True)
    if round(right) != test:
        chose = "this is the validation part, which chose" if round(right) == validation else "ask the test part"
        refuse(f"{right:g} right, you say, and {test} of {asked} test images are: {chose}.")
    if not 0 <= low <= test / asked <= high <= 1 or high - low < np.ptp(measures.share_interval(test, asked)) / 2:
        refuse(f"{low:g} to {high:g} is no interval of {test / asked:.3f}: take that of share_interval.")
    return baseline


def _check_errors(errors, mistakes):
    """Ask for words about three files that the network gets wrong, or about all where it makes fewer mistakes."""
    for file, why in as_mapping(errors, "errors, from a file's name to why,").items():
        if file not in mistakes:
            refuse(f"{file!r} is no mistake of the test part: name files that the network gets wrong there.")
        if not isinstance(why, str) or _is_missing(why):
            refuse(f"say in a sentence why the network may have been wrong about {file}.")
    if 0 < len(errors) < min(3, len(mistakes)):
        refuse(f"{len(errors)} explained: explain three mistakes, or all where there are fewer.")


def _page(report, own, groups, parts, history, answers, wrongly, points):
    """The report as one HTML page that needs no other file."""
    names, test = np.array(own.class_names), parts[2]
    found, low, high = report["test"]
    said = report | {
        "baseline": f"{report['baseline']:.3f}",
        "test": f"{found:g} of {len(test)}: {found / len(test):.3f} ({low:.3f} to {high:.3f})",
        "errors": "; ".join(f"{file}: {why}" for file, why in (report["errors"] or {}).items()),
    }
    rows = [[*np.bincount(own.labels[part], minlength=len(names)), len(set(groups[part]))] for part in parts]
    tables = [
        pd.DataFrame(rows, index=PARTS, columns=[*names, "(groups)"]),  # a class may be called groups, too
        pd.DataFrame({"answer": {words: str(said[key]) for key, words in POINTS.items()}}),
        pd.crosstab(names[own.labels[test]], names[answers[test]], rownames=["test"], colnames=["answer"]),
    ]
    with pd.option_context("display.max_colwidth", None):
        body = [HEAD, f"<p>{points}.", *(table.to_html(border=0) for table in tables)]
    if len(test) < FEW:
        body.append(f"<p>{len(test)} test images are few: look how wide the interval is.")
    first = np.concatenate([np.flatnonzero(own.labels == label)[:10] for label in range(len(names))])
    taken = [f"{names[own.labels[at]]}, taken for {names[answers[at]]}" for at in wrongly[:10]]
    figures = {
        f"The first images of each class: {', '.join(names)}": plots.plot_images(own.images[first], columns=10),
        "Accuracy and loss of the training, epoch by epoch": plots.plot_history(history),
    }
    if taken:
        shown = plots.plot_images(own.images[wrongly[:10]], titles=taken)
        figures[f"Mistakes in the test part: {'; '.join(taken)}"] = shown
    for words, figure in figures.items():
        source = f"data:image/png;base64,{print_figure(figure, base64=True, dpi=110)}"
        body.append(f'<h2>{words.split(":")[0]}</h2><img alt="{html.escape(words)}" src="{source}">')
    return "\n".join(body)
