// Computes the contrast of every pair of colours that is written or drawn, in both themes, from styles/tokens.css.
// WCAG 2.2 AA: 4.5 for words, 3 for what has to be seen (lines of controls, marks, focus). Fails with the pairs below.
import { readFileSync } from "node:fs";

const source = readFileSync(new URL("./styles/tokens.css", import.meta.url), "utf8");

function tokensOf(start) {
  const block = source.slice(source.indexOf("{", source.indexOf(start)) + 1);
  const pairs = block.slice(0, block.indexOf("}")).matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name, value]));
}

const rgb = (hex) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
const mixed = (over, share, under) => rgb(over).map((c, i) => c * share + rgb(under)[i] * (1 - share));

function luminance(colour) {
  const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["paper", "card", "sunken"];
const words = [
  ...["ink", "mute", "customer", "us", "settled", "lost", "danger"].flatMap((name) => grounds.map((g) => [name, g])),
  ...["customer", "us", "settled", "lost", "danger"].flatMap((name) => [
    [name, `${name}-soft`],
    ["ink", `${name}-soft`],
  ]),
  ["on-us", "us"],
  ["on-us", "us-strong"],
  ["card", "ink"],
];
const marks = [
  ...["line-strong", "customer", "us", "settled"].flatMap((name) => grounds.map((g) => [name, g])),
  ["us", "us-soft"],
];

const failures = [];
let worst = 99;
function check(theme, label, one, other, least) {
  const ratio = contrast(one, other);
  worst = Math.min(worst, ratio / least);
  if (ratio < least) failures.push(`${theme}: ${label} is ${ratio.toFixed(2)}, needs ${least}`);
}

for (const theme of ["light", "dark"]) {
  const t = tokensOf(theme === "light" ? ":root" : '[data-bs-theme="dark"]');
  for (const [one, other] of words) check(theme, `${one} on ${other}`, rgb(t[one]), rgb(t[other]), 4.5);
  for (const [one, other] of marks) check(theme, `${one} beside ${other}`, rgb(t[one]), rgb(t[other]), 3);
  // stage cards, tinted by how probable it is that the buyer is there: see journey-map.css
  for (let step = 0; step <= 20; step += 1) {
    const tint = (step * 1.9) / 100;
    const ground = mixed(t.customer, tint, t.card);
    check(theme, `a stage's name on tint ${step}`, rgb(t.ink), ground, 4.5);
    check(theme, `the figure on tint ${step}`, rgb(t["customer-deep"]), ground, 4.5);
    check(theme, `"told this" on tint ${step}`, mixed(t.ink, 0.18 + 2 * tint, t.mute), ground, 4.5);
  }
  // returns stand over the card in a lighter amber; their figures are words
  check(theme, "a return over the card", mixed(t.customer, 0.7, t.card), rgb(t.card), 3);
}

if (failures.length) {
  console.error(failures.join("\n"));
  process.exit(1);
}
console.log(`Contrast holds in both themes; the closest pair has ${Math.round(100 * worst - 100)}% to spare`);
