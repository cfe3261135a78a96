// ---- drawing.js: the paper, the pen, undo and clear ------------------------------------------------------------

const PAPER = 255; // coordinates on the paper are whole numbers from 0 to this
const LINE = 22; // thickness of a drawn line on the paper
const SHORTEST = 2; // a step of the pen that is shorter adds nothing
const KEY_STEP = 8; // how far an arrow key moves the pen

// The drawing and all that it was before. `onChange(isFinished)` is called whenever it changes.
function makeDrawing(canvas, onChange) {
  const drawing = { canvas, strokes: [], past: [], greeting: false, onChange, cursor: [128, 128], penDown: false };
  canvas.addEventListener("pointerdown", (event) => startWithPointer(drawing, event));
  canvas.addEventListener("keydown", (event) => moveByKey(drawing, event));
  for (const kind of ["focus", "blur"]) canvas.addEventListener(kind, () => paintDrawing(drawing));
  return drawing;
}

// Every change goes through here, so that every change can be undone.
function changeDrawing(drawing, strokes, { undoable = true, isFinished = true } = {}) {
  if (undoable) drawing.past.push(drawing.greeting ? [] : drawing.strokes);
  Object.assign(drawing, { strokes, greeting: false });
  drawing.onChange(isFinished);
}

function undo(drawing) {
  if (!drawing.past.length) return;
  drawing.penDown = false;
  drawing.strokes = drawing.past.pop();
  drawing.greeting = false;
  drawing.onChange(true);
}

function clear(drawing) {
  drawing.penDown = false;
  if (drawing.strokes.length) changeDrawing(drawing, []);
}

function startStroke(drawing, point) {
  const before = drawing.greeting ? [] : drawing.strokes;
  changeDrawing(drawing, [...before, [point]], { isFinished: false });
}

// Returns whether the pen has moved far enough to add a point.
function continueStroke(drawing, point) {
  const stroke = drawing.strokes.at(-1);
  const last = stroke.at(-1);
  if (Math.hypot(point[0] - last[0], point[1] - last[1]) < SHORTEST || stroke.length === 0xffff) return false;
  stroke.push(point);
  return true;
}

function pointOf(canvas, event) {
  const area = canvas.getBoundingClientRect();
  const onPaper = (position, size) => Math.max(0, Math.min(PAPER, Math.round((position / size) * PAPER)));
  return [onPaper(event.clientX - area.left, area.width), onPaper(event.clientY - area.top, area.height)];
}

// Mouse, pen and finger are all pointers. The pointer belongs to the paper until it is lifted.
function startWithPointer(drawing, event) {
  if (event.button !== 0 || !event.isPrimary) return;
  const { canvas } = drawing;
  drawing.penDown = false; // the one of the keyboard
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  startStroke(drawing, pointOf(canvas, event));
  const move = (moved) => {
    const all = moved.getCoalescedEvents?.() ?? [];
    const points = (all.length ? all : [moved]).map((each) => pointOf(canvas, each));
    if (points.filter((point) => continueStroke(drawing, point)).length) drawing.onChange(false);
  };
  const lift = () => {
    canvas.removeEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel"]) canvas.removeEventListener(kind, lift);
    drawing.onChange(true);
  };
  canvas.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, lift);
  event.preventDefault();
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Arrow keys move the pen, the space bar sets it down and lifts it.
function moveByKey(drawing, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in arrows) {
    const [right, down] = arrows[event.key];
    drawing.cursor = [drawing.cursor[0] + right * KEY_STEP, drawing.cursor[1] + down * KEY_STEP]
      .map((n) => Math.max(0, Math.min(PAPER, n)));
    if (drawing.penDown && continueStroke(drawing, drawing.cursor)) drawing.onChange(false);
    else paintDrawing(drawing);
  } else if (event.key === " " || event.key === "Enter") {
    drawing.penDown = !drawing.penDown;
    if (drawing.penDown) startStroke(drawing, drawing.cursor);
    else drawing.onChange(true);
  } else if (event.key === "Backspace") undo(drawing);
  else if (event.key === "Delete" || event.key === "Escape") clear(drawing);
  else return;
  event.preventDefault();
}

function paintStrokes(brush, strokes, size, colour) {
  Object.assign(brush, { strokeStyle: colour, lineWidth: (LINE / PAPER) * size, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    brush.beginPath();
    stroke.forEach(([x, y], index) => brush[index ? "lineTo" : "moveTo"]((x / PAPER) * size, (y / PAPER) * size));
    if (stroke.length === 1) brush.lineTo((stroke[0][0] / PAPER) * size, (stroke[0][1] / PAPER) * size);
    brush.stroke();
  }
}

function paintDrawing(drawing) {
  const { canvas, strokes, greeting, cursor, penDown } = drawing;
  const brush = canvas.getContext("2d");
  const size = canvas.width;
  const colours = getComputedStyle(canvas);
  brush.clearRect(0, 0, size, size);
  paintStrokes(brush, strokes, size, greeting ? colours.getPropertyValue("--fill") : colours.color);
  if (canvas.matches(":focus-visible")) {
    Object.assign(brush, { strokeStyle: colours.outlineColor, fillStyle: colours.outlineColor, lineWidth: size / 128 });
    brush.beginPath();
    brush.arc((cursor[0] / PAPER) * size, (cursor[1] / PAPER) * size, size / 32, 0, 2 * Math.PI);
    brush[penDown ? "fill" : "stroke"]();
  }
}
