// data-behaviour="bulk" around a table whose rows have a checkbox named data-bulk-name (default "chosen"):
// data-bulk-all ticks every row, data-bulk-bar shows while something is ticked, data-bulk-count says how many.

import { announce } from "./page";

export function bulk(root: HTMLElement): void {
  const name = root.dataset.bulkName ?? "chosen";
  const boxes = (): HTMLInputElement[] => [
    ...root.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${CSS.escape(name)}"]`),
  ];
  let last: HTMLInputElement | null = null;

  function refresh(say: boolean): void {
    const all = boxes();
    const ticked = all.filter((box) => box.checked);
    for (const box of all) box.closest("tr")?.classList.toggle("is-chosen", box.checked);
    for (const head of root.querySelectorAll<HTMLInputElement>("[data-bulk-all]")) {
      head.checked = all.length > 0 && ticked.length === all.length;
      head.indeterminate = ticked.length > 0 && ticked.length < all.length;
    }
    for (const bar of root.querySelectorAll<HTMLElement>("[data-bulk-bar]")) bar.hidden = ticked.length === 0;
    const words = `${ticked.length} chosen`;
    for (const count of root.querySelectorAll("[data-bulk-count]")) count.textContent = words;
    if (say) announce(words);
  }

  root.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-bulk-all]")) {
      for (const each of boxes()) each.checked = box.checked;
      refresh(true);
    } else if (box.name === name) {
      last = box;
      refresh(true);
    }
  });
  // Shift and a click tick everything between the last box and this one.
  root.addEventListener("click", (event) => {
    const box = event.target;
    if (!event.shiftKey || !last || !(box instanceof HTMLInputElement) || box.name !== name) return;
    const all = boxes();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const each of all.slice(from, (to ?? 0) + 1)) each.checked = box.checked;
  });
  root.addEventListener("htmx:afterSwap", () => refresh(false));
  refresh(false);
}
