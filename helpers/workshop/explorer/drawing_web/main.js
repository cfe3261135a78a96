// The page: what is drawn goes through the network, and every part of the page shows what came of it.

import { explainValue } from "../engine/contributions.js";
import { loadNetwork, runNetwork } from "../engine/network.js";
import { asMaps, bytesOf, unravel } from "../engine/tensors.js";
import { bars, showBest, valuesOf } from "../shared_web/answers.js";
import { brightnessOf, isSilent, palettes, rangeOf, shade } from "../shared_web/maps.js";
import { byId, course, element, fillSelect, percent, threeDigits } from "../shared_web/page.js";
import { makeStrip, shownPlaces } from "../shared_web/strip.js";
import { makeSum, valueName } from "../shared_web/sum_panel.js";
import { strongestPlaces } from "../shared_web/sum_parts.js";
import { connectTheme } from "../shared_web/theme.js";
import { addressOf, decodeStrokes, strokesOf } from "./address.js";
import { bestOf, guessing, isCovered, kind, makeBars, names, takeGuess } from "./bars.js";
import { connectDial, digitButton } from "./dial.js";
import { centreOfMass, toForm, toTensor } from "./form.js";
import { clearFrames, forgetWidth, frameValues, makeGrid, neighbour, paintGrid, placeOf, valueAt } from "./grids.js";
import { arrows, changeDrawing, clear, makeDrawing, paintDrawing, undo } from "./paper.js";
import { curveOf, makeSwap, ordersFor, trySwap } from "./swap.js";

const [SIDE] = course.takes.size;
const network = loadNetwork(course.network, bytesOf(byId("weights").textContent));
const { nodes, outputs: [LAST] } = network;
const drawing = makeDrawing(byId("paper"), (isFinished) => changed(isFinished));
const now = {
  image: null, tensors: [], scale: "layer", chosen: null, isPinned: false, isMoving: false, milliseconds: 0,
};
const grids = new Map(); // by the place of the layer
const isUpright = kind !== "values" && names.length <= 12 && names.every((name) => name.length < 3);
const pointAnswer = (channel, isClick) => point(LAST, { y: 0, x: 0, channel }, isClick);
const setBars = isUpright && makeBars(byId("bars"), pointAnswer);
const strip = makeStrip(goTo, { steady: true });
const sum = makeSum({
  explain: (at) => explainValue(network, now.tensors, at),
  tensorOf: (place) => now.tensors[place],
  brightness: (place) => brightnessOf(asMaps(now.tensors[place]), now.scale, rangeFor(place)),
  onMove: showChosen,
  instead: ({ place }) => (place === LAST && isCovered() ? "Guess first, then look." : ""),
});
let swap = null;

const isInput = (place) => nodes[place].type === "InputLayer";

function run(strokes) {
  const form = toForm(strokes, { centred: byId("centred").checked });
  const input = toTensor(form.image, { inverted: byId("inverted").checked });
  return { form, input, tensors: runNetwork(network, [input]) };
}

// The ranges of raw values: over all digits that come with the page, so that any two drawings compare.
const ranges = new Map();

function rangeFor(place) {
  if (now.scale !== "raw") return undefined;
  if (!ranges.size) {
    const runs = course.drawings.map(({ code }) => run(decodeStrokes(code)).tensors);
    for (const each of shownPlaces) {
      const ends = runs.map((tensors) => rangeOf(tensors[each].values));
      ranges.set(each, [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))]);
    }
  }
  return ranges.get(place);
}

const about = {
  Conv2D: ({ kernel: { shape } }, [height, width]) => `${shape[3]} filters of ${shape[0]} \u00d7 ${shape[1]} weights ` +
    (shape[2] === 1 ? "slide over the image" : `look through all ${shape[2]} maps above at once`) +
    `. Each makes a map of ${height} \u00d7 ${width} values: bright where it finds what it looks for.`,
  MaxPooling2D: ({ pool_size: size }, [height, width]) =>
    `Of every ${size.join(" \u00d7 ")} values only the largest is kept: the maps shrink to ${height} \u00d7 ${width}.`,
  Dense: ({ kernel: { shape } }) => `${shape[1]} units. Each adds up all ${shape[0].toLocaleString("en")} values ` +
    "above, every one times a weight of its own. Units have no neighbours: their order means nothing.",
};

function describeLayer(place, shape) {
  const node = nodes[place];
  if (place === LAST) return `${names.length} values, one for each answer.`;
  return about[node.type]?.(node, shape) ?? `${node.type}: ${shape.join(" \u00d7 ")} values.`;
}

function makeLayerCards(tensors) {
  for (const place of shownPlaces) {
    const grid = makeGrid(`${nodes[place].name}: all maps. Arrow keys move from value to value, with Shift from map ` +
      "to map; Enter pins a value.");
    Object.assign(grid, { place, caption: element("p", { className: "caption" }), isSeen: false });
    const words = [element("h3", { textContent: nodes[place].name }),
      element("p", { textContent: describeLayer(place, tensors[place].shape) })];
    const card = element("section", { className: place === LAST ? "card tells" : "card" });
    card.append(...words, grid.holder, grid.caption);
    byId("layers").append(card);
    grids.set(place, grid);
    listenToGrid(grid);
    paintLayer(grid, tensors);
    watchers.observe(grid.holder);
  }
}

// Only what is seen is painted.
const watchers = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const grid = [...grids.values()].find(({ holder }) => holder === target);
    grid.isSeen = isIntersecting;
    if (isIntersecting) paintLayer(grid, now.tensors);
  }
}, { rootMargin: "300px" });

function listenToGrid(grid) {
  const { canvas, place } = grid;
  Object.assign(canvas, { tabIndex: 0 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "grid of feature maps");
  const pointed = (event) => {
    const found = valueAt(grid, event);
    if (found) point(place, found, event.type === "click");
  };
  canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && pointed(event));
  canvas.addEventListener("click", pointed);
  canvas.addEventListener("keydown", (event) => {
    const here = now.chosen?.place === place ? now.chosen : null;
    if (event.key === "Enter" && here) hold(!now.isPinned);
    else if (event.key in arrows) {
      choose(place, here ? neighbour(grid, here, arrows[event.key], event.shiftKey) : { y: 0, x: 0, channel: 0 }, true);
      say();
    } else return;
    event.preventDefault();
  });
}

// A mouse that passes shows a sum until another value is passed; a click pins it, a second one lets it go.
function point(place, found, isClick) {
  const { chosen, isPinned } = now;
  const isSame = chosen && chosen.place === place && Object.keys(found).every((key) => found[key] === chosen[key]);
  if (isClick) {
    now.isPinned = !(isPinned && isSame);
    choose(place, found, true);
  } else if (!isPinned && !(isSame && byId("sum").classList.contains("open"))) choose(place, found, false);
}

function hold(isPinned) {
  now.isPinned = isPinned;
  nameHold();
  say();
}

function nameHold() {
  byId("hold").setAttribute("aria-pressed", now.isPinned);
  byId("hold").textContent = now.isPinned ? "Pinned: let go" : "Pin";
}

// Choose the value whose sum is shown; where the page has no column for it, a panel opens.
async function choose(place, found, opens) {
  now.chosen = { place, ...found };
  if (opens) byId("sum").classList.add("open");
  sum.stop();
  await sum.open(now.chosen);
  if (opens) uncover();
}

// From the strip to a layer's card.
function goTo(place) {
  strip.choose(place);
  grids.get(place).canvas.closest("section").scrollIntoView();
}

// Scrolls so far that the panel does not lie over the map.
function uncover() {
  const [panel, grid] = [byId("sum-card"), grids.get(now.chosen.place)];
  if (getComputedStyle(panel).position !== "fixed" || !now.chosen) return;
  const [, top, , tall] = placeOf(grid, { ...now.chosen, y: 0 });
  const ratio = grid.canvas.width / grid.canvas.clientWidth;
  const bottom = grid.canvas.getBoundingClientRect().top + (top + tall * grid.maps.height) / ratio;
  window.scrollBy(0, Math.max(0, bottom + 8 - panel.getBoundingClientRect().top));
}

// What the keyboard has come to, for those who do not see it.
function say() {
  const maps = asMaps(now.tensors[now.chosen.place]);
  const { y, x, channel } = now.chosen;
  const value = threeDigits(maps.values[(y * maps.width + x) * maps.channels + channel]);
  byId("spoken").textContent = `${valueName(now.chosen, maps)}: ${value}${now.isPinned ? ", pinned" : ""}`;
}

// Frames the value whose sum is shown, and what it was made of; null where the panel was closed.
function showChosen(at, explained) {
  now.chosen = at;
  for (const grid of grids.values()) clearFrames(grid);
  byId("received-frame").hidden = true;
  byId("no-sum").hidden = Boolean(at);
  if (!at) {
    now.isPinned = false;
    byId("sum").classList.remove("open");
  }
  nameHold();
  if (at) frameValues(grids.get(at.place), at);
  if (explained) frameSource(explained);
}

// Where the value comes from, in the picture of the layer before.
function frameSource({ before, patch, all, window: { left, top, right, bottom } }) {
  if (isInput(before)) {
    byId("received-frame").hidden = Boolean(all);
    const [width, height] = [right - left, bottom - top];
    placeOverlay(byId("received-frame"), { left: left - 0.5, top: top - 0.5, width, height });
  }
  const grid = grids.get(before);
  if (!grid) return;
  if (!all) return frameValues(grid, { y: top, x: left, channel: patch.map }, bottom - top, right - left);
  for (const place of strongestPlaces(all)) frameValues(grid, unravel(place, asMaps(now.tensors[before])));
}

// Lay a frame over the image; pixel 0 has its middle at 0.
function placeOverlay(overlay, { left, top, width, height }) {
  const share = (pixels) => `${(100 * pixels) / SIDE}%`;
  const place = { left: share(left + 0.5), top: share(top + 0.5), width: share(width), height: share(height) };
  Object.assign(overlay.style, place);
}

function paintReceived({ image, box }) {
  const [brush, small] = ["received", "strip-image"].map((id) => byId(id).getContext("2d"));
  const pixels = brush.createImageData(SIDE, SIDE);
  const inverted = byId("inverted").checked;
  const colours = new Uint32Array(pixels.data.buffer);
  image.forEach((ink, place) => (colours[place] = shade(palettes.grey, inverted ? 1 - ink : ink)));
  for (const each of [brush, small]) each.putImageData(pixels, 0, 0);
  byId("box").hidden = byId("centre").hidden = !box;
  if (!box) return;
  placeOverlay(byId("box"), box);
  const [x, y] = centreOfMass(image);
  placeOverlay(byId("centre"), { left: x, top: y, width: 0, height: 0 });
}

function paintLayer(grid, tensors) {
  const range = rangeFor(grid.place);
  paintGrid(grid, tensors[grid.place], { scale: now.scale, range });
  const { maps } = grid;
  const silent = Array.from({ length: maps.channels }, (_, channel) => isSilent(maps, channel)).filter(Boolean).length;
  const what = maps.width * maps.height === 1 ? "units" : "maps";
  grid.caption.textContent = `${maps.channels.toLocaleString("en")} ${what}, ${silent} silent; ` +
    rangeWords(range ?? rangeOf(maps.values));
}

function rangeWords([low, high]) {
  if (now.scale === "channel" || now.scale === "standard") return course.scales[now.scale];
  const [dark, bright] = [low, high].map((value) => threeDigits(Math.abs(value) < 1e-3 * (high - low) ? 0 : value));
  return `dark is ${dark}, bright is ${bright}`;
}

function paintLayers() {
  for (const grid of grids.values()) if (grid.isSeen) paintLayer(grid, now.tensors);
}

// The one path from a changed drawing to a changed page.
async function update() {
  const started = performance.now();
  const { form, input, tensors } = run(drawing.strokes);
  Object.assign(now, { image: input.values, tensors });
  paintDrawing(drawing);
  paintReceived(form);
  if (!grids.size) makeLayerCards(tensors);
  paintLayers();
  for (const place of shownPlaces) strip.show(place, tensors[place]);
  showAnswers();
  await sum.refresh({ few: now.isMoving });
  swap?.update(tensors);
  now.milliseconds = performance.now() - started;
}

const EMPTY = "Empty paper, and still an answer: the network cannot say \u201cnothing\u201d.";

function showAnswers() {
  const answers = [...valuesOf(now.tensors[LAST], kind)];
  const isEmpty = !drawing.strokes.length;
  document.body.classList.toggle("covered", isCovered());
  byId("hint").hidden = !(isEmpty || drawing.greeting);
  byId("undo").disabled = !drawing.past.length;
  byId("clear").disabled = isEmpty;
  byId("guesses").hidden = !isCovered();
  if (setBars) setBars(answers);
  else byId("bars").replaceChildren(...bars([["", answers]], names, kind));
  showBest([["", [now.tensors[LAST]]]]);
  const best = bestOf(answers);
  const said = kind === "values" ? threeDigits(answers[best]) : percent(answers[best]);
  if (guessing.on && isCovered()) byId("said").textContent = "What will the network say? Guess, then look.";
  else if (guessing.on) return; // what came of the guess stays to be read
  else if (isEmpty) byId("said").textContent = EMPTY + (drawing.past.length ? " Undo brings your drawing back." : "");
  else byId("said").textContent = `The network says ${names[best]} (${said}).`;
}

let isScheduled = false;

// A pen moves more often than a screen shows: at most one update for each picture of the screen.
function changed(isFinished) {
  guessing.guess = null;
  now.isMoving = !isFinished;
  if (isFinished) {
    history.replaceState(null, "", addressOf(drawing.greeting ? [] : drawing.strokes));
    byId("address-said").textContent = "";
  }
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(async () => {
    isScheduled = false;
    await update();
    byId("milliseconds").textContent = now.milliseconds < 1 ? "under 1 ms" : `${now.milliseconds.toFixed(0)} ms`;
  });
}

function readAddress() {
  const strokes = strokesOf(location.hash);
  const greets = !strokes?.length && course.dial;
  drawing.strokes = greets ? decodeStrokes(course.drawings[4].code) : strokes ?? [];
  drawing.past = [];
  drawing.greeting = Boolean(greets);
  update();
  const wrong = "The address holds no drawing that can be read. Draw a new one, or copy the whole address again.";
  byId("address-said").textContent = strokes ? "" : wrong;
}

async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    byId("address-said").textContent = "Copied. Whoever has this page sees your drawing; send them the part from # on.";
  } catch {
    byId("address-said").textContent = "The drawing is in the address bar: copy all of it from there.";
  }
}

function connectControls() {
  byId("undo").addEventListener("click", () => undo(drawing));
  byId("clear").addEventListener("click", () => clear(drawing));
  byId("copy").addEventListener("click", copyAddress);
  byId("pin-play").before(byId("hold"), " "); // beside the other buttons of the sum
  byId("hold").addEventListener("click", () => hold(!now.isPinned));
  fillSelect(byId("scale"), Object.entries(course.scales), now.scale);
  byId("scale").addEventListener("change", ({ target }) => {
    now.scale = target.value;
    paintLayers();
    sum.refresh();
  });
  for (const id of ["centred", "inverted"]) {
    byId(id).addEventListener("change", () => {
      ranges.clear();
      update();
    });
  }
  byId("guess-first").addEventListener("change", (event) => {
    Object.assign(guessing, { on: event.target.checked, guess: null, asked: 0, right: 0 });
    update();
  });
  names.forEach((name, place) => {
    const button = element("button", { type: "button", textContent: name });
    button.addEventListener("click", () => {
      byId("said").textContent = takeGuess(place, valuesOf(now.tensors[LAST], kind));
      update();
      byId("paper").focus({ preventScroll: true });
    });
    byId("guesses").append(button);
  });
  window.addEventListener("hashchange", readAddress);
  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && event.target.type !== "number") {
      undo(drawing);
      event.preventDefault();
    }
    if (event.key === "Escape") sum.close();
  });
}

const thumbnails = [];

// What only a network of ten digits has.
function makeDigitParts() {
  for (const each of course.drawings) {
    const thumbnail = digitButton(each, (strokes) => changeDrawing(drawing, strokes));
    thumbnails.push(thumbnail);
    byId(each.digit === null ? "unclear" : "clear-ones").append(thumbnail.button);
  }
  connectDial(byId("dial"), drawing);
  if (course.swap) swap = makeSwap(network, (code) => run(decodeStrokes(code)).tensors);
}

function layOut() {
  for (const grid of [...grids.values(), ...(swap?.grids ?? [])]) forgetWidth(grid);
  const paper = byId("paper");
  paper.width = paper.height = Math.round(paper.clientWidth * (window.devicePixelRatio || 1));
}

function start() {
  document.body.classList.toggle("digits", Boolean(course.dial));
  for (const each of document.querySelectorAll(".of-digits")) each.hidden = !course.dial;
  byId("swap").hidden = !course.swap;
  byId("centred").checked = Boolean(course.dial);
  for (const id of ["received", "strip-image"]) Object.assign(byId(id), { width: SIDE, height: SIDE });
  layOut();
  connectControls();
  if (course.dial) makeDigitParts();
  readAddress();
  strip.choose(shownPlaces[0]);
  connectTheme(byId("theme"), () => {
    thumbnails.forEach(({ paint }) => paint());
    paintDrawing(drawing);
    sum.refresh();
    swap?.show();
  });
  let width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return; // a phone's bars come and go
    width = innerWidth;
    layOut();
    update();
  });
}

start();

// For the curious, who open the console: explorer.forward(image) gives the tensor of every layer.
window.explorer = {
  addressOf, brightnessOf, course, drawing, grids, network, now, percent, strokesOf, toForm, update,
  explain: (chosen) => explainValue(network, now.tensors, chosen),
  forward: (image) => runNetwork(network, [{ shape: course.takes.shape, values: image }]),
  swap: { curveOf, ordersFor, trySwap },
};
