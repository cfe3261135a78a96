"""The checks of notebooks 09 and 10: faulty trainings, data that nobody looked at, a report on images of one's own."""

import html
import warnings
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
from IPython.core.pylabtools import print_figure

from helpers import course, datasets, measures, plots
from helpers._shared.arguments import as_array, as_choice, as_list, as_mapping, as_number, as_whole_number, brief
from helpers._shared.files import write_beside
from helpers.checks.verdict import check, need, need_keys, need_shape, tried

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
    shuffled = replace(train, labels=np.random.default_rng(seed).permutation(train.labels))
    odd = [replace(part, labels=part.labels % 2) for part in (train, validation)]
    bright = [SimpleNamespace(images=255 * part.images, labels=part.labels) for part in (train, validation)]
    one_unit = partial(build, units=1, loss="binary_crossentropy")
    return {
        "1": SimpleNamespace(build=build, train=shuffled, validation=validation),
        "2": SimpleNamespace(build=partial(build, rate=2.0), train=train, validation=validation),
        "3": SimpleNamespace(build=one_unit, train=odd[0], validation=odd[1]),
        "4": SimpleNamespace(build=build, train=train.subset(100), validation=validation),
        "5": SimpleNamespace(build=build, train=bright[0], validation=bright[1]),
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
    eights = [replace(part, labels=part.labels == 8) for part in (train, test)]
    made = [
        SimpleNamespace(build=build, train=train, test=test),
        SimpleNamespace(build=build, train=train + test, test=test),
        SimpleNamespace(build=partial(build, rate=0.01, units=2), train=eights[0], test=eights[1]),
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
        said = as_list(answer[name], f"words for training {name}", 3)
        for word, (kind, words) in zip(said, WORDS.items()):
            as_choice(word, f"the {kind} of training {name}", (*words, *CURE_ALLS))
            why = CURE_ALLS.get(word)
            need(why is None, f"training {name}: not {word!r}, for {why}. In this one {clue}.")
        need(said[0] == cause, f"training {name}: not {said[0]!r}; {clue}.")
        need(said[1] in measurements, f"training {name}: {cause!r} it is, but {said[1]!r} cannot tell: {clue}.")
        need(said[2] in repairs, f"training {name}: {said[2]!r} leaves the cause, {cause!r}, where it is.")
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
    rng, count = np.random.default_rng(9), np.arange(90)
    images, tens = rng.random((90, 6, 6, 1), dtype=np.float32), count % 10
    rare, sixes = (tens == 3).astype(int), np.where(tens < 9, 6, count // 10)
    one = "one test image is among the training images, at another place: compare all with all"
    cases = [  # labels, how many test images are training images, the right word, and why
        (tens, 0, "nothing", "every class has six images, and no image stands in both parts"),
        (tens, 23, "leak", "most test images are among the training images, at other places"),
        (tens, 1, "leak", one),
        (rare, 0, "imbalance", "54 of 60 training images have the label 0: count them"),
        (sixes, 0, "imbalance", "54 of 60 training images have the label 6: any class may be the frequent one"),
        (tens % 2, 0, "nothing", "two classes of 30 images each are in balance"),
    ]
    for labels, copies, expected, why in cases:
        train = SimpleNamespace(images=images[:60].copy(), labels=labels[:60])
        test = SimpleNamespace(images=images[60:].copy(), labels=labels[60:])
        test.images[7 : 7 + copies] = images[21 : 21 + copies]
        found = tried(answer, "on 60 small images of ours", train, test)
        need(str(found) == expected, f"it returns {brief(found)} where {expected!r} was expected: {why}.")
    return "healthy data, copies at other places, two kinds of imbalance: the right word for each."


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
        need(sizes[0] == max(sizes), f"train, validation, test have {sizes} images: let train have most.")
    return "57 groups of ours, in three parts each time: every image once, and no group in two parts."


def _as_parts(parts, groups, labels):
    """Three parts, given as places or as masks, as arrays of places that hold every image once, and no group twice."""
    arrays, every = [as_array(part) for part in as_list(parts, "parts", 3)], set(range(len(labels)))
    arrays = [np.flatnonzero(part) if part.dtype == bool and part.shape == labels.shape else part for part in arrays]
    for name, part in zip(PARTS, arrays):
        places = part.ndim == 1 and part.dtype.kind in "iu" and set(part) and not set(part) - every
        need(places, f"{name} must hold places from 0 to {max(every)}, one at least: use np.flatnonzero.")
    classes = sum(len(set(labels[part])) for part in arrays)
    need(classes > 3, "each part has a class of its own, and nothing tested was trained: split groups, not labels.")
    owners, times = np.unique(np.concatenate([np.unique(groups[part]) for part in arrays]), return_counts=True)
    need(times.max() == 1, f"{owners[times.argmax()]} is in two parts: draw among the groups, not among the images.")
    used = np.concatenate(arrays)
    need(sorted(used) == sorted(every), f"{len(used)} places for {len(every)}: every image belongs in one part, once.")
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
        need(key not in left_out, f"{key!r} is compulsory ({POINTS[key]}): write it, in a sentence or in numbers.")
    answers = _answers(own, network, parts[2])
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


def _answers(own, network, test):
    """The network's answers; some files of the test part are read anew, and have to get the same answers."""
    again = test[-AGAIN:]
    anew = [datasets.own_image(own.folder / own.files[place], size=own.images.shape[1]) for place in again]
    shares, others = (network.predict(np.asarray(images), verbose=0) for images in (own.images, anew))
    for place, other in zip(again, others):
        file, same = own.files[place], np.allclose(shares[place], other, atol=CLOSE)
        need(same, f"{file}, read anew by own_image, gets another answer: prepare images as in training.")
    shares = np.hstack([1 - shares, shares]) if shares.shape[1:] == (1,) else shares
    fits = shares.shape[1:] == (len(own.class_names),)
    need(fits, f"the network puts out {shares.shape[1:]}, and there are {len(own.class_names)} classes.")
    return shares.argmax(axis=1)


def _checked_numbers(report, own, answers, parts):
    """Ask for a baseline that can be one, and for the score and interval of the test part; return the baseline."""
    test, truth = parts[2], own.labels[parts[2]]
    most = np.bincount(own.labels[parts[0]]).argmax()
    majority, right = np.mean(truth == most), int(np.sum(answers[test] == truth))
    baseline = as_number(report["baseline"], "the baseline, a share of the test images", low=0, high=1)
    always = f"always saying {own.class_names[most]} gets {majority:.3f}"
    need(baseline >= majority - 0.001, f"{always}: {baseline:.3f} is too low.")
    if not _is_missing(report["trainings"]):
        as_whole_number(report["trainings"], "trainings, how often you trained in all,")
    advice = "give (right, low, high), how many were right and the interval of their share"
    said, low, high = need_shape(report["test"], (3,), advice, name="test", finite=True)
    need(said == right, f"{said:g} right, you say, and {right} of {len(test)} test images are: ask the test part.")
    share, wide = right / len(test), np.ptp(measures.share_interval(right, len(test)))
    holds = 0 <= low <= share <= high <= 1 and high - low >= wide / 2
    need(holds, f"{low:g} to {high:g} is no interval of {share:.3f}: take that of share_interval.")
    return baseline


def _check_errors(errors, mistakes):
    """Ask for words about three files that the network gets wrong, or about all where it makes fewer mistakes."""
    for file, why in as_mapping(errors, "errors, from a file's name to why,").items():
        need(file in mistakes, f"{file!r} is no mistake of the test part: name what the network gets wrong there.")
        need(len(str(why).split()) > 2, f"say in a sentence why the network may have been wrong about {file}.")
    enough = not errors or len(errors) >= min(3, len(mistakes))
    need(enough, f"{len(errors)} explained: explain three mistakes, or all where there are fewer.")


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
    if len(test) < 100:
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
