// data-behaviour="board": Alt with the left or right arrow on a card moves it to the neighbouring stage, as dragging does.
// The move is sent by the form that the lists name; the server answers with a toast, or asks why it goes back.

import { tellAgain } from "./lost-triggers";
import { announce } from "./page";

let moved = "";

function send(list: HTMLElement, card: HTMLElement): void {
  const form = document.querySelector<HTMLFormElement>(list.dataset.sortableForm ?? "");
  if (!form) return;
  for (const [name, value] of [
    ["item", card.dataset.itemId ?? ""],
    ["list", list.dataset.listId ?? ""],
    ["position", "0"],
  ] as const) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  announce(`${card.dataset.itemName ?? "The deal"} to ${list.dataset.listName ?? "another stage"}.`);
  moved = card.id;
  form.requestSubmit();
}

// A move that was refused is not one: the board is sent anew, with the card where it was.
export function watchBoard(): void {
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, (event) => {
      // It is told on what the answer was for, not on what asked.
      if ((event as CustomEvent).detail.requestConfig?.elt?.id !== "board-move") return;
      document.body.dispatchEvent(new CustomEvent("deal-changed", { bubbles: true }));
    });
  }
}

export function board(element: HTMLElement): void {
  // The board is sent anew after a move: the card that was moved by the keyboard keeps the focus, or gets it back from
  // the dialog that asks why.
  if (moved) {
    const card = moved;
    const take = (): void => document.getElementById(card)?.querySelector<HTMLElement>("a")?.focus();
    const asking = document.querySelector("dialog[open]");
    if (asking) asking.addEventListener("close", take, { once: true });
    else take();
    moved = "";
  }
  tellAgain();
  // Cards that somebody loaded stay until something is moved: the look every half minute waits meanwhile.
  let loaded = false;
  let end: Element | null = null; // the last card before those that were asked for
  element.addEventListener("htmx:beforeRequest", (event) => {
    const source = event.target as HTMLElement;
    if (source.matches("[data-more-cards]")) {
      loaded = true;
      end = source.closest("li")?.previousElementSibling ?? null;
    }
    const why = (event as CustomEvent).detail?.requestConfig?.triggeringEvent;
    if (source === element && loaded && !why) event.preventDefault();
  });
  element.addEventListener("htmx:afterSettle", () => {
    end?.nextElementSibling?.querySelector("a")?.focus({ preventScroll: true });
    end = null;
  });
  // In a long column the card that was moved last might be out of sight: it is asked for on top.
  // What was moved by the dialog names its deal itself.
  element.addEventListener("htmx:configRequest", (event) => {
    const { triggeringEvent, parameters } = (event as CustomEvent).detail;
    const item = document.querySelector<HTMLInputElement>("#board-move [name=item]");
    if (event.target !== element || !item) return;
    const changed = (triggeringEvent as CustomEvent | undefined)?.detail?.deal;
    if (changed) item.value = String(changed);
    if (item.value) parameters.moved = item.value;
  });
  element.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    const card = (event.target as HTMLElement).closest<HTMLElement>("[data-item-id]");
    const lists = [...element.querySelectorAll<HTMLElement>("[data-list-id]")].filter((list) => list.dataset.listId);
    const here = lists.findIndex((list) => card !== null && list.contains(card));
    const target = lists[here + (event.key === "ArrowLeft" ? -1 : 1)];
    if (!card || !target || (here < 0 && event.key === "ArrowLeft")) return;
    event.preventDefault();
    target.prepend(card);
    send(target, card);
  });
}
