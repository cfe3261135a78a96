// What every part of the page needs: the data that Python put into it, and a short way to make elements.

export const byId = (id) => document.getElementById(id);

export const course = JSON.parse(byId("course-data").textContent);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Makes the options of a select from [value, words]; the first is chosen unless another is named.
export function fillSelect(select, options, chosen = options[0][0]) {
  select.replaceChildren(...options.map(([value, words]) => element("option", { value, textContent: words })));
  select.value = chosen;
}

// Three digits: enough to compare, and short enough to read.
export const threeDigits = (value) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))).replace(/^-/, "\u2212") : "no number";

// A share in percent; what is only rounded to all or nothing is not called so.
export function percent(share) {
  if (share > 0.9995) return "over 99.9\u00a0%";
  return share < 0.0005 ? "under 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`;
}
