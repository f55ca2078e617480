// Short messages in the corner. The server sends HX-Trigger: {"toast": {"message", "level", "undo_url", "undo_target"}};
// Django's messages are already in the page. A toast with Undo waits longer; one with an error waits for the person.

import htmx from "htmx.org";
import { icon, post } from "./page";

export interface Toast {
  message: string;
  level?: "success" | "info" | "warning" | "error";
  undo_url?: string;
  /** Swapped for what the undoing answers; such messages come fast, and each makes room for the next. */
  undo_target?: string;
}

function dismiss(note: HTMLElement): void {
  const held = note.contains(document.activeElement);
  const around = note.closest<HTMLElement>("dialog") ?? document.getElementById("content");
  note.remove();
  if (held) around?.focus({ preventScroll: true });
}

function wait(note: HTMLElement, milliseconds: number): void {
  let timer = window.setTimeout(() => dismiss(note), milliseconds);
  const hold = (): void => window.clearTimeout(timer);
  const go = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => dismiss(note), 4000);
  };
  note.addEventListener("pointerenter", hold);
  note.addEventListener("focusin", hold);
  note.addEventListener("pointerleave", go);
  note.addEventListener("focusout", go);
}

async function undo(url: string, target: string, note: HTMLElement): Promise<void> {
  if (target && document.querySelector(target)) {
    note.remove(); // what is sent anew knows where the focus goes
    await htmx.ajax("post", url, { target, swap: "outerHTML" });
    return;
  }
  const asHtmx = { "HX-Request": "true", Accept: "text/html" };
  const response = await post(url, new URLSearchParams(), asHtmx).catch(() => null);
  if (!response || response.status === 503) {
    sayOnce("The server did not answer. Please try again.");
    return;
  }
  dismiss(note);
  // A part of this page that listens to what the answer tells loads itself anew; without one the whole page does.
  const told = Object.entries<unknown>(JSON.parse(response.headers.get("HX-Trigger") ?? "{}"));
  if (response.ok && !told.some(([name]) => document.querySelector(`[hx-trigger*="${name}"]`))) {
    window.location.reload();
    return;
  }
  if (!told.length) showToast({ message: "That could not be undone any more.", level: "error" });
  for (const [name, detail] of told) document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/** A modal dialog makes the rest of the page inert, so while one is open its messages live in it. */
function regionForNow(): HTMLElement | null {
  const usual = document.getElementById("toasts");
  const dialog = document.querySelector<HTMLDialogElement>("dialog:modal");
  if (!dialog) return usual;
  const there = dialog.querySelector<HTMLElement>(":scope > .toasts");
  if (there) return there;
  const own = document.createElement("div");
  own.className = "toasts";
  own.setAttribute("role", "status");
  dialog.append(own);
  dialog.addEventListener(
    "close",
    () => {
      usual?.append(...own.childNodes);
      own.remove();
    },
    { once: true },
  );
  return own;
}

export function showToast(toast: Toast): void {
  const level = toast.level ?? "success";
  const note = document.createElement("div");
  if (toast.undo_target) {
    for (const former of document.querySelectorAll<HTMLElement>("[data-passing]")) former.remove();
    note.dataset.passing = "";
  }
  note.className = `toast-note toast-note--${level}`;
  const words = document.createElement("p");
  words.textContent = toast.message;
  note.append(words);
  if (toast.undo_url) {
    const url = toast.undo_url;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = "Undo";
    button.dataset.toastUndo = "";
    button.addEventListener("click", () => void undo(url, toast.undo_target ?? "", note));
    note.append(button);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-icon btn-sm";
  close.setAttribute("aria-label", "Dismiss");
  close.dataset.toastClose = "";
  close.append(icon("x"));
  note.append(close);
  regionForNow()?.append(note);
  if (level !== "error") wait(note, toast.undo_url ? 12000 : 6000);
}

/** Press the newest Undo: that of a message still shown, else the page's own list of what was done last. */
export function undoLast(): boolean {
  const shown = [...document.querySelectorAll<HTMLElement>("[data-toast-undo]")].pop();
  const button = shown ?? document.querySelector<HTMLElement>("[data-undo-last]");
  button?.click();
  return button !== null;
}

/** The messages in a dialog stay when its content is loaded anew. */
function keepThroughSwaps(): void {
  let kept: Element | null = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    kept = target instanceof HTMLDialogElement ? target.querySelector(":scope > .toasts") : null;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    if (kept && target instanceof HTMLDialogElement && target.childElementCount) target.append(kept);
    kept = null;
  });
}

/** Say what a page that asks every few seconds would say again and again. */
function sayOnce(message: string): void {
  const said = [...document.querySelectorAll(".toast-note p")].some((words) => words.textContent === message);
  if (!said) showToast({ message, level: "error" });
}

/** A part of the page that could not be loaded says so, instead of that it is under way. */
function waitNoLonger(event: Event): void {
  const target = (event as CustomEvent<{ target?: Element }>).detail.target;
  const waiting = target?.querySelector(":scope > .htmx-indicator");
  if (waiting) waiting.textContent = "This could not be loaded. Load the page again in a moment.";
}

export function startToasts(): void {
  keepThroughSwaps();
  document.addEventListener("toast", (event) => showToast((event as CustomEvent<Toast>).detail));
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest("[data-toast-close]");
    const note = button?.closest<HTMLElement>(".toast-note");
    if (note) dismiss(note);
  });
  for (const note of document.querySelectorAll<HTMLElement>("[data-toast]")) {
    if (!note.classList.contains("toast-note--error")) wait(note, 6000);
  }
  const signedOut = "You are signed out. Copy what is not saved yet, then load this page again to sign in.";
  const failed = "The server did not answer. What you typed is still here; please try again.";
  document.addEventListener("htmx:sendError", (event) => {
    waitNoLonger(event);
    showToast({ message: failed, level: "error" });
  });
  document.addEventListener("htmx:responseError", (event) => {
    waitNoLonger(event);
    const xhr = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
    // An answer with its own words has already been shown by its HX-Trigger.
    if (xhr.getResponseHeader("HX-Trigger") || xhr.status === 422) return;
    if (xhr.status === 401) return sayOnce(signedOut);
    if (xhr.status === 503) return sayOnce(failed);
    const words = xhr.status === 404 ? "That is gone, or not yours to see." : "That did not work. Please try again.";
    showToast({ message: words, level: "error" });
  });
}
