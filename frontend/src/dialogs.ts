// Native dialogs. The browser keeps the focus inside, closes on Escape and gives the focus back.
//
// data-dialog-open="#id"      opens the dialog; with hx-get on the same element its content is loaded into it first
// data-dialog-close           closes the dialog around it
// HX-Trigger: dialog:close    closes every open dialog (the server sends it with a success)

import { attach } from "./registry";

/** The content of a loaded dialog names it: its first heading becomes the accessible name. */
function nameAfterHeading(dialog: HTMLDialogElement): void {
  const heading = dialog.querySelector<HTMLElement>("h1, h2");
  if (!heading) return;
  heading.id ||= `${dialog.id}-title`;
  dialog.removeAttribute("aria-label");
  dialog.setAttribute("aria-labelledby", heading.id);
}

/** The button that closes comes first in the markup, but people come for the first field or choice below it. */
function takeFocus(dialog: HTMLDialogElement): void {
  if (dialog.querySelector(".error-summary")) return;
  const shown = (selector: string): HTMLElement | undefined =>
    [...dialog.querySelectorAll<HTMLElement>(selector)].find((each) => each.checkVisibility());
  const asked = shown(".dialog__body :is(input:not([type=hidden]), select, textarea, .choice-list button)");
  (shown("[autofocus]") ?? asked ?? shown(".dialog__body :is(button, a[href])"))?.focus();
}

export function openDialog(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  const opener = document.activeElement?.id;
  dialog.showModal();
  if (!opener) return;
  // What opened it may have been sent anew meanwhile: the browser would give the focus to what is gone.
  const giveBack = (): void => {
    const now = document.activeElement;
    if (now === document.body || dialog.contains(now)) document.getElementById(opener)?.focus();
  };
  dialog.addEventListener("close", giveBack, { once: true });
}

function closeOnBackdrop(event: MouseEvent): void {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open || dialog.hasAttribute("data-keep-open")) return;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  // A press of Enter in a form is a click at 0, 0 on the button, never on the dialog itself.
  if (!inside) dialog.close();
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const opener = target.closest<HTMLElement>("[data-dialog-open]");
    if (opener && !opener.hasAttribute("hx-get")) {
      const dialog = document.querySelector(opener.dataset.dialogOpen || "#page-dialog");
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        openDialog(dialog);
      }
      return;
    }
    if (target.closest("[data-dialog-close]")) {
      event.preventDefault();
      target.closest("dialog")?.close();
      return;
    }
    closeOnBackdrop(event);
  });

  // Content that htmx put into a dialog shows the dialog; an empty answer closes it.
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    const dialog = target.closest("dialog");
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (dialog.innerHTML.trim() === "") {
      dialog.close();
      return;
    }
    nameAfterHeading(dialog);
    const opens = !dialog.open;
    openDialog(dialog);
    attach(dialog);
    // A panel at the side is there to be read, and who is at work in a dialog stays where they are.
    const lost = opens || !dialog.contains(document.activeElement);
    if (target === dialog && lost && !dialog.matches(".dialog--side")) takeFocus(dialog);
  });

  const closeAll = (): void => {
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  };
  document.addEventListener("dialog:close", closeAll);
  document.addEventListener("htmx:historyRestore", closeAll);
}
