// `/` opens the palette, `g` and a letter go to a page, `?` lists the keys; none of them while typing.
// A page adds its own keys with data-hotkey="a" (and data-hotkey-label) on a link, a button or a field.

import { openDialog } from "./dialogs";
import { isTyping } from "./page";
import { openPalette } from "./palette";

let awaitsLetter = 0;

function go(letter: string): void {
  document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(letter)}"]`)?.click();
}

function listPageKeys(): void {
  const place = document.getElementById("page-keys");
  if (!place) return;
  const list = document.createElement("dl");
  list.className = "keys mt-3";
  for (const element of document.querySelectorAll<HTMLElement>("[data-hotkey][data-hotkey-label]")) {
    const row = document.createElement("div");
    const key = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.textContent = element.dataset.hotkey ?? "";
    key.append(kbd);
    const words = document.createElement("dd");
    words.textContent = element.dataset.hotkeyLabel ?? "";
    row.append(key, words);
    list.append(row);
  }
  place.replaceChildren(...(list.childElementCount ? [list] : []));
}

function pressPageKey(key: string): boolean {
  const scope = document.querySelector("dialog[open]") ?? document;
  const element = scope.querySelector<HTMLElement>(`[data-hotkey="${CSS.escape(key)}"]:not([disabled])`);
  if (!element) return false;
  if (element.matches("input, select, textarea")) element.focus();
  else element.click();
  return true;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const dialogOpen = document.querySelector("dialog[open]") !== null;
  const afterG = Date.now() - awaitsLetter < 1500;
  awaitsLetter = 0;
  if (!dialogOpen && afterG) {
    event.preventDefault();
    go(event.key);
  } else if (!dialogOpen && event.key === "g") {
    awaitsLetter = Date.now();
  } else if (!dialogOpen && event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (!dialogOpen && event.key === "?") {
    const keys = document.getElementById("keys");
    if (keys instanceof HTMLDialogElement) {
      listPageKeys();
      openDialog(keys);
    }
  } else if (event.key.length === 1 && pressPageKey(event.key)) {
    event.preventDefault();
  }
}

export function startKeyboard(): void {
  document.addEventListener("keydown", onKey);
}
