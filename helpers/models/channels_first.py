"""Networks that put the channels first, computed with the channels last.

Under TensorFlow Keras 3.15.1 adds the bias of such a convolution along the width where the maps are as wide as it has
filters: ``keras.ops.add`` takes the last axis for the channels if their numbers agree. Besides, maps are drawn with the
channels last.
"""

import keras

from helpers._shared.keras_graph import calls_of
from helpers.models.activation_names import activation_name
from helpers.models.saved_files import Refused

__all__ = ["FIRST", "with_channels_last"]

FIRST = "channels_first"
PLACE_BY_PLACE = "Activation Add Average Dropout ELU LeakyReLU Maximum Minimum Multiply ReLU Subtract".split()


def with_channels_last(network):
    """Copy a network so that its layers put the channels last, between layers that turn the axes where needed.

    Args:
        network: a Sequential or Functional keras.Model; its inputs and outputs stay as they are.

    Returns:
        The copy, uncompiled, with the same weights and names.

    Raises:
        Refused: if a layer puts the channels first that we do not turn.
    """
    pairs, turning = [], set()  # layers and their copies; id of each copy that has to get the channels last
    last = {}  # id of a tensor with the channels first: (that tensor, the same with the channels last)

    def clone(layer):
        if isinstance(layer, keras.Model) or not isinstance(layer, keras.Layer):
            return with_channels_last(layer) if isinstance(layer, keras.Model) else layer
        kind, config = type(layer).__name__, layer.get_config()
        turns = config.get("data_format") == FIRST and not kind.startswith("ConvLSTM")
        if turns:
            config["data_format"] = "channels_last"
        elif kind in ("BatchNormalization", "Concatenate") and len(calls_of(layer)[0].outputs[0].shape) == 4:
            turns = config["axis"] == 1
            config["axis"] = -1 if turns else config["axis"]
        if FIRST in str(config):
            raise Refused(f"layer '{layer.name}' ({kind}) puts the channels first; build the network with them last")
        pairs.append((layer, type(layer).from_config(config)))
        turning.update({id(pairs[-1][1])} if turns else ())
        return pairs[-1][1]

    def call(layer, *given, **settings):
        known = all(id(each) in last for each in keras.tree.flatten(given))
        alike = type(layer).__name__ in PLACE_BY_PLACE and "softmax" not in str(activation_name(layer))
        if id(layer) not in turning and not (known and alike):
            return layer(*given, **settings)
        made = layer(*keras.tree.map_structure(lambda each: turned(each, layer.name), given), **settings)
        axes = range(1, len(made.shape))
        if len(axes) < 2:
            return made
        first = keras.layers.Permute((axes[-1], *axes[:-1]), name=f"{layer.name}_turned_{len(last)}")(made)
        last[id(first)] = first, made
        return first

    def turned(tensor, name):
        if id(tensor) not in last:
            axes = range(2, len(tensor.shape))
            last[id(tensor)] = tensor, keras.layers.Permute((*axes, 1), name=f"{name}_turned_{len(last)}")(tensor)
        return last[id(tensor)][1]

    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs[0], network.outputs[0], name=network.name)
    copy = keras.models.clone_model(network, clone_function=clone, call_function=call)
    for layer, own in pairs:
        own.set_weights(layer.get_weights())
        if isinstance(own, keras.layers.Normalization):
            own.finalize_state()  # it computes with copies of its weights, made here
    return copy
