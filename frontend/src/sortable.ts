// data-behaviour="sortable" on a list: its items can be dragged, within it and to lists of the same data-sortable-group.
//
// A drop fills in `item`, `list` and `position` of the form named by data-sortable-form="#id" and submits it; `seen` too,
// where the form has it: the list that the page showed the item in, by its data-item-list.
// Items carry data-item-id (and data-item-name for announcements), lists data-list-id (and data-list-name).
// data-sortable-put="no" says that nothing can be dropped on a list.
// data-sortable-order="fixed" says that a list has an order of its own: only which list an item is in may change.
// Whatever can be dragged has buttons beside it that submit the same form; `data-move="up|down|LIST"` makes such a button.

import { announce } from "./page";

function nameOf(item: HTMLElement): string {
  return item.dataset.itemName ?? (item.textContent ?? "").trim().split("\n")[0] ?? "It";
}

function items(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(":scope > [data-item-id]")];
}

function send(list: HTMLElement, item: HTMLElement): void {
  const form = document.querySelector<HTMLFormElement>(list.dataset.sortableForm ?? "");
  if (!form) return;
  const position = items(list).indexOf(item);
  const set = (name: string, value: string): void => {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  };
  set("item", item.dataset.itemId ?? "");
  set("list", list.dataset.listId ?? "");
  set("position", String(position));
  set("seen", item.dataset.itemList ?? "");
  const where = list.dataset.listName ?? "";
  if (list.dataset.sortableOrder === "fixed") announce(`${nameOf(item)} moved under ${where}.`);
  else announce(`${nameOf(item)} moved to place ${position + 1} of ${items(list).length}${where && ` in ${where}`}.`);
  form.requestSubmit();
}

function move(button: HTMLElement): void {
  const item = button.closest<HTMLElement>("[data-item-id]");
  const list = item?.parentElement;
  const where = button.dataset.move ?? "";
  if (!item || !list) return;
  if (where === "up") item.previousElementSibling?.before(item);
  else if (where === "down") item.nextElementSibling?.after(item);
  else {
    const target = document.querySelector<HTMLElement>(`[data-list-id="${CSS.escape(where)}"]`);
    target?.append(item);
  }
  const now = item.parentElement;
  if (now) send(now, item);
  button.focus();
}

export function startMoves(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("button[data-move]");
    if (!button) return;
    // The button may stand in a form that says the same without scripts.
    event.preventDefault();
    move(button);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const item = (event.target as HTMLElement).closest<HTMLElement>("[data-behaviour~=sortable] > [data-item-id]");
    const button = item?.querySelector<HTMLElement>(`[data-move="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (!button) return;
    event.preventDefault();
    const focused = document.activeElement;
    move(button);
    if (focused instanceof HTMLElement) focused.focus();
  });
}

export async function sortable(list: HTMLElement): Promise<void> {
  const { default: Sortable } = await import("sortablejs");
  const group = list.dataset.sortableGroup;
  new Sortable(list, {
    // Where nothing is said of `put`, items of the same group are taken, and no others.
    ...(group ? { group: { name: group, ...(list.dataset.sortablePut === "no" ? { put: false } : {}) } } : {}),
    ...(list.querySelector(".drag-handle") ? { handle: ".drag-handle" } : {}),
    ...(list.dataset.sortableOrder === "fixed" ? { sort: false, fallbackOnBody: true, swapThreshold: 0.65 } : {}),
    draggable: "[data-item-id]",
    animation: 140,
    delay: 120,
    delayOnTouchOnly: true,
    ghostClass: "is-dragged",
    chosenClass: "is-lifted",
    onStart: (event) => announce(`${nameOf(event.item)} lifted.`),
    onEnd: (event) => {
      if (event.from === event.to && event.oldDraggableIndex === event.newDraggableIndex) {
        announce(`${nameOf(event.item)} stays where it was.`);
        return;
      }
      // Should a dialog ask why, it gives the focus back to what was dragged.
      event.item.querySelector<HTMLElement>("a[id]")?.focus({ preventScroll: true });
      send(event.to, event.item);
    },
  });
}
