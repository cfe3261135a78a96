// The sum behind a value: in lines, as small tables, and as a chart that fills up.

import { rangeOf } from "./maps.js";
import { byId, element, threeDigits } from "./page.js";

const LARGEST_TABLE = 25; // values
const FEW = 4; // shares that the chart's words name

const activationWords = {
  relu: (sum) => (sum > 0 ? "ReLU: above 0, so it stays" : "ReLU: not above 0, so it becomes 0"),
  softmax: () => "softmax makes all sums of the layer shares of one whole",
  sigmoid: () => "sigmoid brings it between 0 and 1",
};

export const signed = (value) => `${value < 0 ? "\u2212" : "+"} ${threeDigits(Math.abs(value))}`;

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

export function showLines({ kind, products, shares, total, bias, activation, value }) {
  const sum = total + bias;
  const lines = [];
  if (kind.includes("Max")) lines.push([`the largest of ${plural(products, "value")}`, threeDigits(value)]);
  else if (kind.includes("Average")) lines.push([`the mean of ${plural(products, "value")}`, threeDigits(value)]);
  else {
    const maps = shares.length > 1 ? ` from ${plural(shares.length, "map")}` : "";
    lines.push([`${plural(products, "product")}${maps}`, threeDigits(total)], ["bias", signed(bias)]);
    lines.push(["sum", threeDigits(sum)]);
  }
  if (activation !== "linear") {
    lines.push([(activationWords[activation] ?? (() => activation.replaceAll("_", " ")))(sum), threeDigits(value)]);
  }
  byId("pin-lines").replaceChildren(...lines.map(([words, number]) => element("div", { className: "line" },
    element("span", { textContent: words }), element("b", { textContent: number }))));
}

// What one map adds: its values in the window, the weights, and their products.
export function showTables({ kind, patch }) {
  const { map, terms } = patch;
  const window = tableOf(`map ${map} in the window`, terms, ({ value }) => value);
  const sign = (text) => element("span", { textContent: text });
  const products = () => [sign("\u00d7"), tableOf("weights", terms, ({ weight }) => weight, "pushes"), sign("="),
    tableOf("products", terms, ({ value, weight }) => value * weight, "pushes")];
  const parts = kind.includes("Pooling") ? [window] : [window, ...products()];
  byId("pin-tables").replaceChildren(...(terms.length > LARGEST_TABLE ? [] : parts));
}

function tableOf(title, terms, numberOf, className = "") {
  const rows = [];
  for (const term of terms) {
    if (rows.at(-1)?.[0].y !== term.y) rows.push([]);
    rows.at(-1).push(term);
  }
  const cells = (row) => element("tr", {}, ...row.map((term) => numberCell(numberOf(term), term.weight === 1)));
  return element("table", { className }, element("caption", { textContent: title }),
    element("tbody", {}, ...rows.map(cells)));
}

function numberCell(value, kept) {
  const className = `${value < 0 ? "down" : value > 0 ? "up" : ""} ${kept ? "kept" : ""}`;
  return element("td", { textContent: threeDigits(value), className });
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
