// What had the focus may be gone once a part of the page was sent anew: a button that did its work, the pager's last page.
// The part has it then, so that Tab goes on from there.

const held = new WeakMap<XMLHttpRequest, string>();

type Swapped = CustomEvent<{ target: Element; xhr: XMLHttpRequest }>;

export function keepFocus(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = (event as Swapped).detail;
    if (target.contains(document.activeElement)) held.set(xhr, target.id);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = held.get((event as Swapped).detail.xhr);
    // Once everybody has heard of every part that came along: who knows a better place has taken the focus there.
    if (id) queueMicrotask(() => takeFocusBack(id));
  });
}

function takeFocusBack(id: string): void {
  const part = document.getElementById(id);
  if (!part || part instanceof HTMLDialogElement || document.activeElement !== document.body) return;
  if (part.tabIndex < 0) part.tabIndex = -1;
  part.focus({ preventScroll: true });
}
