// What the network answers: shares or values as bars, an image as an image; several outputs one below the other, and
// beside each answer those that it is compared with.

import { asMaps } from "../engine/tensors.js";
import { brightnessOf, drawMaps, rangeOf } from "./maps.js";
import { byId, course, element, percent, threeDigits } from "./page.js";

const MOST = 6; // answers that are listed
const MOST_MAPS = 16; // of an answer that is no list

// `columns` are [words, tensors of the outputs], the answers that one looks at first.
export function showAnswers(columns) {
  const parts = course.answers.map((answer, number) => {
    const own = columns.map(([words, tensors]) => [words, tensors[number]]);
    const heading = course.answers.length > 1 ? [element("h3", { textContent: answer.title })] : [];
    if (!answer.names) return [...heading, ...pictures(own)];
    const values = own.map(([words, tensor]) => [words, valuesOf(tensor, answer.kind)]);
    return [...heading, ...bars(values, answer.names, answer.kind)];
  });
  byId("answers").replaceChildren(...parts.flat());
  byId("answers-kind").textContent = course.answers.length === 1 ? course.answers[0].words : "";
  showBest(columns);
}

// The end of the strip: the highest answer.
export const showBest = (columns) => byId("best").replaceChildren(...bestOf(columns));

// One sigmoid says how likely the second of two classes is.
export const valuesOf = ({ values }, kind) => (kind === "sigmoid" ? [1 - values[0], values[0]] : [...values]);

const order = (values) => [...values.keys()].sort((one, two) => values[two] - values[one]);

const words = (value, kind) => (kind === "values" ? threeDigits(value) : percent(value));

// The highest answer, and what it is in the other columns; of several outputs that of each.
function bestOf([[, tensors], ...others]) {
  if (!course.answers[0].names) return [picture(tensors[0])];
  return course.answers.flatMap(({ names, kind, title }, number) => {
    if (!names) return [];
    const values = valuesOf(tensors[number], kind);
    const [best] = order(values);
    const name = course.answers.length === 1 ? names[best] : names.length === 1 ? title : `${title}: ${names[best]}`;
    const beside = others.map(([column, found]) =>
      element("span", { textContent: `${column}: ${words(valuesOf(found[number], kind)[best], kind)}` }));
    return [element("span", {}, element("b", { textContent: name }), words(values[best], kind)), ...beside];
  });
}

// How the highest answer changed, from others to those of now; of an image the mean change of its values.
export function sayChange(now, before) {
  const [{ names, kind }] = course.answers;
  if (!names) {
    const difference = now[0].values.reduce((sum, value, place) => sum + Math.abs(value - before[0].values[place]), 0);
    return `the values of the answer changed by ${threeDigits(difference / now[0].values.length)} on average`;
  }
  const [found, earlier] = [valuesOf(now[0], kind), valuesOf(before[0], kind)];
  const [[best], [old]] = [order(found), order(earlier)];
  const change = `${names[old]} from ${words(earlier[old], kind)} to ${words(found[old], kind)}`;
  return best === old ? change : `${change}; the answer is now ${names[best]}`;
}

// The highest answers, with a bar for each of the columns [title, values].
export function bars(columns, names, kind) {
  const longest = kind === "values" ? Math.max(...columns.flatMap(([, values]) => values.map(Math.abs)), 1e-9) : 1;
  const highest = names.map((_, place) => Math.max(...columns.map(([, values]) => values[place])));
  const [[, first]] = columns;
  const [best] = order(first);
  const shown = order(highest).slice(0, MOST).sort((one, two) => first[two] - first[one]);
  return shown.map((place) => element("div", { className: place === best ? "answer best" : "answer" },
    element("b", { textContent: names[place] }),
    ...columns.map(([title, values]) => barOf(columns.length > 1 ? title : "", values[place], longest, kind))));
}

function barOf(title, value, longest, kind) {
  const fill = element("span");
  fill.style.width = `${(100 * Math.max(0, value)) / longest}%`;
  return element("div", { className: "one" }, element("span", { className: "title", textContent: title }),
    element("span", { className: "value", textContent: words(value, kind) }),
    element("span", { className: "bar" }, fill));
}

function pictures(columns) {
  return columns.map(([title, tensor]) => element("figure", {}, picture(tensor),
    element("figcaption", { textContent: columns.length > 1 ? title : "" })));
}

function picture(tensor) {
  const canvas = element("canvas");
  const maps = asMaps(tensor);
  const [places, brightness] = [[...Array(Math.min(maps.channels, MOST_MAPS)).keys()], brightnessOf(maps, "layer")];
  if (maps.channels === 3 || maps.channels === 1) drawImage(canvas, maps);
  else drawMaps(canvas, maps, places, { columns: Math.min(4, places.length), cell: 70, brightness });
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
