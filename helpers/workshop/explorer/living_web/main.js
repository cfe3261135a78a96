// The living picture: paper, sixteen maps of the first layer, ten answers, and the dial from 4 to 9. It turns once by
// itself, unless its reader wants no motion.

import { decodeStrokes } from "../drawing_web/address.js";
import { bestOf, makeBars, names } from "../drawing_web/bars.js";
import { connectDial } from "../drawing_web/dial.js";
import { toForm, toTensor } from "../drawing_web/form.js";
import { clear, makeDrawing, paintDrawing } from "../drawing_web/paper.js";
import { loadNetwork, runNetwork } from "../engine/network.js";
import { asMaps, bytesOf } from "../engine/tensors.js";
import { drawMaps } from "../shared_web/maps.js";
import { course, percent } from "../shared_web/page.js";

const TURN = 4500; // milliseconds, from the 4 to the 9 and back: what moves for longer would need a button to stop it
const MAPS = 16;

const find = (name) => document.querySelector(`.living-cnn ${name}`);
const parts = [".living-paper canvas", ".living-maps canvas", "input", ".living-answers p"];
const [paper, maps, dial, said] = parts.map(find);
const drawing = makeDrawing(paper, () => requestAnimationFrame(update));
const setBars = makeBars(find(".bars"));
let network = null;
let places = null; // of the maps that are shown

async function start() {
  const packed = new Blob([bytesOf(course.weights)]).stream().pipeThrough(new DecompressionStream("deflate"));
  network = loadNetwork(course.network, await new Response(packed).arrayBuffer());
  const ratio = window.devicePixelRatio || 1;
  Object.assign(paper, { width: 200 * ratio, height: 200 * ratio });
  find("button").addEventListener("click", () => clear(drawing));
  connectDial(dial, drawing);
  drawing.strokes = decodeStrokes(course.dial[0]);
  update();
  new MutationObserver(update).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) turn();
}

function update() {
  paintDrawing(drawing);
  const { image } = toForm(drawing.strokes, { centred: true });
  const tensors = runNetwork(network, [toTensor(image, { inverted: false })]);
  const first = asMaps(tensors[course.first]);
  places ??= strongest(first);
  const ratio = window.devicePixelRatio || 1;
  drawMaps(maps, first, places, { columns: 4, cell: Math.floor(58.5 * ratio), scale: "layer" });
  const answers = tensors[network.outputs[0]].values;
  setBars(answers);
  const best = bestOf(answers);
  said.textContent = `The network says ${names[best]} (${percent(answers[best])}).`;
}

// The maps with the most in them, in their order.
function strongest({ values, channels }) {
  const sums = new Float64Array(channels);
  values.forEach((value, place) => (sums[place % channels] += value));
  return [...sums.keys()].sort((one, two) => sums[two] - sums[one]).slice(0, MAPS).sort((one, two) => one - two);
}

// Turns the dial there and back, until somebody does something.
function turn() {
  const began = performance.now();
  let isTouched = false;
  for (const kind of ["pointerdown", "keydown"]) {
    find("").addEventListener(kind, () => (isTouched = true), { once: true, capture: true });
  }
  const step = (time) => {
    const share = Math.min(1, (time - began) / TURN);
    if (isTouched) return;
    dial.value = dial.max * (1 - Math.abs(1 - 2 * share));
    dial.dispatchEvent(new Event("input"));
    if (share < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

start();
