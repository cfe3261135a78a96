// What the network sees, and what that is compared with. A look is { key, tensors, done }: how an image was prepared,
// and the tensors of its layers. There are three: "now" (with all that is chosen), "before" (without what covers the
// image, or else with the weights that were learned; its answers alone), "kept" (another image).

import { course } from "../shared_web/page.js";

export function makeLooks(network) {
  const looks = {};

  // Asks for an image to be looked at, unless the slot holds it under this key; makeTask() gives { image, draw }.
  // Returns whether the network has to run.
  function look(slot, key, makeTask) {
    if (looks[slot]?.key === key) return false;
    const known = [looks.now, looks.kept].find((each) => each?.key === key && each.done);
    if (known && slot !== "now") {
      looks[slot] = known;
      return false;
    }
    looks[slot] = { key, tensors: [...(looks[slot]?.tensors ?? [])], done: false };
    network.run(slot, key, { ...makeTask(), only: slot === "before" ? course.network.outputs : null });
    return true;
  }

  // Of "now" even what is not the newest is shown, so that something moves while one paints.
  function receive(slot, key, place, tensor) {
    if (!looks[slot] || (slot !== "now" && looks[slot].key !== key)) return false;
    looks[slot].tensors[place] = tensor;
    return true;
  }

  function end(slot, key) {
    if (looks[slot]?.key === key) looks[slot].done = true;
  }

  function answersOf(slot) {
    const tensors = course.network.outputs.map((place) => looks[slot]?.tensors[place]);
    return tensors.every(Boolean) && (slot === "now" || looks[slot].done) ? tensors : null;
  }

  return {
    look, receive, end, answersOf,
    tensorsOf: (slot) => looks[slot]?.tensors ?? [],
    drop: (slot) => delete looks[slot],
  };
}
