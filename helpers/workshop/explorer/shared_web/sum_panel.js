// The sum behind a value of a layer: where its window lies, what it is made of, and the window sliding over the map.

import { asMaps } from "../engine/tensors.js";
import { placeOnMap } from "./frames.js";
import { drawMap, palettes } from "./maps.js";
import { byId, course, threeDigits } from "./page.js";
import { drawSum, makeShares, showLines, showProducts, showTables } from "./sum_parts.js";

const SECONDS = 12; // that the window takes for a map of many places
const SLOWEST = 0.6; // seconds a place, on a small map
const { nodes, outputs } = course.network;

// explain(at) gives what explainValue says of { place, y, x, channel, map }, or promises it; tensorOf(place) is a
// layer's tensor, brightness(place) that of its maps. onMove(at, explained) is called for each value, and with null
// when the panel was closed. instead(at) gives words where no sum may be shown. Returns { open, stop, close, refresh }.
export function makeSum({ explain, tensorOf, brightness, onMove, instead = () => "" }) {
  const panel = byId("pin");
  const showShares = makeShares((map) => open({ ...at, map }));
  const mapsOf = (place) => asMaps(tensorOf(place));
  let [at, playing] = [null, 0];
  byId("pin-close").addEventListener("click", close);
  byId("pin-play").addEventListener("click", () => (playing ? stop() : play()));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && byId("pin-close").click());
  byId("pin-to").addEventListener("keydown", (event) => {
    const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!steps) return;
    event.preventDefault();
    moveTo(at.x + steps[0], at.y + steps[1]);
  });
  byId("pin-to").addEventListener("click", ({ offsetX, offsetY, target }) => {
    const { width, height } = mapsOf(at.place);
    moveTo(Math.floor((offsetX / target.clientWidth) * width), Math.floor((offsetY / target.clientHeight) * height));
  });

  function moveTo(x, y) {
    const { width, height } = mapsOf(at.place);
    const inside = (cell, cells) => Math.min(cells - 1, Math.max(0, cell));
    stop();
    open({ ...at, x: inside(x, width), y: inside(y, height) });
  }

  // Shows the value at { place, y, x, channel }; `map` is the one of the layer before that is looked at closely. With
  // `few` of very many maps only the first are shown, `filled` is how much of the sum is there.
  async function open(asked, { few = playing > 0, filled = 1 } = {}) {
    at = asked;
    const words = instead(at);
    const answer = words ? null : await explain(at);
    if (at !== asked) return null; // another was chosen meanwhile
    const explained = answer?.shares.length ? answer : null; // nothing may lie under a transposed convolution's value
    const maps = mapsOf(at.place);
    panel.hidden = false;
    showTitles(maps, explained);
    byId("pin-plain").textContent = words || (explained ? "" : plainWords(at, tensorOf));
    byId("pin-map").hidden = maps.width * maps.height === 1;
    drawMap(byId("pin-to"), maps, at.channel, brightness(at.place), paletteOf(at.place), playing ? at : null);
    placeOnMap(byId("pin-value"), { top: at.y, left: at.x, bottom: at.y + 1, right: at.x + 1 }, maps);
    panel.classList.toggle("plain", !explained);
    if (explained) showSum(explained, few, filled);
    onMove(at, explained);
    return explained;
  }

  function showSum(explained, few, filled) {
    const { before, patch, window } = explained;
    const [maps, look] = [mapsOf(before), [brightness(before), paletteOf(before)]];
    drawMap(byId("pin-from"), maps, patch.map, ...look);
    placeOnMap(byId("pin-window"), window, maps);
    byId("pin-from-title").textContent = `${nameOf(before)}: map ${patch.map}`;
    showLines(explained);
    showTables(explained);
    showProducts(explained, maps);
    showShares(explained, maps, look, few);
    drawSum(explained, filled);
  }

  function showTitles({ width, height, channels }, explained) {
    byId("pin-title").textContent = valueName(at, { width, height, channels });
    byId("pin-to-title").textContent = `${nameOf(at.place)}: map ${at.channel}`;
    byId("pin-play").hidden = !explained && !playing;
    const count = explained?.shares.length ?? 0;
    byId("pin-shares-title").textContent = count > 1 ? `All ${count} maps by what they add, the most first` : "";
  }

  // Lets the window go over the map, from the first place to the last; the map and the sum fill up.
  async function play() {
    const run = (playing = performance.now());
    name();
    const [start, { width, height }] = [at, mapsOf(at.place)];
    const count = width * height;
    const seconds = count === 1 ? 2 : Math.min(SLOWEST, SECONDS / count);
    const stride = Math.max(1, Math.round(0.02 / seconds)); // places a step, where the map has very many
    for (let place = 0; place < count && playing === run; place += stride) {
      const here = { ...at, y: Math.floor(place / width), x: place % width };
      const explained = await open(here, { filled: 0 });
      if (explained) await fill(explained, seconds, () => playing === run && at === here);
    }
    if (playing !== run) return;
    stop();
    if (at?.place === start.place && at.channel === start.channel) open(start);
  }

  function stop() {
    playing = 0;
    name();
  }

  function name() {
    byId("pin-play").textContent = playing ? "Stop" : "Play";
  }

  function close() {
    stop();
    at = null;
    panel.hidden = true;
    onMove(null);
  }

  name();
  return { open, stop, close, refresh: (how) => at && !playing && open(at, how) };
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

const nameOf = (place) => nodes[place].name || nodes[place].type;

// Values of the image are grey; all others have the colours of the maps.
const paletteOf = (place) => palettes[nodes[place].type === "InputLayer" ? "grey" : "values"];

// What a value is called; `maps` are those of its layer.
export function valueName({ place, y, x, channel }, { width, height, channels }) {
  const { names } = course.answers[outputs.indexOf(place)] ?? {};
  if (names?.length === channels) return `The answer ${names[channel]}`;
  if (width * height === 1) return `${nameOf(place)}: node ${channel}`;
  return `${nameOf(place)}: map ${channel}, row ${y}, column ${x}`;
}

// Of a layer that adds nothing up: what lay at the same place before.
function plainWords(at, tensorOf) {
  const { type, from } = nodes[at.place];
  const tensor = tensorOf(at.place);
  const valueOf = ({ shape, values }) => {
    const { width, channels } = asMaps({ shape, values });
    return threeDigits(values[(at.y * width + at.x) * channels + at.channel]);
  };
  const same = from.every((before) => String(tensorOf(before).shape) === String(tensor.shape));
  const made = from.map((before) => (same ? `${valueOf(tensorOf(before))} in ${nameOf(before)}` : nameOf(before)));
  return `${type} adds nothing up in a window: it makes ${valueOf(tensor)} of ${made.join(" and ")}.`;
}
