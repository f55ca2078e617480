// Differences between coders are settled by keys: 1, 2, ... takes a person's coding, B keeps all, N and P go on, U undoes.

import { isTyping } from "./page";
import { undoLast } from "./toasts";

const cards = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-difference]")];
let at = 0;

function current(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-difference]") ?? cards()[0] ?? null;
}

function show(index: number): void {
  const all = cards();
  const goal = all[Math.min(Math.max(index, 0), all.length - 1)];
  goal?.focus({ preventScroll: true });
  goal?.scrollIntoView({ block: "nearest" });
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (!document.getElementById("differences") || document.querySelector("dialog[open]")) return;
  const card = current();
  const index = card ? cards().indexOf(card) : 0;
  const choice = card?.querySelector<HTMLElement>(`[data-choice="${CSS.escape(event.key)}"]`);
  if (choice) {
    at = index;
    choice.click();
  } else if (event.key === "n" || event.key === "p") {
    const moves = card?.contains(document.activeElement) ?? false;
    show(moves ? index + (event.key === "n" ? 1 : -1) : index);
  } else if (event.key !== "u" || !undoLast()) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function startSettling(): void {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = (event as CustomEvent<{ elt: Element }>).detail.elt;
    if (part.id === "differences" && document.activeElement === document.body) show(at);
  });
}
