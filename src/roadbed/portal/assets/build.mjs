// Bundles the portal's assets into ../static/dist: hashed names, and a manifest.json that maps each logical name to its file.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../static/dist");
const staging = join(here, "../static/dist.new");

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  outdir: staging,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
};

/** `{"main.js": "main-4F2A.js"}` for every entry point of an esbuild run. */
function entries(metafile, extension) {
  const outputs = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
  return Object.fromEntries(
    outputs.map(([path, output]) => {
      const name = basename(output.entryPoint).replace(/\.[a-z]+$/, "");
      return [`${name}.${extension}`, basename(path)];
    }),
  );
}

async function scripts() {
  const { metafile } = await build({
    ...common,
    entryPoints: ["src/main.ts", "src/events-worker.ts"],
    format: "esm",
    splitting: true,
    target: "es2022",
  });
  return entries(metafile, "js");
}

/** Tailwind reads the templates for the classes they use; esbuild then takes the fonts along and hashes everything. */
async function styles() {
  const css = execFileSync(
    join(here, "node_modules/.bin/tailwindcss"),
    ["--input", "src/styles/app.css", "--output", "-"],
    { cwd: here, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 },
  ).toString();
  const { metafile } = await build({
    ...common,
    stdin: { contents: css, loader: "css", resolveDir: here, sourcefile: "app.css" },
    entryNames: "app-[hash]",
    loader: { ".woff2": "file" },
    target: "chrome123",
  });
  const [path] = Object.keys(metafile.outputs).filter((name) => name.endsWith(".css"));
  return { "app.css": basename(path) };
}

/** One sprite of the icons named in icons.json, so that a page takes one small file for all of them. */
function sprite() {
  const names = JSON.parse(readFileSync(join(here, "src/icons.json"), "utf8"));
  const symbols = names.map((name) => {
    const svg = readFileSync(join(here, `node_modules/lucide-static/icons/${name}.svg`), "utf8");
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  return { "icons.svg": hashed("icons.svg", text) };
}

function hashed(name, text) {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const file = name.replace(/(\.[a-z]+)$/, `-${digest}$1`);
  writeFileSync(join(staging, file), text);
  return file;
}

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
const favicon = hashed("favicon.svg", readFileSync(join(here, "src/favicon.svg"), "utf8"));
const manifest = { ...(await scripts()), ...(await styles()), ...sprite(), "favicon.svg": favicon };
writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
// Swapped in whole: a server that starts meanwhile sees the old assets or the new ones, never half of them.
rmSync(target, { recursive: true, force: true });
renameSync(staging, target);
