// What every behaviour needs from the page around it.

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Say something to screen readers at once; while a modal dialog is open only what is in it is heard. */
export function announce(message: string): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog:modal");
  let region = dialog ? dialog.querySelector<HTMLElement>(".announcer") : document.getElementById("announcer");
  if (!region && dialog) {
    region = document.createElement("div");
    region.className = "announcer visually-hidden";
    region.setAttribute("aria-live", "assertive");
    dialog.append(region);
  }
  const place = region;
  if (!place) return;
  place.textContent = "";
  window.setTimeout(() => {
    place.textContent = message;
  }, 50);
}

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sprite = document.querySelector<HTMLMetaElement>('meta[name="icons"]')?.content ?? "";
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Whether the person is writing, so that single keys are letters and no commands. */
export function isTyping(event: Event): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"))
  );
}

/** What a press of a form's button would send. */
export function filledIn(form: HTMLFormElement, submitter?: HTMLElement | null): URLSearchParams {
  const data = new FormData(form, submitter ?? null);
  const pairs = new URLSearchParams();
  for (const [name, value] of data) if (typeof value === "string") pairs.append(name, value);
  return pairs;
}

export function post(
  url: string,
  body: URLSearchParams | FormData,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: {
      "X-CSRFToken": csrfToken(),
      "X-Requested-With": "XMLHttpRequest",
      Accept: "application/json",
      ...headers,
    },
  });
}

export function clockTime(at: Date): string {
  return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
