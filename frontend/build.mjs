// Makes dist/: app.js (with its lazily loaded chunks), theme.js, app.css, fonts and the icon sprite.
// `--watch` builds again on every change.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const repository = dirname(here);
const watching = process.argv.includes("--watch");
const finished = join(here, "dist");
// Built aside and put in place at the end, so that a running server never finds half of it.
const dist = watching ? finished : join(here, "node_modules/.cache", `dist-${process.pid}`);
const iconFolder = join(here, "node_modules/@tabler/icons/icons");
const skipped = new Set([".git", ".venv", ".data", "build", "dist", "docs", "node_modules", "__pycache__"]);

/** Files under `folder` whose name ends in one of `endings`. */
function* filesUnder(folder, endings) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path, endings);
    else if (endings.some((ending) => entry.name.endsWith(ending))) yield path;
  }
}

/** Names of icons written in templates (`{% icon "plus" %}`, `icon="plus"`) and Python (`icon="plus"`), and icons.txt. */
function usedIcons() {
  const names = new Set(readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean));
  for (const path of filesUnder(repository, [".html", ".py"])) {
    for (const match of readFileSync(path, "utf8").matchAll(/\bicon(?:\s+|\s*=\s*)["']([a-z0-9/-]+)["']/g))
      names.add(match[1]);
  }
  return [...names].sort();
}

/** One SVG with a `<symbol>` for each icon; "star/filled" is the filled kind. */
function writeSprite() {
  const symbols = [];
  for (const name of usedIcons()) {
    const [base, kind = "outline"] = name.split("/");
    const path = join(iconFolder, kind, `${base}.svg`);
    if (!existsSync(path)) {
      console.warn(`No such icon: ${name}`);
      continue;
    }
    const inner = readFileSync(path, "utf8")
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s+/g, " ")
      .trim();
    const paint =
      kind === "filled"
        ? 'fill="currentColor"'
        : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
    symbols.push(`<symbol id="${name.replace("/", "-")}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`);
  }
  writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
  return symbols.length;
}

const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, (args) => {
      const result = sass.compile(args.path, { loadPaths: [join(here, "node_modules")], quietDeps: true });
      return { contents: result.css, loader: "css", watchFiles: result.loadedUrls.map((url) => fileURLToPath(url)) };
    });
  },
};

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ["es2022", "chrome111", "firefox121", "safari16.4"],
  legalComments: "none",
  logLevel: "warning",
};
const pages = {
  ...common,
  entryPoints: { app: "src/main.ts" },
  outdir: dist,
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
};
// Runs before the first paint, so it is a small file of its own and no module.
const theme = { ...common, entryPoints: { theme: "src/theme-first.ts" }, outdir: dist, format: "iife" };
const styles = {
  ...common,
  entryPoints: { app: "styles/app.css" },
  outdir: dist,
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
  plugins: [scss],
};

function writeLicences() {
  const lines = [];
  for (const name of ["htmx.org", "@tabler/core", "@tabler/icons", "sortablejs", "@fontsource-variable/inter"]) {
    const { version, license } = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
    lines.push(`${name} ${version}, licence ${license}`);
  }
  writeFileSync(join(dist, "licences.txt"), `${lines.join("\n")}\n`);
}

/** Write the new files first and take the old ones away last: pages that are being served find either. */
function putInPlace() {
  const old = existsSync(finished) ? [...filesUnder(finished, [""])].map((path) => relative(finished, path)) : [];
  cpSync(dist, finished, { recursive: true });
  for (const name of old) if (!existsSync(join(dist, name))) rmSync(join(finished, name));
  rmSync(dist, { recursive: true });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const icons = writeSprite();
for (const name of readdirSync(join(here, "images"))) copyFileSync(join(here, "images", name), join(dist, name));
writeLicences();

if (watching) {
  const contexts = await Promise.all(
    [pages, theme, styles].map((options) => esbuild.context({ ...options, minify: false })),
  );
  await Promise.all(contexts.map((context) => context.watch()));
  setInterval(writeSprite, 5000);
  console.log("Watching for changes");
} else {
  await Promise.all([pages, theme, styles].map((options) => esbuild.build(options)));
  const size = (name) => `${name} ${Math.round(statSync(join(dist, name)).size / 1024)} KB`;
  console.log(
    `Built ${relative(process.cwd(), finished) || finished}: ${["app.js", "theme.js", "app.css"].map(size).join(", ")}, ${icons} icons`,
  );
  putInPlace();
}
