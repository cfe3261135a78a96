// The answers as bars beside each other, for as many as have room; and guessing first.

import { course, element, percent } from "../shared_web/page.js";

export const names = course.answers[0].names;
export const kind = course.answers[0].kind;

export const bestOf = (answers) => answers.reduce((best, value, place) => (value > answers[best] ? place : best), 0);

// A share as a number of percent, in the little room above a bar.
function short(share) {
  if (share > 0.995) return ">99";
  return share < 0.005 ? "" : String(Math.round(100 * share));
}

// Bars in a holder; returns a function that sets them. With onPoint(place, isClick) they are buttons.
export function makeBars(holder, onPoint) {
  const bars = names.map((word, place) => {
    const fill = element("span", { className: "fill" });
    const share = element("span", { className: "share" });
    const parts = [share, element("span", { className: "tube" }, fill)];
    const name = element("span", { className: "name", textContent: word });
    const bar = element(onPoint ? "button" : "span", { className: "upright" }, ...parts, name);
    if (onPoint) {
      bar.type = "button";
      for (const event of ["pointerenter", "focus", "click"]) {
        bar.addEventListener(event, () => onPoint(place, event === "click"));
      }
    }
    holder.append(bar);
    return { bar, fill, share };
  });
  return (answers) => {
    const best = bestOf(answers);
    bars.forEach(({ bar, fill, share }, place) => {
      bar.classList.toggle("best", place === best);
      fill.style.height = `${100 * Math.max(0, Math.min(1, answers[place]))}%`;
      share.textContent = short(answers[place]);
      const words = `${names[place]}: ${percent(answers[place])}. See the sum behind it.`;
      if (onPoint) bar.setAttribute("aria-label", words);
    });
  };
}

// "Guess first": the answers are covered until one has said what they will be.
export const guessing = { on: false, guess: null, asked: 0, right: 0 };

export const isCovered = () => guessing.on && guessing.guess === null;

export function takeGuess(place, answers) {
  const best = bestOf(answers);
  Object.assign(guessing, { guess: place, asked: guessing.asked + 1, right: guessing.right + (place === best) });
  const verdict = place === best ? `You guessed it: ${names[best]}`
    : `You guessed ${names[place]}, the network says ${names[best]}`;
  return `${verdict} (${percent(answers[best])}). ${guessing.right} of ${guessing.asked} guessed so far. ` +
    "Change the drawing for the next one.";
}
