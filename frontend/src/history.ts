// Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) press the page's data-undo and data-redo buttons; in a field they are the browser's.

import { isTyping } from "./page";

function wants(event: KeyboardEvent): "undo" | "redo" | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event)) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && !event.shiftKey ? "redo" : null;
}

export function startHistory(): void {
  document.addEventListener("keydown", (event) => {
    const wanted = wants(event);
    const button = wanted && document.querySelector<HTMLButtonElement>(`button[data-${wanted}]`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });
}
