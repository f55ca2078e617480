// Passages of a file: within one, a digit moves it under that question, 0 leaves it out; arrows, j and k go to the next.
// Each passage has a list of its own that does the same without scripts.

import { announce, isTyping } from "./page";

function move(passage: HTMLElement, digit: string): boolean {
  const list = passage.querySelector<HTMLSelectElement>("select[name=question]");
  const value = digit === "0" ? "" : digit;
  const option = [...(list?.options ?? [])].find((one) => one.value === value);
  if (!list || !option) return false;
  if (list.value !== value) {
    list.value = value;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }
  announce(option.textContent ?? "");
  return true;
}

function go(passage: HTMLElement, forward: boolean): boolean {
  const next = forward ? passage.nextElementSibling : passage.previousElementSibling;
  if (!(next instanceof HTMLElement) || next.dataset.passage === undefined) return false;
  next.focus();
  return true;
}

export function passages(list: HTMLElement): void {
  list.addEventListener("keydown", (event) => {
    const passage = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-passage]") : null;
    if (!passage || isTyping(event) || event.target instanceof HTMLSelectElement) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const done = /^\d$/.test(key)
      ? move(passage, key)
      : key === "ArrowDown" || key === "j"
        ? go(passage, true)
        : (key === "ArrowUp" || key === "k") && go(passage, false);
    if (done) event.preventDefault();
  });
}
