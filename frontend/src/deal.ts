// data-behaviour="deal-state": the part of a deal's page that is sent anew when its score is. Says the new score aloud,
// and leaves open what was opened; what has an id keeps the focus.

import { tellAgain } from "./lost-triggers";
import { announce } from "./page";

let last: { path: string; score: string } | null = null;
// What was open in the part that is about to be replaced.
let opened: string[] = [];

function placeOf(details: HTMLElement): string {
  return `${details.closest("section")?.ariaLabel ?? details.closest("section")?.id} ${details.className}`;
}

export function watchDeal(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    if (!target.matches("[data-behaviour=deal-state]")) return;
    opened = [...target.querySelectorAll<HTMLElement>("details[open]:not([data-menu])")].map(placeOf);
  });
}

export function dealState(element: HTMLElement): void {
  for (const details of element.querySelectorAll("details")) {
    if (opened.includes(placeOf(details))) details.open = true;
  }
  opened = [];
  tellAgain();
  const path = window.location.pathname;
  const score = element.dataset.score ?? "";
  const fresh = !("stale" in element.dataset);
  if (!fresh) return;
  if (last && last.path === path && last.score !== score) {
    announce(score ? `Alignment is now ${score}.` : "There is no score any more.");
  }
  last = { path, score };
}
