// The page's end of the worker. While it counts, only the newest image waits: what came before it is left out.

import { byId, course } from "./page.js";

// Calls onLayer(place, tensor) for each layer of the newest image, then onEnd(seconds), or onError(words).
export function startNetwork({ onLayer, onEnd, onError }) {
  const script = new Blob([byId("engine").textContent], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(script));
  worker.postMessage({ network: course.network, weights: byId("weights").textContent });
  let [run, busy, waiting] = [0, false, null];

  worker.onerror = (event) => onError(event.message);
  worker.onmessage = ({ data }) => {
    if (data.run === run && data.values) onLayer(data.place, { shape: data.shape, values: data.values });
    if (data.values) return;
    busy = false;
    if (waiting) send();
    else if (data.error) onError(data.error);
    else onEnd(data.seconds);
  };

  function send() {
    [run, busy] = [run + 1, true];
    worker.postMessage({ run, image: waiting });
    waiting = null;
  }

  return (image) => {
    waiting = image;
    if (!busy) send();
  };
}
