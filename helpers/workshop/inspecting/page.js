// Point at a map, tap it, or move with the arrow keys: which channel is it, and what are its values?
"use strict";
const statistics = JSON.parse(document.getElementById("statistics").textContent);

function percent(share) {
  const rounded = Math.round(100 * share);
  return rounded === 100 && share < 1 ? "over 99" : rounded === 0 ? "under 1" : `${rounded}`;
}

function words(unit, channel, count, [low, high, zeros]) {
  const range = low === null ? "values that are not finite" : low === high ? `${low} everywhere` : `${low} to ${high}`;
  const value = unit === "unit" ? `${low}` : low === 0 && high === 0 ? "silent" : range;
  const share = unit !== "unit" && high !== low && zeros ? `, ${percent(zeros)} % zeros` : "";
  return `${unit} ${channel} of ${count} (from 0): ${value}${share}`;
}

function enlarged(image, x, y, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d").drawImage(image, x, y, width, height, 0, 0, width, height);
  return canvas;
}

function listen(figure) {
  const image = figure.querySelector("img"), mark = figure.querySelector(".mark");
  const readout = figure.querySelector(".readout"), { id, unit } = figure.dataset;
  const columns = Number(figure.dataset.columns), count = statistics[id].length;
  const [width, height] = figure.dataset.tile.split(" ").map(Number);
  let current = -1;

  function show(channel) {
    if (channel < 0 || channel >= count || channel === current) return;
    current = channel;
    const x = (channel % columns) * (width + 1), y = Math.floor(channel / columns) * (height + 1);
    const across = 100 / image.naturalWidth, down = 100 / image.naturalHeight;
    Object.assign(mark.style, { left: `${x * across}%`, top: `${y * down}%`, width: `${width * across}%`, height: `${height * down}%` });
    mark.hidden = false;
    const text = document.createElement("span");
    text.textContent = words(unit, channel, count, statistics[id][channel]);
    readout.replaceChildren(...(width > 1 ? [enlarged(image, x, y, width, height)] : []), text);
  }

  function at(event) {
    const box = image.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * (image.naturalWidth + 1) / (width + 1));
    const row = Math.floor(((event.clientY - box.top) / box.height) * (image.naturalHeight + 1) / (height + 1));
    if (column >= 0 && column < columns && row >= 0) show(row * columns + column);
  }

  image.addEventListener("pointermove", at);
  image.addEventListener("pointerdown", at);
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(current < 0 ? 0 : current + step);
  });
}

document.querySelectorAll("figure.grid").forEach(listen);

// The layers of a large network are drawn when their block is opened, or when a link leads to one of them.
function draw(block) {
  const template = block.querySelector("template");
  if (!template) return;
  template.replaceWith(template.content);
  block.querySelectorAll("figure.grid").forEach(listen);
}

function find() {
  const block = document.querySelector(`details.block[data-layers~="${CSS.escape(location.hash.slice(1))}"]`);
  if (!block) return;
  draw(block);
  block.open = true;
  document.getElementById(location.hash.slice(1)).scrollIntoView();
}

for (const block of document.querySelectorAll("details.block")) block.addEventListener("toggle", () => draw(block));
addEventListener("hashchange", find);
find();
