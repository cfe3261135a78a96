// The page: an image comes in, the network runs, and its layers are drawn as they come.

import { showAnswers } from "./answers.js";
import { startNetwork } from "./client.js";
import { makeGrid } from "./grid.js";
import { takeImages } from "./intake.js";
import { byId, course, fillSelect } from "./page.js";
import { fitInto, toTensor } from "./preparation.js";
import { connectTheme } from "../shared_web/theme.js";
import { makeStrip, shownPlaces } from "./strip.js";

const tensors = []; // of the image that is shown, by place in the network
let [picture, title] = [null, ""];
let chosen = shownPlaces.find((place) => course.network.nodes[place].type.includes("Conv")) ?? shownPlaces[0];

const strip = makeStrip(choose);
const grid = makeGrid(choose);
const run = startNetwork({ onLayer: show, onEnd: finish, onError: say });
const takeFirstSample = takeImages({ onPicture: take, onRefused: say });

fillSelect(byId("scale-choice"), Object.entries(course.ranges), course.takes.scale);
for (const id of ["scale-choice", "fit", "invert"]) byId(id).addEventListener("change", look);
connectTheme(byId("theme"));
choose(chosen);
say("Waiting for an image.");
takeFirstSample();

function say(words) {
  byId("state").textContent = words;
}

function take(taken, name) {
  [picture, title] = [taken, name];
  look();
}

// Prepares the picture and sends it through the network.
function look() {
  if (!picture) return;
  const pixels = fitInto(byId("received"), picture, { fit: byId("fit").value, invert: byId("invert").checked });
  strip.wait();
  say(`Looking at ${title} ...`);
  run(toTensor(pixels, byId("scale-choice").value));
}

function show(place, tensor) {
  tensors[place] = tensor;
  strip.show(place, tensor);
  if (place === chosen) grid.show(place, tensor);
}

function finish(seconds) {
  showAnswers(course.network.outputs.map((place) => tensors[place]));
  say(`${title}: ${course.network.nodes.length} steps in ${seconds.toFixed(2)} seconds.`);
}

function choose(place) {
  chosen = place;
  strip.choose(place);
  grid.show(place, tensors[place]);
}
