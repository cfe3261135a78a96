// Where images come from: dropped, pasted, chosen, or one of the samples.

import { byId, course, element } from "../shared_web/page.js";

// Calls onPicture(picture, name) with each image that can be read, else onRefused(words).
export function takeImages({ onPicture, onRefused }) {
  async function take(file) {
    if (!file) return onRefused("That was no image: drop, paste or choose a file such as a photograph.");
    try {
      onPicture(await createImageBitmap(file, { imageOrientation: "from-image" }), file.name ?? "the pasted image");
      markSample(null);
    } catch {
      onRefused(`${file.name || "What came"} cannot be read as an image here: take a JPEG, PNG or WebP file.`);
    }
  }

  const firstImage = (files) => [...files].find((file) => file.type.startsWith("image/")) ?? files[0];
  byId("file").addEventListener("change", ({ target }) => {
    if (target.files.length) take(target.files[0]);
    target.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(firstImage(event.clipboardData.files));
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      document.body.classList.toggle("dragging", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") take(firstImage(event.dataTransfer.files));
    });
  }
  return showSamples(onPicture);
}

function markSample(chosen) {
  for (const button of byId("samples").children) button.setAttribute("aria-pressed", button === chosen);
}

// Buttons for the samples; returns a function that takes the first one.
function showSamples(onPicture) {
  const buttons = course.samples.map(({ title, picture }) => {
    const image = element("img", { src: picture, alt: title });
    const button = element("button", { type: "button", title }, image);
    button.addEventListener("click", async () => {
      await image.decode();
      markSample(button);
      onPicture(await createImageBitmap(image), title);
    });
    return button;
  });
  byId("samples").append(...buttons);
  byId("samples").hidden = !buttons.length;
  return () => buttons[0]?.click();
}
