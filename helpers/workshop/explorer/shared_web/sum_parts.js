// What the panel of a sum consists of: lines, small tables, all products, a chart that fills up, and the maps in a row.

import { unravel } from "../engine/tensors.js";
import { placeOnMap } from "./frames.js";
import { drawMap, drawMaps, palettes, rangeOf, shade } from "./maps.js";
import { byId, element, percent, threeDigits } from "./page.js";
import { moveAlong } from "./strip.js";

const LARGEST_TABLE = 25; // values
const FEW = 4; // shares that the chart's words name, and products that are listed
const WHILE_MOVING = 12; // of many maps, so many follow a window or a pen

const activationWords = {
  relu: (sum) => (sum > 0 ? "ReLU: above 0, so it stays" : "ReLU: not above 0, so it becomes 0"),
  softmax: () => "softmax makes all sums of the layer shares of one whole",
  sigmoid: () => "sigmoid brings it between 0 and 1",
};

const signed = (value) => `${value < 0 ? "\u2212" : "+"} ${threeDigits(Math.abs(value))}`;

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function setLines(holder, lines) {
  const lineOf = ([words, number, className = ""]) => element("div", { className: `line ${className}` },
    element("span", { textContent: words }), element("b", { textContent: number }));
  holder.replaceChildren(...lines.map(lineOf));
}

export function showLines({ kind, products, shares, total, bias, activation, value }) {
  const sum = total + bias;
  const lines = [];
  const pooled = kind.includes("Max") ? "largest" : kind.includes("Average") ? "mean" : null;
  if (pooled) lines.push([`the ${pooled} of ${plural(products, "value")}`, threeDigits(value), "result"]);
  else {
    const maps = shares.length > 1 ? ` from ${plural(shares.length, "map")}` : "";
    lines.push([`${plural(products, "product")}${maps}`, threeDigits(total)], ["bias", signed(bias)]);
    lines.push(["sum", threeDigits(sum), "total"]);
  }
  if (activation !== "linear") {
    const words = activationWords[activation] ?? (() => activation.replaceAll("_", " "));
    lines.push([words(sum), activation === "softmax" ? percent(value) : threeDigits(value), "result"]);
  }
  setLines(byId("pin-lines"), lines);
}

// What one map adds: its values in the window, the weights, and their products.
export function showTables({ kind, patch }) {
  const { map, terms } = patch;
  if (terms.length > LARGEST_TABLE) return byId("pin-tables").replaceChildren();
  const pooled = kind.includes("Pooling");
  const window = tableOf(`map ${map} in the window`, terms, ({ value }) => value);
  const sign = (text) => element("span", { textContent: text });
  const products = () => [sign("\u00d7"), tableOf("weights", terms, ({ weight }) => weight), sign("="),
    tableOf("products", terms, ({ value, weight }) => value * weight)];
  const kept = terms.findIndex(({ weight }) => weight === 1);
  if (kind.includes("Max")) window.querySelectorAll("td")[kept].className = "kept";
  byId("pin-tables").replaceChildren(window, ...(pooled ? [] : products()));
}

// Numbers on the colours of the course: white is 0, red above, blue below.
function tableOf(title, terms, numberOf) {
  const most = Math.max(...terms.map((term) => Math.abs(numberOf(term)))) || 1;
  const rows = new Map();
  for (const term of terms) {
    if (!rows.has(term.y)) rows.set(term.y, element("tr"));
    const cell = element("td", { textContent: threeDigits(numberOf(term)) });
    const [background, color] = colours((numberOf(term) / most + 1) / 2);
    Object.assign(cell.style, { background, color });
    rows.get(term.y).append(cell);
  }
  return element("table", {}, element("caption", { textContent: title }), element("tbody", {}, ...rows.values()));
}

// A colour, and an ink that can be read on it.
function colours(share) {
  const bytes = shade(palettes.weights, share);
  const channels = [bytes & 255, (bytes >> 8) & 255, (bytes >> 16) & 255];
  const light = [0.2126, 0.7152, 0.0722].reduce((sum, part, c) => sum + part * (channels[c] / 255) ** 2.2, 0);
  return [`rgb(${channels.join(" ")})`, light > 0.18 ? "#000" : "#fff"];
}

// The places of the largest products, up or down; none of those that are zero.
export function strongestPlaces(products) {
  const places = [...products.keys()].filter((place) => products[place] !== 0);
  return places.sort((one, two) => Math.abs(products[two]) - Math.abs(products[one])).slice(0, FEW);
}

// Of a unit that sees every value: all products, tiled like the picture of the layer before, and the strongest ones.
export function showProducts({ all }, input) {
  byId("pin-all").hidden = !all;
  if (!all) return;
  const columns = Math.min(input.channels, input.width > 1 ? 16 : 20);
  const cell = Math.max(2, Math.floor((320 * (window.devicePixelRatio || 1)) / columns) - 2);
  const most = Math.max(...rangeOf(all).map(Math.abs)) || 1;
  const shown = { columns, cell, scale: "raw", range: [-most, most], palette: palettes.weights };
  drawMaps(byId("pin-products"), { ...input, values: all }, [...Array(input.channels).keys()], shown);
  const [ups, downs] = [all.filter((product) => product > 0), all.filter((product) => product < 0)];
  const sumOf = (values) => values.reduce((one, two) => one + two, 0);
  const strongest = strongestPlaces(all).map((place) => {
    const { y, x, channel } = unravel(place, input);
    const where = input.width > 1 ? `map ${channel}, row ${y}, column ${x}` : `node ${channel}`;
    return [`${where}: ${threeDigits(input.values[place])} \u00d7 ${threeDigits(all[place] / input.values[place])}`,
      signed(all[place])];
  });
  setLines(byId("pin-strongest"), [[`${plural(ups.length, "product")} push up`, signed(sumOf(ups))],
    [`${plural(downs.length, "product")} pull down`, signed(sumOf(downs))], ...strongest]);
}

// The sum from the bias on, map after map, the largest share first; `filled` is how much of it is there, 0 to 1.
export function drawSum({ shares, bias, total }, filled) {
  const canvas = byId("pin-chart");
  canvas.hidden = shares.length < 2;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * ratio) || 1);
  Object.assign(canvas, { width, height });
  const levels = [bias];
  for (const { share } of shares) levels.push(levels.at(-1) + share);
  const [low, high] = rangeOf([0, ...levels]);
  const heightOf = (value) => 3 * ratio + ((high - value) / (high - low || 1)) * (height - 6 * ratio);
  const paper = canvas.getContext("2d");
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name);
  const count = Math.round(filled * shares.length);
  shares.slice(0, count).forEach(({ share }, place) => {
    const [from, to] = [heightOf(levels[place]), heightOf(levels[place + 1])];
    paper.fillStyle = colour(share < 0 ? "--down" : "--up");
    const left = (place * width) / shares.length;
    paper.fillRect(left, Math.min(from, to), Math.max(1, width / shares.length - (shares.length < 80 ? 1 : 0)),
      Math.max(ratio, Math.abs(to - from)));
  });
  paper.fillStyle = colour("--ink");
  paper.fillRect(0, heightOf(0) - ratio / 2, width, ratio);
  paper.fillRect(0, heightOf(levels[count]) - ratio, width, 2 * ratio);
  const first = shares.slice(0, FEW).map(({ map, share }) => `map ${map} ${signed(share)}`).join(", ");
  canvas.setAttribute("aria-label", `The sum fills up: bias ${signed(bias)}, ${first}; ` +
    `in all ${threeDigits(total + bias)}`);
}

// The maps that a value is made of, in a row; onChoose(map) is called when one is chosen.
export function makeShares(onChoose) {
  const row = byId("pin-shares");
  const items = []; // by map
  row.addEventListener("keydown", moveAlong);
  return function show({ shares, window, patch }, maps, look, few) {
    const most = Math.max(...shares.map(({ share }) => Math.abs(share))) || 1;
    const shown = few && shares.length > 2 * WHILE_MOVING ? shares.slice(0, WHILE_MOVING) : shares;
    const found = shown.map(({ map, share }) => {
      const item = (items[map] ??= makeItem(map, onChoose));
      drawMap(item.canvas, maps, map, ...look);
      placeOnMap(item.frame, window, maps);
      item.value.textContent = signed(share);
      item.bar.style.width = `${(100 * Math.abs(share)) / most}%`;
      item.bar.className = share < 0 ? "down" : "up";
      item.button.setAttribute("aria-pressed", map === patch.map);
      item.button.tabIndex = map === patch.map ? 0 : -1;
      return item.button;
    });
    const focused = document.activeElement;
    row.replaceChildren(...found);
    if (found.includes(focused)) focused.focus();
  };
}

function makeItem(map, onChoose) {
  const canvas = element("canvas");
  canvas.setAttribute("aria-hidden", "true");
  const [frame, value, bar] = [element("i", { className: "frame" }), element("b"), element("span")];
  const button = element("button", { type: "button" }, element("span", { className: "marked" }, canvas, frame),
    element("span", { textContent: `map ${map}` }), value, element("span", { className: "bar" }, bar));
  button.addEventListener("click", () => onChoose(map));
  return { button, canvas, frame, value, bar };
}
