// What scrolls sideways stays where it was once its part of the page was sent anew.

const SIDEWAYS = ".board, .table-scroll";
const held = new WeakMap<XMLHttpRequest, number[]>();

type Swapped = CustomEvent<{ target: Element; xhr: XMLHttpRequest }>;

function within(part: Element | null): Element[] {
  return [...(part?.querySelectorAll(SIDEWAYS) ?? [])];
}

export function keepScrolling(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = (event as Swapped).detail;
    held.set(
      xhr,
      within(target).map((each) => each.scrollLeft),
    );
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, xhr } = (event as Swapped).detail;
    const places = held.get(xhr) ?? [];
    for (const [place, each] of within(document.getElementById(target.id)).entries()) {
      each.scrollLeft = places[place] ?? 0;
    }
  });
}
