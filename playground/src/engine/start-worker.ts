// A worker that obeys the page's policy. A policy in the page's own <meta> doesn't reach a worker that is started
// from an address; one that is started from a blob inherits it, and then imports the real file.

export function startWorker(address: string): Worker {
    const absolute = new URL(address, location.href).href;
    const source = new Blob([`import ${JSON.stringify(absolute)};`], { type: "text/javascript" });
    const blob = URL.createObjectURL(source);
    const worker = new Worker(blob, { type: "module" });
    // The worker's first message says that it has read it.
    worker.addEventListener("message", () => URL.revokeObjectURL(blob), { once: true });
    return worker;
}
