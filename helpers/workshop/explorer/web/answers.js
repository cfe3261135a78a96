// ---- answers.js: the ten answers as bars, and guessing first ---------------------------------------------------

function percent(share) {
  if (share > 0.995 && share < 1) return ">99 %";
  return share > 0 && share < 0.005 ? "<1 %" : `${Math.round(100 * share)} %`;
}

function bestOf(answers) {
  return answers.reduce((best, value, digit) => (value > answers[best] ? digit : best), 0);
}

// Ten bars in a holder; returns a function that sets them.
function makeBars(holder, onPoint) {
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const fill = element("span", { className: "fill" });
    const share = element("span", { className: "share" });
    const parts = [share, element("span", { className: "tube" }, fill)];
    const name = element("span", { className: "digit", textContent: digit });
    const bar = element(onPoint ? "button" : "span", { className: "bar" }, ...parts, name);
    if (onPoint) {
      bar.type = "button";
      for (const kind of ["pointerenter", "focus", "click"]) bar.addEventListener(kind, () => onPoint(digit));
    }
    holder.append(bar);
    return { bar, fill, share };
  });
  return (answers) => {
    const best = bestOf(answers);
    bars.forEach(({ bar, fill, share }, digit) => {
      bar.classList.toggle("best", digit === best);
      fill.style.height = `${100 * answers[digit]}%`;
      share.textContent = answers[digit] >= 0.005 ? percent(answers[digit]) : "";
      if (onPoint) bar.setAttribute("aria-label", `${digit}: ${percent(answers[digit])}. See the sum behind it.`);
    });
  };
}

// "Guess first": the answers are covered until one has said what they will be.
const guessing = { on: false, guess: null, asked: 0, right: 0 };

function isCovered() {
  return guessing.on && guessing.guess === null;
}

function takeGuess(digit, answers) {
  const best = bestOf(answers);
  Object.assign(guessing, { guess: digit, asked: guessing.asked + 1, right: guessing.right + (digit === best) });
  const verdict = digit === best ? `You guessed it: ${best}` : `You guessed ${digit}, the network says ${best}`;
  return `${verdict} (${percent(answers[best])}). ${guessing.right} of ${guessing.asked} guessed so far. ` +
    "Change the drawing for the next one.";
}
