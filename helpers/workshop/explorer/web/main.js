// ---- main.js: everything together ------------------------------------------------------------------------------

const byId = (id) => document.getElementById(id);
const drawing = makeDrawing(byId("paper"), (isFinished) => changed(isFinished));
const LAST = layers.length - 1; // the layer of the answers
const now = { image: null, activations: [], scale: "layer", chosen: null, milliseconds: 0 };
const shownLayers = layers.filter((layer) => layer.kind !== "flatten");
const grids = new Map(); // by the index of the layer
const setBars = makeBars(byId("bars"), (digit) => choose(LAST, { y: 0, x: 0, c: digit }));
let swap;

const about = {
  first: ([height, width, maps], layer) =>
    `${maps} filters of ${layer.window.join(" \u00d7 ")} weights slide over the image. Each makes a map of ` +
    `${height} \u00d7 ${width} values: bright where the filter finds what it looks for.`,
  convolution: ([height, width, maps], layer) =>
    `${maps} filters, each looking through all ${layer.inputShape[2]} maps above at once, make ${maps} maps of ` +
    `${height} \u00d7 ${width} values.`,
  pooling: ([height, width], layer) =>
    `Of every ${layer.window.join(" \u00d7 ")} values only the largest is kept: the maps shrink to ` +
    `${height} \u00d7 ${width}.`,
  dense: ([, , nodes], layer) =>
    `${nodes} nodes. Each adds up all ${layer.inputShape.reduce((a, b) => a * b).toLocaleString("en")} values above, ` +
    "every one times a weight of its own. Nodes have no neighbours: their order means nothing.",
  last: () => "Ten nodes, one for each digit: the ten bars beside your drawing.",
};

function describeLayer(layer) {
  if (layer.index === LAST) return about.last();
  return (layer.index ? about[layer.kind] : about.first)(layer.shape, layer);
}

function makeLayerCards() {
  for (const layer of shownLayers) {
    const grid = makeGrid(layer, `${layer.name}. Arrow keys move from value to value.`);
    grid.caption = element("p", { className: "caption" });
    const isLast = layer.index === LAST;
    const words = [element("h3", { textContent: layer.name }), element("p", { textContent: describeLayer(layer) })];
    const card = element("section", { className: isLast ? "card answer" : "card" });
    card.append(...words, grid.holder, grid.caption);
    byId("layers").append(card);
    grids.set(layer.index, grid);
    listenToGrid(grid);
  }
}

function listenToGrid(grid) {
  const pointed = (event) => {
    const place = valueAt(grid, event);
    if (place) choose(grid.layer.index, place);
  };
  grid.maps.addEventListener("pointermove", (event) => event.pointerType === "mouse" && pointed(event));
  grid.maps.addEventListener("click", pointed);
  grid.maps.addEventListener("keydown", (event) => {
    if (!(event.key in arrows)) return;
    const isHere = now.chosen?.index === grid.layer.index;
    const place = isHere ? neighbour(grid, now.chosen.place, ...arrows[event.key]) : { y: 0, x: 0, c: 0 };
    choose(grid.layer.index, place);
    event.preventDefault();
  });
}

// Choose the value whose sum is shown; where the page has no column for it, a panel opens.
function choose(index, place) {
  now.chosen = { index, place };
  byId("sum").classList.add("open");
  showChosen();
}

function showChosen() {
  for (const grid of grids.values()) clearFrames(grid);
  if (!now.chosen) return;
  const { index, place } = now.chosen;
  const layer = layers[index];
  const isCoveredAnswer = index === LAST && isCovered();
  byId("sum-title").textContent = valueName(layer, place);
  if (isCoveredAnswer) {
    byId("sum-parts").replaceChildren(element("p", { textContent: "Guess first, then look." }));
    return;
  }
  const received = index ? now.activations[index - 1] : now.image;
  const parts = sumParts(layer, place, received, now.activations[index], (other) => choose(index, other));
  byId("sum-parts").replaceChildren(...parts);
  byId("sum-note").hidden = false;
  frameValues(grids.get(index), place);
  frameSource(layer, place, received);
}

function valueName(layer, { y, x, c }) {
  if (layer.index === LAST) return `The answer ${c}`;
  return layer.shape[0] === 1 ? `${layer.name}, node ${c}` : `${layer.name}, map ${c}, row ${y}, column ${x}`;
}

// Where the value comes from, in the picture of the layer before.
function frameSource(layer, { y, x, c }, received) {
  const before = grids.get(layerBefore(layer)?.index);
  const overlay = byId("received-frame");
  overlay.hidden = !(layer.index === 0 && layer.kind === "convolution");
  if (!overlay.hidden) {
    const [height, width] = layer.window;
    placeOverlay(overlay, { left: x - 0.5, top: y - 0.5, width, height });
  }
  if (!before) return;
  const found = sumBehind(layer, { y, x, c }, received, now.activations[layer.index]);
  if (layer.kind === "dense") {
    for (const place of strongestPlaces(found.products, STRONGEST)) {
      const [row, column, map] = unravel(place, before.width, before.channels);
      frameValues(before, { y: row, x: column, c: map });
    }
    return;
  }
  const map = layer.kind === "pooling" ? c : strongest(found.byMap);
  const patch = patchOf(layer, received, y, x, map);
  frameValues(before, { y: patch.top, x: patch.left, c: map }, patch.rows, patch.columns);
}

// Lay a frame over the image; pixel 0 has its middle at 0.
function placeOverlay(overlay, { left, top, width, height }) {
  const share = (pixels) => `${(100 * pixels) / SIDE}%`;
  const place = { left: share(left + 0.5), top: share(top + 0.5), width: share(width), height: share(height) };
  Object.assign(overlay.style, place);
}

function paintReceived(form) {
  const brush = byId("received").getContext("2d");
  const pixels = brush.createImageData(SIDE, SIDE);
  const colours = new Uint32Array(pixels.data.buffer);
  form.image.forEach((ink, place) => (colours[place] = shade(grey, ink, 0, 1)));
  brush.putImageData(pixels, 0, 0);
  byId("box").hidden = !form.box;
  byId("centre").hidden = !form.box;
  if (!form.box) return;
  placeOverlay(byId("box"), form.box);
  const [x, y] = centreOfMass(form.image);
  placeOverlay(byId("centre"), { left: x, top: y, width: 0, height: 0 });
}

function paintLayers() {
  for (const [index, grid] of grids) {
    const silent = paintGrid(grid, now.activations[index], now.scale);
    const many = grid.channels.toLocaleString("en");
    const what = grid.layer.shape[0] === 1 ? "nodes" : "maps";
    grid.caption.textContent = `${many} ${what}, ${silent} silent; ${rangeWords(grid.layer)}`;
  }
}

function rangeWords(layer) {
  const [low, high] = now.scale === "raw" ? layer.range : rangeOf(now.activations[layer.index], 0, 1);
  if (now.scale === "channel" || now.scale === "standard") return course.scales[now.scale];
  return `dark is ${number(low)}, bright is ${number(high)}`;
}

// The one path from a changed drawing to a changed page.
function update() {
  const started = performance.now();
  const form = toMnistForm(drawing.strokes);
  now.image = form.image;
  now.activations = forward(form.image);
  paintDrawing(drawing);
  paintReceived(form);
  paintLayers();
  showAnswers();
  showChosen();
  swap.update(now.activations);
  now.milliseconds = performance.now() - started;
}

const EMPTY = "Empty paper, and still an answer: the network cannot say \u201cnothing\u201d.";

function showAnswers() {
  const answers = now.activations.at(-1);
  const isEmpty = !drawing.strokes.length;
  document.body.classList.toggle("covered", isCovered());
  byId("hint").hidden = !(isEmpty || drawing.greeting);
  byId("undo").disabled = !drawing.past.length;
  byId("clear").disabled = isEmpty;
  byId("guesses").hidden = !isCovered();
  setBars(answers);
  if (guessing.on && isCovered()) byId("said").textContent = "What will the network say? Guess, then look.";
  else if (guessing.on) return; // what came of the guess stays to be read
  else if (isEmpty) byId("said").textContent = EMPTY;
  else byId("said").textContent = `The network says ${bestOf(answers)} (${percent(answers[bestOf(answers)])}).`;
}

let isScheduled = false;

// A pen moves more often than a screen shows: at most one update for each picture of the screen.
function changed(isFinished) {
  guessing.guess = null;
  if (isFinished) {
    history.replaceState(null, "", addressOf(drawing.greeting ? [] : drawing.strokes));
    byId("address-said").textContent = "";
  }
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    update();
    byId("milliseconds").textContent = `${now.milliseconds.toFixed(0)} ms`;
  });
}

function readAddress() {
  const strokes = strokesOf(location.hash);
  const greets = !strokes?.length;
  drawing.strokes = greets ? decodeStrokes(course.digits[4].code) : strokes;
  drawing.past = [];
  drawing.greeting = greets;
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
  connectDial(byId("dial"), drawing);
  for (const radio of document.getElementsByName("scale")) {
    radio.addEventListener("change", () => {
      now.scale = radio.value;
      paintLayers();
    });
  }
  byId("guess-first").addEventListener("change", (event) => {
    Object.assign(guessing, { on: event.target.checked, guess: null, asked: 0, right: 0 });
    update();
  });
  for (let digit = 0; digit < 10; digit++) {
    const button = element("button", { type: "button", textContent: digit });
    button.addEventListener("click", () => {
      byId("said").textContent = takeGuess(digit, now.activations.at(-1));
      update();
      byId("paper").focus({ preventScroll: true });
    });
    byId("guesses").append(button);
  }
  const closeSum = () => byId("sum").classList.remove("open");
  byId("sum-close").addEventListener("click", closeSum);
  byId("paper").addEventListener("pointerdown", closeSum); // it may lie over the paper
  window.addEventListener("hashchange", readAddress);
  window.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (isUndo && event.target.type !== "number") {
      undo(drawing);
      event.preventDefault();
    }
    if (event.key === "Escape") closeSum();
  });
}

const thumbnails = [];

function makeThumbnails() {
  for (const digit of course.digits) {
    const thumbnail = digitButton(digit, (strokes) => changeDrawing(drawing, strokes));
    thumbnails.push(thumbnail);
    byId(digit.digit === null ? "unclear" : "clear-ones").append(thumbnail.button);
  }
}

function connectTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const repaint = () => {
    byId("theme").textContent = isDark() ? "Light" : "Dark";
    thumbnails.forEach(({ paint }) => paint());
    paintDrawing(drawing);
    swap.show();
  };
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    repaint();
  });
  system.addEventListener("change", repaint);
  repaint();
}

function rankedWords() {
  const { images, origin } = course.swap;
  const kind = origin === "real" ? "digits of MNIST" : "small digits that stand in for MNIST, so roughly";
  return `${images.toLocaleString("en")} ${kind}`;
}

function layOut() {
  for (const grid of [...grids.values(), ...swap.grids]) layOutGrid(grid);
  const paper = byId("paper");
  paper.width = paper.height = Math.round(paper.clientWidth * (window.devicePixelRatio || 1));
}

function start() {
  makeLayerCards();
  makeThumbnails();
  const names = ["own", "other", "telling", "random", "count", "slider", "digits", "results", "verdict"];
  const parts = Object.fromEntries(names.map((name) => [name, byId(`swap-${name}`)]));
  parts.section = byId("swap");
  Object.assign(parts, { tellingBars: byId("swap-telling-bars"), randomBars: byId("swap-random-bars") });
  swap = makeSwap(parts, (holder) => {
    const grid = makeGrid(swapLayer, `${swapLayer.name}, ${holder.dataset.words}`);
    Object.assign(grid.maps, { tabIndex: -1 });
    grid.maps.setAttribute("role", "img");
    holder.querySelector("figcaption").after(grid.holder);
    return grid;
  });
  layOut();
  connectControls();
  readAddress();
  connectTheme();
  byId("ranked").textContent = rankedWords();
  let width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return; // a phone's bars come and go
    width = innerWidth;
    layOut();
    update();
  });
}

start();

// For the curious, who open the console: explorer.forward(image) gives every layer of the network.
window.explorer = {
  addressOf, drawing, forward, layers, now, scaleChannels, strokesOf, sumBehind, toMnistForm, trySwap, update,
};
