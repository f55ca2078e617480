// Events of HX-Trigger reach the page also where the element that asked has been replaced meanwhile: a part of the page
// that keeps itself true may be sent anew while a form in it is being posted, and an event on what is gone is heard by nobody.
// Likewise a change that is told while such a part waits for an answer from before it: htmx forgets what waits on a part
// that is replaced.

type Events = Record<string, unknown>;

function eventsOf(header: string): Events {
  if (header.startsWith("{")) return JSON.parse(header) as Events;
  return Object.fromEntries(header.split(",").map((name) => [name.trim(), null]));
}

export function keepTriggers(): void {
  document.addEventListener("htmx:beforeSend", (event) => {
    const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
    xhr.addEventListener("readystatechange", () => {
      if (xhr.readyState !== XMLHttpRequest.DONE || elt.isConnected) return;
      const header = xhr.getResponseHeader("HX-Trigger");
      for (const [name, detail] of Object.entries(header ? eventsOf(header) : {})) {
        document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
      }
    });
  });
}

let toldMeanwhile: CustomEvent | null = null;

export function keepChanges(): void {
  // Heard before htmx hears it on the body and asks by itself.
  document.addEventListener(
    "deal-changed",
    (event) => {
      if (document.querySelector('[hx-trigger*="deal-changed"].htmx-request')) toldMeanwhile = event as CustomEvent;
    },
    { capture: true },
  );
}

/** To be called by a part that follows changes, once it was sent anew. */
export function tellAgain(): void {
  if (!toldMeanwhile) return;
  const { type, detail } = toldMeanwhile;
  toldMeanwhile = null;
  window.setTimeout(() => document.body.dispatchEvent(new CustomEvent(type, { bubbles: true, detail })));
}
