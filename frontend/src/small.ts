// Behaviours of a few lines each.

import { announce } from "./page";

/** data-behaviour="take-focus": an error summary or a new heading takes the focus when it appears. */
export function takeFocus(element: HTMLElement): void {
  if (element.tabIndex < 0) element.tabIndex = -1;
  window.requestAnimationFrame(() => element.focus());
}

/** data-behaviour="submit-on-change": a filter form sends itself; its button is for pages without scripts. */
export function submitOnChange(element: HTMLElement): void {
  if (!(element instanceof HTMLFormElement)) return;
  let timer = 0;
  for (const button of element.querySelectorAll<HTMLElement>("[data-without-js]")) button.hidden = true;
  const send = (pause: number): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => element.requestSubmit(), pause);
  };
  element.addEventListener("change", () => send(0));
  element.addEventListener("input", (event) => {
    if ((event.target as HTMLElement).matches("input[type=search], input[type=text]")) send(350);
  });
}

/** data-behaviour="copy" data-copy="#id": copies the text or the value of that element. */
export function copy(button: HTMLElement): void {
  button.addEventListener("click", () => {
    const source = document.querySelector(button.dataset.copy ?? "");
    const text = source instanceof HTMLInputElement ? source.value : (source?.textContent ?? "").trim();
    void navigator.clipboard.writeText(text).then(() => {
      const before = button.textContent;
      button.textContent = "Copied";
      announce("Copied");
      window.setTimeout(() => {
        button.textContent = before;
      }, 2000);
    });
  });
}

/** data-behaviour="print": a button that prints the page. */
export function print(button: HTMLElement): void {
  button.addEventListener("click", () => window.print());
}

/** A form that the browser sends is sent once: its button is busy from the first press on. */
export function startBusyButtons(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method === "dialog" || form.dataset.behaviour?.includes("autosave")) return;
    const button = (event as SubmitEvent).submitter;
    if (!button || form.hasAttribute("hx-post") || form.method.toLowerCase() === "get") return;
    if (button.getAttribute("aria-busy") === "true") event.preventDefault();
    button.setAttribute("aria-busy", "true");
    window.setTimeout(() => button.removeAttribute("aria-busy"), 8000);
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
  });
}
