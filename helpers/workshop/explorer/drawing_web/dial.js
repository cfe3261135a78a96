// Digits that come with the page, and the slider from 4 to 9.

import { course, element } from "../shared_web/page.js";
import { decodeStrokes } from "./address.js";
import { changeDrawing, paintStrokes } from "./paper.js";

// A digit between the two ends of the dial: each point lies that far between its places in the 4 and in the 9.
function betweenDigits(four, nine, share) {
  const between = (a, b) => Math.round(a + share * (b - a));
  return four.map((stroke, s) => stroke.map(([x, y], p) => [between(x, nine[s][p][0]), between(y, nine[s][p][1])]));
}

export function connectDial(slider, drawing) {
  const [four, nine] = course.dial.map(decodeStrokes);
  let isTurning = false; // one turn of the slider is one step of undo
  slider.addEventListener("input", () => {
    const share = slider.value / slider.max;
    changeDrawing(drawing, betweenDigits(four, nine, share), { undoable: !isTurning, isFinished: false });
    isTurning = true;
    slider.setAttribute("aria-valuetext", `${Math.round(100 * share)} percent of the way from 4 to 9`);
  });
  slider.addEventListener("change", () => {
    isTurning = false;
    drawing.onChange(true);
  });
}

// A button with a small picture for each digit that comes with the page.
export function digitButton({ title, code }, onChoose) {
  const canvas = element("canvas", { width: 72, height: 72 });
  const button = element("button", { type: "button", className: "thumbnail", title }, canvas);
  button.setAttribute("aria-label", `take ${title}`);
  const paint = () => {
    const brush = canvas.getContext("2d");
    brush.clearRect(0, 0, 72, 72);
    paintStrokes(brush, decodeStrokes(code), 72, getComputedStyle(canvas).color);
  };
  button.addEventListener("click", () => onChoose(decodeStrokes(code)));
  return { button, paint };
}
