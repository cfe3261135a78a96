// The page: an image comes in, the network runs, and its layers are drawn as they come.

import { asMaps } from "../engine/tensors.js";
import { sayChange, showAnswers } from "../shared_web/answers.js";
import { brightnessOf } from "../shared_web/maps.js";
import { byId, course, fillSelect } from "../shared_web/page.js";
import { makeStrip, shownPlaces } from "../shared_web/strip.js";
import { makeSum } from "../shared_web/sum_panel.js";
import { connectTheme } from "../shared_web/theme.js";
import { makeCamera } from "./camera.js";
import { startNetwork } from "./client.js";
import { makeCover } from "./cover.js";
import { makeGrid } from "./grid.js";
import { takeImages } from "./intake.js";
import { makeLooks } from "./looks.js";
import { makeMarks } from "./marks.js";
import { fitInto, toTensor } from "./preparation.js";

let shown = null; // the image that is looked at: { picture, title, number }
let kept = null; // the one that it is compared with
let [images, draws, draw, covered] = [0, 0, 0, 0];
let chosen = shownPlaces.find((place) => course.network.nodes[place].type.includes("Conv")) ?? shownPlaces[0];

const network = startNetwork({ onLayer: receive, onEnd: finish, onError: say });
const looks = makeLooks(network);
const strip = makeStrip(choose);
const marks = makeMarks(network);
const tensorOf = (place) => looks.tensorsOf("now")[place];
const pin = makeSum({
  explain: (at) => network.ask("explain", at),
  tensorOf,
  brightness: (place) => brightnessOf(asMaps(tensorOf(place)), byId("map-scale").value),
  onMove: (at) => grid.showPin(at),
});
const grid = makeGrid({
  onChoose: choose,
  onPoint: (channel, maps) => marks.show(chosen, maps, channel),
  onPin: (at) => startPin({ place: chosen, ...at }),
});
const cover = makeCover({ onChange: changeCover });
const camera = makeCamera({ onFrame: (frame) => take(frame, "the camera"), onRefused: say });
const takeFirstSample = takeImages({ onPicture: takeStill, onRefused: say });

document.documentElement.style.setProperty("--shape", course.takes.size[1] / course.takes.size[0]);
fillSelect(byId("scale-choice"), Object.entries(course.ranges), course.takes.scale);
for (const id of ["scale-choice", "fit", "invert"]) byId(id).addEventListener("change", look);
byId("fresh").addEventListener("change", changeWeights);
byId("keep").addEventListener("click", keepImage);
connectTheme(byId("theme"), () => pin.refresh()); // its chart is drawn in the theme's colours
byId("pin-close").addEventListener("click", () => byId("grid").focus());
choose(chosen);
say("Waiting for an image.");
takeFirstSample();

function say(words) {
  byId("state").textContent = words;
}

function takeStill(picture, title) {
  camera.stop();
  take(picture, title);
}

function take(picture, title) {
  if (shown && shown !== kept) shown.picture.close();
  shown = { picture, title, number: (images += 1) };
  cover.forget();
  byId("pictures").hidden = byId("keep").disabled = false;
  look();
}

// Prepares the pictures, and sends through the network what it has not seen so.
function look() {
  if (!shown) return;
  const settings = { fit: byId("fit").value, invert: byId("invert").checked };
  const scale = byId("scale-choice").value;
  const keyOf = (image, weights, covers) =>
    [image.number, settings.fit, settings.invert, scale, weights, covers].join(" ");
  const task = (pixels, weights) => () => ({ image: toTensor(pixels, scale), draw: weights });

  const plain = fitInto(byId("paper"), shown, settings);
  const weightsBefore = cover.isEmpty() ? 0 : draw;
  if (camera.isOn() || (cover.isEmpty() && !draw)) looks.drop("before");
  else looks.look("before", keyOf(shown, weightsBefore, 0), task(plain, weightsBefore));
  const { pixels, share } = cover.apply(byId("paper"));
  covered = share;
  showInStrip();
  if (looks.look("now", keyOf(shown, draw, cover.version()), task(pixels, draw))) announce();
  if (kept) looks.look("kept", keyOf(kept, draw, 0), task(fitInto(byId("kept"), kept, settings), draw));
}

function announce() {
  marks.hide();
  if (camera.isOn()) return; // a frame comes after the other, and nothing flickers
  strip.wait();
  say(`Looking at ${shown.title} ...`);
}

function showInStrip() {
  const [from, to] = [byId("paper"), byId("strip-image")];
  Object.assign(to, { width: from.width, height: from.height }).getContext("2d").drawImage(from, 0, 0);
}

function receive(slot, key, place, tensor) {
  if (!looks.receive(slot, key, place, tensor)) return;
  if (slot === "now") strip.show(place, tensor);
  if (place === chosen && slot !== "before") showGrid();
}

function showGrid() {
  grid.show(chosen, looks.tensorsOf("now")[chosen], kept && looks.tensorsOf("kept")[chosen]);
}

function finish(slot, key, seconds) {
  looks.end(slot, key);
  compare();
  if (slot !== "now") return;
  pin.refresh();
  const weights = draw ? " Fresh weights: nothing is learned." : "";
  say(`${shown.title}: ${course.network.nodes.length} steps in ${seconds.toFixed(2)} seconds.${weights}`);
  camera.next();
}

// Shows the answers of now, and what they are compared with.
function compare() {
  const now = looks.answersOf("now");
  if (!now) return;
  const before = looks.answersOf("before");
  const what = cover.isEmpty() ? "learned" : "uncovered";
  const columns = [[cover.isEmpty() ? (draw ? "fresh" : "now") : "covered", now]];
  if (before) columns.push([what, before]);
  if (kept && looks.answersOf("kept")) columns.push(["kept", looks.answersOf("kept")]);
  showAnswers(columns);
  const change = before ? `${sayChange(now, before)}.` : "";
  const isCovered = before && !cover.isEmpty();
  byId("cover-said").textContent = isCovered ? `${(100 * covered).toFixed(0)} % covered: ${change}` : "";
  byId("fresh-said").textContent = draw ? `These weights were just drawn. ${cover.isEmpty() ? change : ""}` : "";
}

function changeCover() {
  camera.stop(); // one paints on a still
  look();
}

function changeWeights() {
  draw = byId("fresh").checked ? (draws += 1) : 0;
  document.body.classList.toggle("fresh", draw > 0);
  look();
}

// Keeps the image that is there to compare the next ones with, or lets go of it.
function keepImage() {
  if (kept && kept !== shown) kept.picture.close();
  kept = kept ? null : shown;
  if (kept) look();
  else looks.drop("kept");
  byId("keep").textContent = kept ? "Let go of the kept image" : "Keep it beside the next";
  byId("kept-figure").hidden = !kept;
  byId("kept-title").textContent = kept ? `kept: ${kept.title}` : "";
  showGrid();
  compare();
}

// Pins a value that was chosen in the grid: the panel comes into sight, and arrow keys go on from there.
async function startPin(at) {
  pin.stop();
  await pin.open(at);
  byId("pin").scrollIntoView({ block: "nearest" });
  byId("pin-to").focus({ preventScroll: true });
}

function choose(place) {
  if (place !== chosen) pin.close();
  chosen = place;
  marks.hide();
  strip.choose(place);
  showGrid();
}
