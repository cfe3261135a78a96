// The page's end of the worker. There are slots for images (the one that is looked at, others to compare with); while
// the worker counts, only the newest of each slot waits: what came before it is left out.

import { byId, course } from "../shared_web/page.js";

// Calls onLayer(slot, key, place, tensor) for each layer, then onEnd(slot, key, seconds), or onError(words). Returns
// { run, ask }: run(slot, key, { image, draw, only }), and ask(question, details), which promises the answer.
export function startNetwork({ onLayer, onEnd, onError }) {
  const script = new Blob([byId("engine").textContent], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(script));
  worker.postMessage({ network: course.network, weights: byId("weights").textContent });
  const [waiting, asked] = [new Map(), new Map()];
  let [number, current] = [0, null];

  worker.onerror = (event) => onError(event.message);
  worker.onmessage = ({ data }) => {
    if (data.ask) return answer(data);
    if (data.values) {
      return onLayer(current.slot, current.key, data.place, { shape: data.shape, values: data.values });
    }
    const { slot, key } = current;
    current = null;
    sendNext();
    if (data.error) onError(data.error);
    else onEnd(slot, key, data.seconds);
  };

  function answer(data) {
    asked.get(data.ask)(data.answer);
    asked.delete(data.ask);
  }

  function sendNext() {
    if (current || !waiting.size) return;
    const [slot, { key, ...task }] = waiting.entries().next().value;
    waiting.delete(slot);
    current = { slot, key };
    worker.postMessage({ run: ++number, slot, ...task });
  }

  return {
    run(slot, key, task) {
      waiting.set(slot, { key, ...task });
      sendNext();
    },
    ask(question, details) {
      worker.postMessage({ ask: ++number, question, ...details });
      return new Promise((resolve) => asked.set(number, resolve));
    },
  };
}
