// data-behaviour="deal-state": the part of a deal's page that is sent anew when its score is. Says the new score aloud,
// and gives the focus back to what had it.

import { announce } from "./page";

let last: { path: string; score: string } | null = null;

export function dealState(element: HTMLElement): void {
  const path = window.location.pathname;
  const score = element.dataset.score ?? "";
  const fresh = !("stale" in element.dataset);
  if (!fresh) return;
  if (last && last.path === path && last.score !== score) {
    announce(score ? `Alignment is now ${score}.` : "There is no score any more.");
  }
  last = { path, score };
}
