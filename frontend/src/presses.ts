// A part that asks for itself, by the clock or when told of a change, is not sent anew between press and release: the
// click would be lost, or a drag. It asks once more after the release.

import htmx from "htmx.org";

interface Asked {
  elt: Element;
  verb: string;
  path: string;
  triggeringEvent: Event | undefined;
}
type Swapping = CustomEvent<{ target: Element; shouldSwap: boolean; requestConfig: Asked }>;

let pressed = false;
const waiting = new Map<Element, Asked>();

function askAgain(asked: Asked): void {
  const { elt, path, triggeringEvent: event } = asked;
  if (!elt.isConnected) return;
  // What the click asks for comes first: it may be for this very part.
  if (document.querySelector(".htmx-request")) {
    document.addEventListener("htmx:afterRequest", () => window.setTimeout(askAgain, 0, asked), { once: true });
    return;
  }
  void htmx.ajax("get", path, { source: elt, ...(event ? { event } : {}) });
}

function release(): void {
  pressed = false;
  // The click comes after the release.
  for (const asked of waiting.values()) window.setTimeout(askAgain, 0, asked);
  waiting.clear();
}

export function keepPresses(): void {
  const listen = (names: string[], hear: () => void): void => {
    for (const name of names) document.addEventListener(name, hear, true);
  };
  // A native drag begins with the pointer's cancelling, and tells of itself until it ends.
  listen(["pointerdown", "drag", "keydown"], () => {
    pressed = true;
  });
  // A menu of the browser's own takes the release of what opened it.
  listen(["pointerup", "pointercancel", "contextmenu", "dragend", "keyup"], release);
  window.addEventListener("blur", release);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = (event as Swapping).detail;
    const { target, requestConfig: asked } = answer;
    if (!pressed || !answer.shouldSwap || asked.elt !== target || asked.verb !== "get") return;
    answer.shouldSwap = false;
    waiting.set(target, asked);
  });
}
