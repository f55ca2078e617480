// A part that asks for itself every few seconds is not sent anew between press and release: the click would be lost, or a
// drag. It asks once more after the release.

import htmx from "htmx.org";

interface Asked {
  elt: Element;
  verb: string;
  path: string;
  triggeringEvent: Event;
}
type Swapping = CustomEvent<{ target: Element; shouldSwap: boolean; requestConfig: Asked }>;

let pressed: Node | null = null;
const waiting = new Map<Element, Asked>();

function press(event: Event): void {
  if (event instanceof PointerEvent && event.button > 0) return; // a menu takes its release
  pressed = event.target as Node;
}

function release(): void {
  pressed = null;
  const asked = [...waiting.values()];
  waiting.clear();
  // The click comes after the release.
  window.setTimeout(() => {
    for (const { elt, path, triggeringEvent: event } of asked) {
      if (elt.isConnected) void htmx.ajax("get", path, { source: elt, target: elt, swap: "outerHTML", event });
    }
  });
}

export function keepPresses(): void {
  // A native drag begins with the pointer's cancelling, and tells of itself until it ends.
  for (const name of ["pointerdown", "drag", "keydown"]) document.addEventListener(name, press, true);
  for (const name of ["pointerup", "pointercancel", "dragend", "keyup"]) document.addEventListener(name, release, true);
  window.addEventListener("blur", release);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = (event as Swapping).detail;
    const { target, requestConfig: asked } = answer;
    if (!answer.shouldSwap || asked.elt !== target || asked.verb !== "get" || !target.contains(pressed)) return;
    answer.shouldSwap = false;
    waiting.set(target, asked);
  });
}
