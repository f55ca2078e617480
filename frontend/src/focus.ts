// What had the focus may be gone once a part of the page was sent anew: a button that did its work, the pager's last page.
// The part has it then, so that Tab goes on from there.

export function keepFocus(): void {
  let part = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    part = target.contains(document.activeElement) ? target.id : "";
  });
  // The last to hear of it: whoever knows a better place has taken the focus there.
  document.addEventListener("htmx:afterSettle", () => {
    const place = part ? document.getElementById(part) : null;
    part = "";
    if (!place || document.activeElement !== document.body) return;
    if (place.tabIndex < 0) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });
}
