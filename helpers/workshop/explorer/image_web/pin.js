// A value of a layer that is pinned: where its window lies, what it is made of, and the window sliding over the map.

import { asMaps } from "../engine/tensors.js";
import { placeFrame } from "./frames.js";
import { brightnessOf, mapImage } from "./maps.js";
import { byId, course, threeDigits } from "./page.js";
import { makeShares, shareOf } from "./shares.js";
import { drawSum, showLines, showTables } from "./sum_view.js";

const SECONDS = 12; // that the window takes for a map of many places
const SLOWEST = 0.6; // seconds a place, on a small map

// tensorOf(place) gives a layer's tensor. Returns { start, refresh, close }.
export function makePin({ ask, tensorOf, onMove }) {
  const panel = byId("pin");
  const showShares = makeShares({ onChoose: (map) => open({ ...at, map }) });
  let [at, playing] = [null, 0];
  byId("pin-close").addEventListener("click", () => {
    close();
    byId("grid").focus();
  });
  byId("pin-play").addEventListener("click", () => (playing ? stop() : play()));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && byId("pin-close").click());
  byId("pin-to").addEventListener("keydown", step);
  byId("pin-to").addEventListener("click", ({ offsetX, offsetY, target }) => {
    const { width, height } = asMaps(tensorOf(at.place));
    const cell = (offset, side, cells) => Math.min(cells - 1, Math.max(0, Math.floor((offset / side) * cells)));
    stop();
    open({ ...at, y: cell(offsetY, target.clientHeight, height), x: cell(offsetX, target.clientWidth, width) });
  });

  function step(event) {
    const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!steps) return;
    event.preventDefault();
    const { width, height } = asMaps(tensorOf(at.place));
    stop();
    const inside = (place, cells) => Math.min(cells - 1, Math.max(0, place));
    open({ ...at, x: inside(at.x + steps[0], width), y: inside(at.y + steps[1], height) });
  }

  // Shows the value at { place, y, x, channel }; `map` is the one of the layer before that is looked at closely.
  async function open(asked, filled = 1) {
    at = asked;
    onMove(at);
    const answer = await ask("explain", at);
    if (at !== asked) return null; // another was chosen meanwhile
    const explained = answer?.shares.length ? answer : null; // nothing may lie under a transposed convolution's value
    panel.hidden = false;
    showTitle(at, explained);
    drawMap(byId("pin-to"), asMaps(tensorOf(at.place)), at.channel, playing ? at : null);
    placeFrame(byId("pin-value"), shareOf({ top: at.y, left: at.x, bottom: at.y + 1, right: at.x + 1 },
      asMaps(tensorOf(at.place))));
    panel.classList.toggle("plain", !explained);
    if (explained) showSum(explained, filled);
    return explained;
  }

  // Pins a value that was chosen in the grid: the panel comes into sight, and arrow keys go on from there.
  async function start(asked) {
    stop();
    await open(asked);
    panel.scrollIntoView({ block: "nearest" });
    byId("pin-to").focus({ preventScroll: true });
  }

  function showSum(explained, filled) {
    const before = asMaps(tensorOf(explained.before));
    drawMap(byId("pin-from"), before, explained.patch.map);
    placeFrame(byId("pin-window"), shareOf(explained.window, before));
    byId("pin-from-title").textContent = `${nameOf(explained.before)}: map ${explained.patch.map}`;
    showLines(explained);
    showTables(explained);
    showShares(explained, before, byId("map-scale").value, playing > 0);
    drawSum(explained, filled);
  }

  function showTitle({ place, y, x, channel }, explained) {
    const { width, height, channels } = asMaps(tensorOf(place));
    const where = width * height > 1 ? `row ${y}, column ${x} of ` : "";
    byId("pin-title").textContent = `${nameOf(place)}: ${where}map ${channel} of 0 to ${channels - 1}`;
    byId("pin-to-title").textContent = `${nameOf(place)}: map ${channel}`;
    byId("pin-play").hidden = !explained && !playing;
    byId("pin-plain").textContent = explained ? "" : plainWords(at, tensorOf);
    const count = explained?.shares.length ?? 0;
    byId("pin-shares-title").textContent = count > 1 ? `All ${count} maps by what they add, the most first` : "";
  }

  // Lets the window go over the map, from the first place to the last; the map and the sum fill up.
  async function play() {
    const run = (playing = performance.now());
    name();
    const [start, { width, height }] = [at, asMaps(tensorOf(at.place))];
    const count = width * height;
    const seconds = count === 1 ? 2 : Math.min(SLOWEST, SECONDS / count);
    const stride = Math.max(1, Math.round(0.02 / seconds)); // places a step, where the map has very many
    for (let place = 0; place < count && playing === run; place += stride) {
      const here = { ...at, y: Math.floor(place / width), x: place % width };
      const explained = await open(here, 0);
      if (explained) await fill(explained, seconds, () => playing === run && at === here);
    }
    if (playing !== run) return;
    stop();
    if (at?.place === start.place && at.channel === start.channel) open(start);
  }

  function stop() {
    if (!playing) return;
    playing = 0;
    name();
  }

  function name() {
    byId("pin-play").textContent = playing ? "Stop" : "Play: slide the window";
  }

  function close() {
    stop();
    at = null;
    panel.hidden = true;
    onMove(null);
  }

  name();
  return { start, close, refresh: () => at && !playing && open(at) };
}

// Fills the sum up in so many seconds, one frame of the screen after the other.
async function fill(explained, seconds, goesOn) {
  const began = performance.now();
  for (let share = 0; share < 1 && goesOn();) {
    await new Promise(requestAnimationFrame);
    share = Math.min(1, (performance.now() - began) / 1000 / seconds);
    drawSum(explained, share);
  }
}

const nameOf = (place) => course.network.nodes[place].name || course.network.nodes[place].type;

// Of a layer that adds nothing up: what lay at the same place before.
function plainWords(at, tensorOf) {
  const { type, from } = course.network.nodes[at.place];
  const tensor = tensorOf(at.place);
  const valueOf = ({ shape, values }) => {
    const { width, channels } = asMaps({ shape, values });
    return threeDigits(values[(at.y * width + at.x) * channels + at.channel]);
  };
  const same = from.every((before) => String(tensorOf(before).shape) === String(tensor.shape));
  const made = from.map((before) => (same ? `${valueOf(tensorOf(before))} in ${nameOf(before)}` : nameOf(before)));
  return `${type} adds nothing up in a window: it makes ${valueOf(tensor)} of ${made.join(" and ")}.`;
}

// One map, enlarged; with `until`, only up to that place.
function drawMap(canvas, maps, channel, until = null) {
  const image = mapImage(maps, channel, brightnessOf(maps, byId("map-scale").value));
  Object.assign(canvas, { width: maps.width, height: maps.height });
  const paper = canvas.getContext("2d");
  paper.putImageData(image, 0, 0);
  if (!until) return;
  paper.clearRect(until.x + 1, until.y, maps.width, 1);
  paper.clearRect(0, until.y + 1, maps.width, maps.height);
}
