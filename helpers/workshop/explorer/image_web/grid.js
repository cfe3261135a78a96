// The layer that was chosen: all its maps as one grid.

import { asMaps } from "../engine/tensors.js";
import { drawMaps, rangeOf } from "./maps.js";
import { byId, course, fillSelect, threeDigits } from "./page.js";
import { shownPlaces } from "./strip.js";

const LARGE = 20; // pixels of a map: from here on fewer stand in a row

export function makeGrid(onChoose) {
  const canvas = byId("grid");
  let [maps, layout, channel] = [null, null, 0];

  fillSelect(byId("layer-choice"), shownPlaces.map((place) => [place, course.network.nodes[place].name]));
  byId("layer-choice").addEventListener("change", ({ target }) => onChoose(Number(target.value)));
  fillSelect(byId("map-scale"), Object.entries(course.scales), "layer");
  byId("map-scale").addEventListener("change", draw);
  window.addEventListener("resize", draw);
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("keydown", (event) => {
    if (!maps) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns }[event.key];
    if (!step) return;
    event.preventDefault();
    say(Math.min(maps.channels - 1, Math.max(0, channel + step)));
  });

  function point(event) {
    if (!maps) return;
    const ratio = canvas.width / canvas.clientWidth;
    const x = Math.floor((event.offsetX * ratio) / layout.stepX);
    const y = Math.floor((event.offsetY * ratio) / layout.stepY);
    const pointed = y * layout.columns + x;
    if (pointed < maps.channels && x < layout.columns) say(pointed);
  }

  // Says what a map holds, and frames it.
  function say(pointed) {
    channel = pointed;
    const [low, high] = rangeOf(maps.values, channel, maps.channels);
    const values = low === high ? `all ${threeDigits(low)}` : `${threeDigits(low)} to ${threeDigits(high)}`;
    const ring = markStrongest(low < high && maps.width * maps.height > 1);
    byId("grid-said").textContent = `Channel ${channel} of 0 to ${maps.channels - 1}: ${values}.${ring}`;
    draw();
    frame();
  }

  // Puts a ring on the image where the largest value of the map lies; returns the words for it.
  function markStrongest(there) {
    byId("strongest").hidden = !there;
    if (!there) return "";
    const { width, height, values } = maps;
    let best = channel;
    for (let place = channel; place < values.length; place += maps.channels) {
      if (values[place] > values[best]) best = place;
    }
    const [x, y] = [Math.floor(best / maps.channels) % width, Math.floor(best / maps.channels / width)];
    byId("strongest").style.left = `${(100 * (x + 0.5)) / width}%`;
    byId("strongest").style.top = `${(100 * (y + 0.5)) / height}%`;
    return ` Strongest at row ${y}, column ${x}: the ring on the image.`;
  }

  function frame() {
    const paper = canvas.getContext("2d");
    const left = (channel % layout.columns) * layout.stepX;
    const top = Math.floor(channel / layout.columns) * layout.stepY;
    paper.lineWidth = 3;
    paper.strokeStyle = getComputedStyle(canvas).getPropertyValue("--mark");
    paper.strokeRect(left + 1.5, top + 1.5, layout.cell - 3, layout.high - 3);
  }

  function draw() {
    if (!maps) return;
    const ratio = window.devicePixelRatio || 1;
    const available = Math.max(200, byId("grid-holder").clientWidth) * ratio;
    const usual = maps.width * maps.height === 1 ? 24 : maps.width > LARGE ? 8 : 16;
    const columns = Math.min(maps.channels, available < 560 * ratio ? Math.ceil(usual / 2) : usual);
    const cell = Math.max(4, Math.min(200 * ratio, Math.floor(available / columns) - 2 * ratio));
    const places = Array.from({ length: maps.channels }, (_, place) => place);
    layout = drawMaps(canvas, maps, places, { columns, cell: Math.floor(cell), scale: byId("map-scale").value });
    canvas.style.width = `${canvas.width / ratio}px`;
  }

  return {
    show(place, tensor) {
      const { name, type } = course.network.nodes[place];
      byId("layer-choice").value = place;
      byId("chosen-title").textContent = name || type;
      maps = tensor ? asMaps(tensor) : null;
      canvas.hidden = !maps;
      if (!maps) return;
      const silent = silentOf(maps);
      const shape = tensor.shape.join(" x ");
      const black = silent ? ` ${silent} of ${maps.channels} channels are silent for this image: 0 everywhere.` : "";
      byId("chosen-about").textContent = `${type}: ${shape}.${black}`;
      canvas.setAttribute("aria-label", `${maps.channels} maps of ${name}; arrow keys go from one to the next`);
      channel = Math.min(channel, maps.channels - 1);
      byId("strongest").hidden = true;
      byId("grid-said").textContent = "Point at a map for its values.";
      draw();
    },
  };
}

function silentOf({ values, channels }) {
  const awake = new Uint8Array(channels);
  for (let place = 0; place < values.length; place++) if (values[place] !== 0) awake[place % channels] = 1;
  return awake.filter((each) => !each).length;
}
