// What the network answers: shares or values as bars, an image as an image; several outputs one below the other.

import { asMaps } from "../engine/tensors.js";
import { drawMaps, rangeOf } from "./maps.js";
import { byId, course, element, percent, threeDigits } from "./page.js";

const MOST = 6; // answers that are listed
const MOST_MAPS = 16; // of an answer that is no list

export function showAnswers(tensors) {
  const parts = course.answers.map(({ kind, names, title }, number) => {
    const tensor = tensors[number];
    const heading = course.answers.length > 1 ? [element("h3", { textContent: title })] : [];
    return [...heading, ...(names ? bars(valuesOf(tensor, kind), names, kind) : [picture(tensor)])];
  });
  byId("answers").replaceChildren(...parts.flat());
  byId("answers-kind").textContent = course.answers.length === 1 ? course.answers[0].words : "";
  const first = course.answers[0];
  const best = first.names ? bestOf(valuesOf(tensors[0], first.kind), first) : picture(tensors[0]);
  byId("best").replaceChildren(best);
}

// One sigmoid says how likely the second of two classes is.
export const valuesOf = ({ values }, kind) => (kind === "sigmoid" ? [1 - values[0], values[0]] : [...values]);

const order = (values) => [...values.keys()].sort((one, two) => values[two] - values[one]);

const words = (value, kind) => (kind === "values" ? threeDigits(value) : percent(value));

function bestOf(values, { names, kind }) {
  const [best] = order(values);
  return element("span", {}, element("b", { textContent: names[best] }), words(values[best], kind));
}

export function bars(values, names, kind) {
  const longest = kind === "values" ? Math.max(...values.map(Math.abs), 1e-9) : 1;
  return order(values).slice(0, MOST).map((place) => {
    const fill = element("span");
    fill.style.width = `${(100 * Math.max(0, values[place])) / longest}%`;
    return element("div", { className: "answer" }, element("b", { textContent: names[place] }),
      element("span", { className: "value", textContent: words(values[place], kind) }),
      element("span", { className: "bar" }, fill));
  });
}

function picture(tensor) {
  const canvas = element("canvas");
  const maps = asMaps(tensor);
  const places = [...Array(Math.min(maps.channels, MOST_MAPS)).keys()];
  if (maps.channels === 3 || maps.channels === 1) drawImage(canvas, maps);
  else drawMaps(canvas, maps, places, { columns: Math.min(4, maps.channels), cell: 70, scale: "layer" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The answer, an image of ${tensor.shape.join(" x ")}`);
  return canvas;
}

// One channel is grey, three are colours. Values from 0 to 1 are brightness; others are brought to that range.
function drawImage(canvas, { width, height, channels, values }) {
  const image = new ImageData(width, height);
  const [lowest, highest] = rangeOf(values);
  const [low, high] = lowest >= 0 && highest <= 1 ? [0, 1] : [lowest, highest];
  for (let place = 0; place < width * height; place++) {
    for (let c = 0; c < 3; c++) {
      const value = values[place * channels + (channels === 3 ? c : 0)];
      image.data[4 * place + c] = (255 * (value - low)) / (high - low || 1);
    }
    image.data[4 * place + 3] = 255;
  }
  Object.assign(canvas, { width, height }).getContext("2d").putImageData(image, 0, 0);
}
