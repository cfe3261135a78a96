// The camera: a frame is taken every time the network is done with the one before.

import { byId, element } from "../shared_web/page.js";

// Returns { next, stop, isOn }; next() gives the frame of this moment to onFrame, as long as the camera is on.
export function makeCamera({ onFrame, onRefused }) {
  const [button, video] = [byId("camera"), element("video", { muted: true, playsInline: true })];
  let stream = null;
  button.addEventListener("click", () => (stream ? stop() : start()));

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      name();
      next();
    } catch (error) {
      stop();
      onRefused(reasonOf(error));
    }
  }

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = video.srcObject = null;
    name();
  }

  async function next() {
    if (!stream) return;
    const frame = await createImageBitmap(video);
    if (stream) onFrame(frame);
  }

  function name() {
    button.textContent = stream ? "Stop the camera" : "Camera";
    button.setAttribute("aria-pressed", Boolean(stream));
  }

  return { next, stop, isOn: () => Boolean(stream) };
}

function reasonOf({ name }) {
  const own = "drop, paste or choose an image.";
  if (name === "NotAllowedError") return `The browser does not let this page use the camera: allow it, or ${own}`;
  if (name === "NotFoundError") return `There is no camera here: ${own}`;
  return `The camera cannot be used here; some browsers refuse it to pages that come from a file: ${own}`;
}
