/*
 * The page's side of the worker: loads the engine and the names at the first use, and passes messages.
 */

const here = document.currentScript?.src;
globalThis.bncourseLab ??= {};

/** The address of a file beside the script of the page; undefined where the script stands in the page itself. */
export const beside = (file) => here && new URL(file, here).href;

const loading = {};

/** A part of the laboratory, from a script that is loaded once. Scripts and not modules or data: a page from the file system can load nothing else. */
function part(name) {
  const parts = globalThis.bncourseLab;
  loading[name] ??= parts[name]
    ? Promise.resolve(parts[name])
    : new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = beside(`lab-${name}.js`);
        script.onload = () => resolve(parts[name]);
        script.onerror = () => {
          delete loading[name];
          reject(new Error(`${script.src} could not be loaded.`));
        };
        document.head.append(script);
      });
  return loading[name];
}

export class Client {
  constructor(onReport, onError) {
    Object.assign(this, { onReport, onError, id: 0, worker: null });
  }

  /** Start over with a state. Reports of what ran before are dropped. */
  async start(state, layer) {
    const id = ++this.id;
    const [engine, names] = await Promise.all([part("engine"), part("names")]);
    if (id !== this.id) return;
    if (!this.worker) {
      // The function's text is the worker's program.
      const url = URL.createObjectURL(new Blob([`(${engine})()`], { type: "text/javascript" }));
      this.worker = new Worker(url);
      URL.revokeObjectURL(url);
      this.worker.onmessage = ({ data }) => {
        if (data.id === this.id) this.onReport(data);
      };
      this.worker.onerror = (event) => this.onError(event.message);
      this.send("names", { text: names });
    }
    this.send("start", { state, layer, id });
  }

  send(type, more = {}) {
    this.worker?.postMessage({ type, ...more });
  }

  /** Give the worker's memory back. */
  close() {
    this.id++;
    this.worker?.terminate();
    this.worker = null;
  }
}
