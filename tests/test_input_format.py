"""What a network takes: the families of Keras, and what is prepared inside before the first convolution."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from helpers.models.input_format import SCALES, image_to_network, network_to_images, what_it_takes

# class, smallest side, scale without anything inside, what reaches the first convolution of one that prepares itself
FAMILIES = {
    "vgg16": ("VGG16", 32, "caffe"),
    "vgg19": ("VGG19", 32, "caffe"),
    "resnet50": ("ResNet50", 32, "caffe"),
    "resnet_v2": ("ResNet50V2", 32, "-1..1"),
    "densenet": ("DenseNet121", 32, "torch"),
    "inception_v3": ("InceptionV3", 75, "-1..1"),
    "inception_resnet_v2": ("InceptionResNetV2", 75, "-1..1"),
    "xception": ("Xception", 71, "-1..1"),
    "mobilenet": ("MobileNet", 32, "-1..1"),
    "mobilenet_v2": ("MobileNetV2", 32, "-1..1"),
    "nasnet": ("NASNetMobile", 32, "-1..1"),
}
LATER = {  # families that prepare images themselves, unless they are asked not to
    "MobileNetV3Small": "-1..1",
    "EfficientNetV2B0": "-1..1",
    "EfficientNetV2S": "-1..1",
}


@functools.cache
def family(name):
    """One of the families, built once, without trained weights."""
    kind, side, _ = FAMILIES[name]
    return getattr(keras.applications, kind)(weights=None, include_top=False, input_shape=(side, side, 3))


def prepared(name, how, inputs):
    """What is done to images before the family's own layers."""
    prepare = getattr(keras.applications, name).preprocess_input
    if how == "lambda":
        return layers.Lambda(prepare, name="prepare")(inputs)
    return prepare(inputs) if how == "operations" else inputs


def built(name, form, how):
    """A network around a family: its layers in a row with the others, nested, or nested twice."""
    base = family(name)
    inputs = keras.Input(base.input_shape[1:])
    if form == "flat" and how == "nothing":
        inputs, maps = base.input, base.output
    elif form == "flat":
        maps = base.call(prepared(name, how, inputs))
    else:
        if form == "twice":
            base = keras.Sequential([keras.Input(base.input_shape[1:]), base, layers.GlobalMaxPooling2D()])
        maps = base(prepared(name, how, inputs))
    ends = layers.Dense(2)(layers.Flatten()(maps))
    return keras.Model(inputs, ends)


@pytest.mark.parametrize("form", ["flat", "nested", "twice"])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_known_and_never_prepared_twice(name, form):
    side, scale = FAMILIES[name][1:]
    image = np.random.default_rng(1).random((side, side, 3), np.float32)
    wanted = getattr(keras.applications, name).preprocess_input(255 * image)
    for how in ("nothing", "operations", "lambda"):
        takes = what_it_takes(built(name, form, how))
        assert (takes.scale, takes.guess) == ("0..255" if how != "nothing" else scale, None), (how, takes.reason)
        assert "those of Keras' " in takes.reason
        assert ("prepare" in takes.reason) == (how == "lambda")
        given = image_to_network(image, takes)
        np.testing.assert_allclose(given, 255 * image if how != "nothing" else wanted, atol=2e-4)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("kind", LATER)
def test_families_that_may_prepare_themselves(kind, inside):
    make = getattr(keras.applications, kind)
    base = make(weights=None, include_top=False, input_shape=(32, 32, 3), include_preprocessing=inside)
    for model in (base, keras.Sequential([keras.Input((32, 32, 3)), base])):
        assert what_it_takes(model).scale == ("0..255" if inside else LATER[kind])


# ---- networks of one's own


def own(*first, names=("a", "b", "c", "d"), colours=3):
    """Four convolutions behind what is done first."""
    stack = [layers.Conv2D(4, 3, padding="same", name=name) for name in names]
    return keras.Sequential([keras.Input((32, 32, colours)), *first, *stack])


def functional(function, colours=3):
    inputs = keras.Input((32, 32, colours))
    return keras.Model(inputs, layers.Conv2D(4, 3)(function(inputs)))


def inside(*first):
    """Layers in a model of their own, before one that scales for itself."""
    stack = keras.Sequential([keras.Input((32, 32, 3)), *first], name="stack")
    return keras.Sequential([keras.Input((32, 32, 3)), stack, own(layers.Rescaling(1 / 255, name="again"))])


def behind_a_convolution():
    base = family("mobilenet_v2")
    inputs = keras.Input((32, 32, 1))
    return keras.Model(inputs, base(layers.Conv2D(3, 1, name="coloured")(inputs)))


def grey_first(name):
    base = family(name)
    inputs = keras.Input((*base.input_shape[1:3], 1))
    return keras.Model(inputs, base(layers.Concatenate()([inputs, inputs, inputs])))


def renamed(name):
    copy = keras.models.clone_model(family(name), clone_function=renaming)
    return keras.Sequential([keras.Input(family(name).input_shape[1:]), copy])


def renaming(layer):
    return type(layer).from_config({**layer.get_config(), "name": f"other_{layer.name}"})


def cut(name, layer):
    base = family(name)
    return keras.Model(base.input, base.get_layer(layer).output)


def donated():
    """Layers of one network in another, which has nothing of the first one's scaling."""
    donor = own(layers.Rescaling(1 / 255))
    return keras.Sequential([keras.Input((32, 32, 3)), *donor.layers[1:]])


VGG_MEANS = np.float32([123.68, 116.779, 103.939])


@pytest.mark.parametrize(
    ("model", "scale", "words"),
    [
        (own, None, "no scaling layer inside"),
        (lambda: own(names=["block1_conv1", "block1_pool", "c", "d"]), None, "no family"),
        (lambda: own(names=["conv1", "conv1_bn", "conv1_relu", "d"]), None, "no family"),
        (lambda: own(names=["a", "conv1_relu", "expanded_conv_depthwise", "expanded_conv_project"]), None, "no family"),
        (lambda: cut("vgg16", "block3_conv1"), "caffe", "VGG"),
        (lambda: cut("nasnet", "reduction_bn_1_stem_1"), "-1..1", "NASNet"),
        (lambda: renamed("inception_v3"), "-1..1", "Inception"),
        (lambda: renamed("mobilenet_v2"), None, "no family"),
        (behind_a_convolution, None, "no scaling layer"),
        (lambda: grey_first("mobilenet_v2"), "-1..1", "MobileNetV2"),
        (lambda: grey_first("vgg16"), None, "no scaling layer"),
        (donated, None, "no scaling layer inside"),
        (
            lambda: inside(layers.Rescaling(1 / 255, name="mine")),
            "0..255",
            "mine, again makes 0 to 0.00392 of 0 to 255",
        ),
        (lambda: inside(layers.Rescaling(1 / 127.5, -1, name="mine")), "0..255", "layers mine, again"),
        (lambda: inside(layers.RandomFlip(), layers.Rescaling(255.0)), "0..1", "makes 0 to 1 of 0 to 1"),
        (lambda: inside(layers.Rescaling(127.5, 127.5)), "-1..1", "makes 0 to 1 of -1 to 1"),
        (lambda: own(layers.Resizing(40, 40), layers.ZeroPadding2D(9), layers.Rescaling(1 / 255)), "0..255", "0 to 1"),
        (
            lambda: functional(lambda image: keras.ops.clip(image / 255, 0, 1)),
            "0..255",
            "true_divide, clip makes 0 to 1",
        ),
        (lambda: functional(lambda image: image - VGG_MEANS), "0..255", "subtract makes"),
        (lambda: functional(lambda image: image - 128), "0..255", "makes -128 to 127 of"),
        (lambda: functional(keras.applications.vgg16.preprocess_input), "0..255", "get_item, stack, add makes"),
        (lambda: functional(keras.applications.densenet.preprocess_input), "0..255", "true_divide, add makes -1.99"),
        (lambda: functional(lambda image: image / 127.5 - 1, colours=1), "0..255", "makes -1 to 1 of 0 to 255"),
        (lambda: functional(lambda image: image[..., ::-1]), None, "its layer get_item does"),
        (lambda: functional(lambda image: keras.ops.log1p(image)), None, "its layer log1p does"),
        (lambda: own(layers.LayerNormalization(name="evened")), None, "its layer evened does"),
        (lambda: own(layers.Lambda(lambda image: image**2, name="squared")), None, "its layer squared does"),
        (lambda: own(layers.Lambda(lambda image: image / 255, name="divided")), "0..255", "divided makes 0 to 1"),
    ],
)
def test_what_stands_before_the_first_convolution(model, scale, words):
    takes = what_it_takes(model())
    assert (takes.scale, takes.guess) == (scale, None if scale else "0..1") and words in takes.reason
    assert takes.used == (scale or "0..1") and (scale or takes.reason.endswith("so 0 to 1 is a guess."))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_precision_does_not_hide_what_is_inside(policy):
    first, conv = layers.Rescaling(1 / 255, dtype=policy), layers.Conv2D(2, 3, dtype=policy)
    assert what_it_takes(keras.Sequential([keras.Input((8, 8, 3)), first, conv])).scale == "0..255"
    assert (
        what_it_takes(keras.Sequential([keras.Input((8, 8, 3)), layers.ZeroPadding2D(dtype=policy), conv])).scale
        is None
    )


@pytest.mark.parametrize(
    ("shape", "taken", "colour", "plausible"),
    [
        ((28, 28, 1), (28, 28), "grey", 3),
        ((20, 30, 3), (20, 30), "rgb", 5),
        ((20, 30, 4), (20, 30), "rgba", 3),
        ((28, 28), (28, 28), "grey", 3),
        ((784,), (28, 28), "grey", 3),
        ((64,), (8, 8), "grey", 3),
        ((None, None, 1), (224, 224), "grey", 3),
    ],
)
def test_size_and_colour_come_from_the_network(shape, taken, colour, plausible):
    image = keras.Input(shape)
    takes = what_it_takes(keras.Model(image, layers.Activation("relu")(image)))
    assert takes.scale is None and "does before the first convolution is not understood" in takes.reason
    assert (takes.size, takes.colour, takes.any_size) == (taken, colour, None in shape)
    blank = np.zeros((*taken, {"rgb": 3, "rgba": 4}.get(colour, 1)), np.float32)
    assert image_to_network(blank, takes).shape == tuple(given or side for given, side in zip(shape, (*taken, 0)))
    assert len(takes.plausible) == plausible and set(takes.plausible) <= set(SCALES)


@pytest.mark.parametrize("shape", [(4,), (27,), (100,), (20, 13), (13, 13), (None, 5)])
def test_features_are_no_image(shape):
    inputs = keras.Input(shape)
    with pytest.raises(ValueError, match=r"that is no image[.]$"):
        what_it_takes(keras.Model(inputs, layers.Dense(2)(inputs)))


def test_channels_first():
    turned = keras.layers.Permute((2, 3, 1))
    model = keras.Sequential([keras.Input((3, 8, 9)), turned, layers.Rescaling(1 / 255), layers.Conv2D(2, 3)])
    takes = what_it_takes(model)
    assert (takes.shape, takes.size, takes.colour, takes.scale) == ((3, 8, 9), (8, 9), "rgb", "0..255")
    image = np.random.default_rng(1).random((8, 9, 3), np.float32)
    given = image_to_network(image, takes)
    np.testing.assert_array_equal(given, 255 * image.transpose(2, 0, 1))
    np.testing.assert_array_equal(network_to_images(given[np.newaxis], takes)[0], 255 * image)
