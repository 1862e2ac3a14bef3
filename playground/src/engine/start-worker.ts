// A worker that obeys the page's policy, and starts offline. A policy in the page's own <meta> doesn't reach a worker
// that is started from an address; one that is started from a blob inherits it. So a worker's file is fetched once, and
// each worker is started from what it holds.

const blobs = new Map<string, string>();

/** Fetches a worker's file, so that starting it later asks for nothing. */
export async function prepareWorker(address: string): Promise<void> {
    // While developing, the file imports others by their place on the server.
    if (blobs.has(address) || import.meta.env.DEV) return;
    const response = await fetch(address);
    if (response.ok) blobs.set(address, URL.createObjectURL(new Blob([await response.text()], { type: "text/javascript" })));
}

export function startWorker(address: string): Worker {
    const prepared = blobs.get(address);
    if (prepared) return new Worker(prepared, { type: "module" });
    const absolute = new URL(address, location.href).href;
    const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(absolute)};`], { type: "text/javascript" }));
    const worker = new Worker(blob, { type: "module" });
    // The worker's first message says that it has read it.
    worker.addEventListener("message", () => URL.revokeObjectURL(blob), { once: true });
    return worker;
}
