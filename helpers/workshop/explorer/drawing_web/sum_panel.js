// The sum behind a value, shown.

import { asMaps } from "../engine/tensors.js";
import { drawMaps, palettes, rangeOf, shade } from "../image_web/maps.js";
import { element, percent } from "../image_web/page.js";

const STRONGEST = 4; // so many products of a dense node are listed
const ENLARGED = 160; // pixels of the page: a map, enlarged
const MOST_NUMBERS = 9; // columns of a table; what is wider shows colours alone

export function number(value, digits = 2) {
  const rounded = Math.abs(value) < 0.5 / 10 ** digits ? 0 : value; // no minus before a zero
  return rounded.toFixed(digits).replace("-", "\u2212");
}

const signed = (value, digits = 2) => (value < 0 ? "\u2212 " : "+ ") + Math.abs(value).toFixed(digits);

const count = (whole, noun) => `${whole.toLocaleString("en")} ${noun}${whole === 1 ? "" : "s"}`;

const sumOf = (values) => values.reduce((one, two) => one + two, 0);

const line = (words, value, className = "") =>
  element("div", { className: `line ${className}` }, element("span", { textContent: words }),
    element("b", { textContent: value }));

const lines = (...parts) => element("div", { className: "lines" }, ...parts);

// A small table of numbers: a patch, a filter, or their products; in the colours of a palette.
function numberTable(title, values, columns, palette, [low, high], ringed = -1) {
  const table = element("div", { className: "numbers" });
  table.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  values.forEach((value, place) => {
    const textContent = columns > MOST_NUMBERS ? "" : number(value);
    const cell = element("span", { textContent, className: place === ringed ? "ringed" : "" });
    const [background, ink] = colours(palette, high > low ? (value - low) / (high - low) : 0);
    Object.assign(cell.style, { background, color: ink });
    table.append(cell);
  });
  const figure = element("figure", {}, element("figcaption", { textContent: title }), table);
  figure.style.flexBasis = `${36 * Math.min(columns, MOST_NUMBERS)}px`;
  return figure;
}

// A colour, and an ink that can be read on it.
function colours(palette, share) {
  const bytes = shade(palette, share);
  const channels = [bytes & 255, (bytes >> 8) & 255, (bytes >> 16) & 255];
  const light = [0.2126, 0.7152, 0.0722].reduce((sum, part, c) => sum + part * (channels[c] / 255) ** 2.2, 0);
  return [`rgb(${channels.join(" ")})`, light > 0.18 ? "#000" : "#fff"];
}

function aroundZero(values) {
  const most = Math.max(...values.map(Math.abs)) || 1;
  return [-most, most];
}

// One map, enlarged, with a frame on it; a tap chooses another of its values.
function enlarged(title, maps, channel, { range, palette }, frame, onChoose) {
  const canvas = element("canvas", { className: "enlarged" });
  const cell = ENLARGED * (window.devicePixelRatio || 1);
  drawMaps(canvas, maps, [channel], { columns: 1, cell, scale: "raw", range, palette });
  const box = element("div", { className: "frame" });
  const share = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(box.style, {
    left: share(frame.left, maps.width), top: share(frame.top, maps.height),
    width: share(frame.right - frame.left, maps.width), height: share(frame.bottom - frame.top, maps.height),
  });
  const holder = element("div", { className: "enlarged-holder" }, canvas, box);
  if (onChoose) {
    holder.classList.add("choosable");
    holder.addEventListener("pointerdown", (event) => {
      const area = canvas.getBoundingClientRect();
      const at = (position, size, cells) => Math.max(0, Math.min(cells - 1, Math.floor((position / size) * cells)));
      const [y, x] = [event.clientY - area.top, event.clientX - area.left];
      onChoose({ y: at(y, area.height, maps.height), x: at(x, area.width, maps.width), channel });
    });
  }
  return element("figure", {}, element("figcaption", { textContent: title }), holder);
}

const activationWords = {
  relu: (sum) => (sum > 0 ? "ReLU: above 0, so it stays" : "ReLU: not above 0, so it becomes 0"),
  softmax: () => "softmax makes the sums shares of one whole",
  linear: () => "nothing more is done to it",
};

function ends({ activation, bias, products, total, value }) {
  const words = (activationWords[activation] ?? (() => activation))(total + bias);
  return lines(line(`all ${count(products, "product")} together`, number(total)), line("the bias", signed(bias)),
    line("sum", number(total + bias), "total"),
    line(words, activation === "softmax" ? percent(value) : number(value), "result"));
}

// The whole panel for one value, by what explainValue found; `products` are those of a dense node, or null.
export function sumParts(found, products, tensors, place, isImage, onChoose) {
  const input = asMaps(tensors[found.before]);
  if (products) return denseParts(found, products, input);
  const palette = isImage ? palettes.grey : palettes.values;
  const range = isImage ? [Math.min(0, ...rangeOf(input.values)), rangeOf(input.values)[1]] : rangeOf(input.values);
  const output = asMaps(tensors[place.place]);
  const own = { left: place.x, right: place.x + 1, top: place.y, bottom: place.y + 1 };
  const { map, terms } = found.patch;
  const columns = new Set(terms.map(({ x }) => x)).size;
  const values = terms.map(({ value }) => value);
  const weights = terms.map(({ weight }) => weight);
  const pair = element("div", { className: "pair" },
    enlarged(isImage ? "the image" : `before: map ${map}`, input, map, { range, palette }, found.window),
    enlarged(`map ${place.channel}`, output, place.channel, { range: rangeOf(output.values) }, own, onChoose));
  if (found.kind.includes("MaxPooling")) {
    const rows = terms.length / columns;
    return [
      pair,
      element("div", { className: "equation" },
        numberTable(`${rows} \u00d7 ${columns} values`, values, columns, palette, range, weights.indexOf(1))),
      lines(line("the largest of them is kept", number(found.value), "result")),
    ];
  }
  const parts = values.map((value, at) => value * weights[at]);
  const sign = (words) => element("i", { textContent: words });
  const tables = element("div", { className: "equation" },
    numberTable("patch", values, columns, palette, range), sign("\u00d7"),
    numberTable("filter", weights, columns, palettes.weights, aroundZero(weights)), sign("="),
    numberTable("products", parts, columns, palettes.weights, aroundZero(parts)));
  const many = found.shares.length;
  const words = `The filter looks through ${many} maps at once: ${count(found.products, "product")}. Map ${map} ` +
    `counts most here: ${signed(found.shares[0].share)}. Its share:`;
  return [pair, ...(many > 1 ? [element("p", { textContent: words })] : []), tables, ends(found)];
}

// The places of the largest products, up or down; none of those that are zero.
export function strongestPlaces(products) {
  const places = [...products.keys()].filter((place) => products[place] !== 0);
  return places.sort((one, two) => Math.abs(products[two]) - Math.abs(products[one])).slice(0, STRONGEST);
}

// Where a value lies: its row, its column, its map.
export function unravel(place, { width, channels }) {
  const pixel = Math.floor(place / channels);
  return { y: Math.floor(pixel / width), x: pixel % width, channel: place % channels };
}

function denseParts(found, products, input) {
  const ups = products.filter((product) => product > 0);
  const downs = products.filter((product) => product < 0);
  const strongest = strongestPlaces(products).map((place) => {
    const { y, x, channel } = unravel(place, input);
    const where = input.width > 1 ? `map ${channel}, row ${y}, column ${x}` : `node ${channel}`;
    const factors = `${number(input.values[place])} \u00d7 ${number(products[place] / input.values[place], 3)}`;
    return line(`${where}: ${factors}`, signed(products[place], 3));
  });
  return [
    productGrid(products, input),
    element("p", { textContent: "Every value of the layer before times its weight: " +
      `${count(products.length, "product")}, in the order of that layer's picture. Red pushes up, blue pulls down.` }),
    lines(line(`${count(ups.length, "product")} push up`, signed(sumOf(ups))),
      line(`${count(downs.length, "product")} pull down`, signed(sumOf(downs)))),
    element("p", { textContent: "The strongest, framed in the picture of that layer:" }),
    lines(...strongest),
    ends(found),
  ];
}

// All products of a dense node, tiled like the picture of the layer that they come from.
function productGrid(values, input) {
  const canvas = element("canvas", { className: "products" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "all products, red above zero and blue below");
  const columns = Math.min(input.channels, input.width > 1 ? 16 : 20);
  const places = Array.from({ length: input.channels }, (_, channel) => channel);
  const cell = Math.floor((320 * (window.devicePixelRatio || 1)) / columns) - 2;
  const shown = { columns, cell, scale: "raw", range: aroundZero([...values]), palette: palettes.weights };
  drawMaps(canvas, { ...input, values }, places, shown);
  return canvas;
}
