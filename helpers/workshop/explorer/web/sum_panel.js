// ---- sum_panel.js: the sum behind a value, shown ---------------------------------------------------------------

const STRONGEST = 4; // so many products of a dense node are listed

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function number(value, digits = 2) {
  const rounded = Math.abs(value) < 0.5 / 10 ** digits ? 0 : value; // no minus before a zero
  return rounded.toFixed(digits).replace("-", "\u2212");
}

function signed(value, digits = 2) {
  return (value < 0 ? "\u2212 " : "+ ") + Math.abs(value).toFixed(digits);
}

function count(whole, noun) {
  return `${whole.toLocaleString("en")} ${noun}${whole === 1 ? "" : "s"}`;
}

// Small tables of numbers: a patch, a filter, their products.
function numberTable(title, { values, columns }, colourOf, ringed = -1) {
  const table = element("div", { className: "numbers" });
  table.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  values.forEach((value, place) => {
    const cell = element("span", { textContent: number(value), className: place === ringed ? "ringed" : "" });
    const [background, ink] = colourOf(value);
    Object.assign(cell.style, { background, color: ink });
    table.append(cell);
  });
  return element("figure", {}, element("figcaption", { textContent: title }), table);
}

// Functions that give a background and a readable ink for a value.
function lightness(low, high, palette) {
  return (value) => {
    const share = high > low ? (value - low) / (high - low) : 0;
    return [cssColour(palette, value, low, high), share > 0.6 ? "#000" : "#fff"];
  };
}

function aroundZero(values) {
  const most = Math.max(...values.map(Math.abs)) || 1;
  return (value) => [cssColour(diverging, value, -most, most), Math.abs(value) > 0.6 * most ? "#fff" : "#000"];
}

// One map, enlarged; a tap on it chooses another of its values.
function enlarged(title, { values, height, width, channels }, c, [low, high], palette, frame, onChoose) {
  const canvas = element("canvas", { width, height, className: "enlarged" });
  const brush = canvas.getContext("2d");
  const pixels = brush.createImageData(width, height);
  const colours = new Uint32Array(pixels.data.buffer);
  colours.forEach((_, place) => (colours[place] = shade(palette, values[place * channels + c], low, high)));
  brush.putImageData(pixels, 0, 0);
  const box = element("div", { className: "frame" });
  const share = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(box.style, {
    left: share(frame.x, width), top: share(frame.y, height),
    width: share(frame.columns, width), height: share(frame.rows, height),
  });
  const holder = element("div", { className: "enlarged-holder" }, canvas, box);
  if (onChoose) {
    holder.classList.add("choosable");
    holder.addEventListener("pointerdown", (event) => {
      const area = canvas.getBoundingClientRect();
      const at = (position, size, cells) => Math.max(0, Math.min(cells - 1, Math.floor((position / size) * cells)));
      onChoose({
        y: at(event.clientY - area.top, area.height, height), x: at(event.clientX - area.left, area.width, width), c,
      });
    });
  }
  return element("figure", {}, element("figcaption", { textContent: title }), holder);
}

function sumLine(words, value, className = "") {
  return element("div", { className: `line ${className}` }, element("span", { textContent: words }),
    element("b", { textContent: value }));
}

const activationWords = {
  relu: (total) => (total > 0 ? "ReLU: above 0, so it stays" : "ReLU: not above 0, so it becomes 0"),
  softmax: () => "softmax makes the ten sums shares of one whole",
  linear: () => "nothing more is done to it",
};

function sumLines(layer, found, products) {
  const before = found.total + found.bias;
  const words = activationWords[layer.activation] ?? (() => layer.activation);
  return element("div", { className: "lines" },
    sumLine(`all ${count(products, "product")} together`, number(found.total)),
    sumLine("the bias", signed(found.bias)),
    sumLine("sum", number(before), "total"),
    sumLine(words(before), (layer.activation === "softmax" ? percent : number)(found.value), "result"));
}

// The whole panel for one value. `received` and `put` are the values that go into the layer and come out of it.
function sumParts(layer, place, received, put, onChoose) {
  const found = sumBehind(layer, place, received, put);
  if (layer.kind === "pooling") return poolingParts(layer, place, found, received, put, onChoose);
  if (layer.kind === "convolution") return convolutionParts(layer, place, found, received, put, onChoose);
  return denseParts(layer, found, received);
}

function mapsOf(values, [height, width, channels]) {
  return { values, height, width, channels };
}

function mapName(layer, map) {
  if (layer.inputShape[2] === 1) return "the image";
  return `before: map ${map}`;
}

// The map before and the map after, side by side, with a frame around the patch and the value.
function beforeAndAfter(layer, place, patch, received, put, onChoose) {
  const isImage = layer.inputShape[2] === 1;
  const range = isImage ? [0, 1] : rangeOf(received, 0, 1);
  const frame = { x: patch.left, y: patch.top, rows: patch.rows, columns: patch.columns };
  return element("div", { className: "pair" },
    enlarged(mapName(layer, patch.map), mapsOf(received, layer.inputShape), patch.map, range,
      isImage ? grey : viridis, frame),
    enlarged(`map ${place.c}`, mapsOf(put, layer.shape), place.c, rangeOf(put, 0, 1), viridis,
      { ...place, rows: 1, columns: 1 }, onChoose));
}

function colourOfInput(layer, received) {
  return layer.inputShape[2] === 1 ? lightness(0, 1, grey) : lightness(...rangeOf(received, 0, 1), viridis);
}

function poolingParts(layer, place, { patch, value }, received, put, onChoose) {
  const largest = patch.values.indexOf(value);
  return [
    beforeAndAfter(layer, place, patch, received, put, onChoose),
    element("div", { className: "equation" },
      numberTable(`${patch.rows} \u00d7 ${patch.columns} values`, patch, colourOfInput(layer, received), largest)),
    element("div", { className: "lines" }, sumLine("the largest of them is kept", number(value), "result")),
  ];
}

function convolutionParts(layer, place, found, received, put, onChoose) {
  const maps = layer.inputShape[2];
  const map = strongest(found.byMap);
  const patch = patchOf(layer, received, place.y, place.x, map);
  const filter = filterOf(layer, map, place.c);
  const products = patch.values.map((value, at) => value * filter[at]);
  const tables = element("div", { className: "equation" },
    numberTable("patch", patch, colourOfInput(layer, received)), element("i", { textContent: "\u00d7" }),
    numberTable("filter", { ...patch, values: filter }, aroundZero(filter)), element("i", { textContent: "=" }),
    numberTable("products", { ...patch, values: products }, aroundZero(products)));
  const parts = [beforeAndAfter(layer, place, patch, received, put, onChoose)];
  if (maps > 1) {
    parts.push(element("p", {
      textContent: `The filter looks through all ${maps} maps at once: ${patch.values.length} \u00d7 ${maps} ` +
        `products. Map ${map} counts most here: ${signed(found.byMap[map])}. Its share:`,
    }));
  }
  return [...parts, tables, sumLines(layer, found, found.products.length)];
}

function denseParts(layer, found, received) {
  const [, columns, maps] = receivedShape(layer);
  const ups = found.products.filter((product) => product > 0);
  const downs = found.products.filter((product) => product < 0);
  const add = (values) => values.reduce((one, two) => one + two, 0);
  const lines = strongestPlaces(found.products, STRONGEST).map((place) => {
    const [row, column, map] = unravel(place, columns, maps);
    const where = columns > 1 ? `map ${map}, row ${row}, column ${column}` : `node ${map}`;
    const weight = found.products[place] / received[place];
    const factors = `${number(received[place])} \u00d7 ${number(weight, 3)}`;
    return sumLine(`${where}: ${factors}`, signed(found.products[place], 3));
  });
  return [
    productGrid(layer, found.products),
    element("p", { textContent: "Every value of the layer before times its weight: " +
      `${count(found.products.length, "product")}, in the order of that layer's picture. ` +
      "Red pushes up, blue pulls down." }),
    element("div", { className: "lines" },
      sumLine(`${count(ups.length, "product")} push up`, signed(add(ups))),
      sumLine(`${count(downs.length, "product")} pull down`, signed(add(downs)))),
    element("p", { textContent: "The strongest, framed in the picture of that layer:" }),
    element("div", { className: "lines" }, ...lines),
    sumLines(layer, found, found.products.length),
  ];
}

// All products of a dense node, tiled like the picture of the layer that they come from.
function productGrid(layer, products) {
  const [height, width, maps] = receivedShape(layer);
  const columns = width > 1 ? 16 : 20;
  const [stepX, stepY] = [width + (width > 1), height + (height > 1)];
  const canvas = element("canvas", {
    className: "products", width: columns * stepX, height: Math.ceil(maps / columns) * stepY,
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "all products, red above zero and blue below");
  const brush = canvas.getContext("2d");
  const pixels = brush.createImageData(canvas.width, canvas.height);
  const colours = new Uint32Array(pixels.data.buffer);
  const most = Math.max(...products.map(Math.abs)) || 1;
  products.forEach((product, place) => {
    const [row, column, map] = unravel(place, width, maps);
    const [x, y] = [(map % columns) * stepX + column, Math.floor(map / columns) * stepY + row];
    colours[y * canvas.width + x] = shade(diverging, product, -most, most);
  });
  brush.putImageData(pixels, 0, 0);
  return canvas;
}
