// Figures open at their full size, and the search shows the words around what it has found.
"use strict";

// From disk a page may not fetch another one; the texts of all of them are in texts.js, which comes when something was
// found: what was found is shown before it.
if (document.getElementById("search-results")) {
  let texts = null;
  const load = () => new Promise((done) => {
    document.head.append(Object.assign(document.createElement("script"), { src: "_static/texts.js", onload: done }));
  });
  window.fetch = async (address) => {
    await (texts ??= load());
    const page = decodeURIComponent(new URL(address, document.baseURI).href)
      .slice(decodeURIComponent(new URL(document.documentElement.dataset.content_root, document.baseURI).href).length)
      .replace(/\.html$/, "");
    const main = document.createElement("div");
    main.setAttribute("role", "main");
    main.textContent = TEXTS[page] || "";
    return { text: () => main.outerHTML };
  };
}

const sheet = document.createElement("dialog");
sheet.className = "enlarged";
sheet.addEventListener("click", () => sheet.close());

function enlarge(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
  event.preventDefault();
  const small = event.currentTarget.querySelector("img"), large = new Image();
  [large.src, large.alt] = [small.src, small.alt];
  const back = document.createElement("button");
  back.textContent = "Close";
  sheet.replaceChildren(back, large);
  if (!sheet.isConnected) document.body.append(sheet);
  sheet.showModal();
}

for (const image of document.querySelectorAll(".cell_output img, .looks img, p > img, .made img")) {
  if (image.closest("a")) continue;
  const link = document.createElement("a");
  Object.assign(link, { href: image.src, className: "figure", title: "Enlarge" });
  image.replaceWith(link);
  link.append(image);
  link.addEventListener("click", enlarge);
}

// What scrolls within itself can be reached by the keyboard.
for (const formula of document.querySelectorAll("div:has(> math)")) {
  if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
}
