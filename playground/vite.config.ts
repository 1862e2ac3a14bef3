// Builds a page of plain files: no inline script or style (the policy forbids them), relative addresses (any
// folder of any server will do), and without the module, which the server of the page answers from the bytes
// that it holds.
import { createReadStream, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** While developing, the module comes from `playground/.module`, where `just playground` writes it. */
const modules: Plugin = {
    name: "modules",
    configureServer(server) {
        server.middlewares.use((request, response, next) => {
            const name = /^\/(tocsin|rewrite)\.wasm$/.exec(request.url ?? "")?.[1];
            const path = `${folder}.module/${name}.wasm`;
            if (name === undefined || !existsSync(path)) return next();
            response.setHeader("Content-Type", "application/wasm");
            response.setHeader("Cache-Control", "no-cache");
            createReadStream(path).pipe(response);
        });
    },
};

export default defineConfig({
    base: "./",
    plugins: [modules],
    worker: { format: "es" },
    server: { host: "127.0.0.1", fs: { allow: [fileURLToPath(new URL("..", import.meta.url))] } },
    build: {
        outDir: "dist/page",
        target: "es2022",
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        reportCompressedSize: false,
    },
});
