// data-behaviour="deal-state": the part of a deal's page that is sent anew when its score is. Says the new score aloud,
// and gives the focus back to what had it.

import { announce } from "./page";

let last: { path: string; score: string } | null = null;
// A change was told while an answer from before it was under way: htmx forgets what waits on a part that is replaced.
let changedMeanwhile = false;

function isBeingAsked(): boolean {
  return document.querySelector("[data-behaviour=deal-state].htmx-request") !== null;
}

export function watchDeal(): void {
  // Heard before htmx hears it on the body and asks by itself.
  document.addEventListener(
    "deal-changed",
    () => {
      changedMeanwhile ||= isBeingAsked();
    },
    { capture: true },
  );
}

export function dealState(element: HTMLElement): void {
  if (changedMeanwhile) {
    changedMeanwhile = false;
    window.setTimeout(() => document.body.dispatchEvent(new CustomEvent("deal-changed", { bubbles: true })));
  }
  const path = window.location.pathname;
  const score = element.dataset.score ?? "";
  const fresh = !("stale" in element.dataset);
  if (!fresh) return;
  if (last && last.path === path && last.score !== score) {
    announce(score ? `Alignment is now ${score}.` : "There is no score any more.");
  }
  last = { path, score };
}
