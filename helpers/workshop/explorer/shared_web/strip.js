// The strip at the top: eight maps of each layer, from the image to the answer.

import { asMaps } from "../engine/tensors.js";
import { brightnessOf, drawMaps } from "./maps.js";
import { byId, course, element } from "./page.js";

const SHOWN = 8;
const LOOKED_AT = 1000; // pixels of a map at most, to choose the eight

// Layers that are worth a picture: those that compute something.
export const shownPlaces = course.network.nodes.flatMap(({ type, runs }, place) =>
  ["InputLayer", "Constant", "Flatten", "Reshape"].includes(type) || runs === "Idle" ? [] : [place]);

// With `steady` the eight maps that were strongest at first stay, for images that change all the time.
export function makeStrip(onChoose, { steady = false } = {}) {
  const stages = new Map(shownPlaces.map((place) => [place, makeStage(place, onChoose)]));
  byId("strip-layers").append(...[...stages.values()].map(({ button }) => button));
  byId("strip-layers").addEventListener("keydown", moveAlong);

  function choose(place) {
    for (const [other, { button }] of stages) {
      button.setAttribute("aria-pressed", other === place);
      button.tabIndex = other === place ? 0 : -1; // one stop for the tab key; arrows move among them
    }
    stages.get(place)?.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  return {
    choose,
    wait: () => stages.forEach(({ button }) => button.classList.add("waiting")),
    show(place, tensor) {
      const stage = stages.get(place);
      if (!stage) return;
      stage.button.classList.remove("waiting");
      const maps = asMaps(tensor);
      const isNodes = maps.width * maps.height === 1;
      const places = (steady && !isNodes && stage.places) || (stage.places = strongestOf(maps));
      const columns = Math.ceil(places.length / 2);
      const brightness = brightnessOf(maps, isNodes ? "layer" : "channel");
      const cell = Math.max(16, Math.min(64, maps.width));
      drawMaps(stage.canvas, maps, places, { columns, cell, brightness });
    },
  };
}

function makeStage(place, onChoose) {
  const { name, type } = course.network.nodes[place];
  const canvas = element("canvas", { width: 4, height: 2 });
  canvas.setAttribute("aria-hidden", "true");
  const short = name.split("/").at(-1);
  const className = course.network.outputs.includes(place) ? "stage waiting tells" : "stage waiting";
  const button = element("button", { type: "button", className, title: `${name} (${type})` }, canvas,
    element("span", { textContent: short || type }));
  button.addEventListener("click", () => onChoose(place));
  return { button, canvas, places: null };
}

// The eight channels that are brightest, in their order; of a large map some of its pixels tell.
function strongestOf({ values, channels }) {
  const sums = new Float64Array(channels);
  const step = channels * Math.ceil(values.length / channels / LOOKED_AT);
  for (let pixel = 0; pixel < values.length; pixel += step) {
    for (let channel = 0; channel < channels; channel++) sums[channel] += Math.abs(values[pixel + channel]);
  }
  const places = [...sums.keys()].sort((one, two) => sums[two] - sums[one]).slice(0, SHOWN);
  return places.sort((one, two) => one - two);
}

// Arrow keys go along a row of buttons.
export function moveAlong(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.children];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
}
