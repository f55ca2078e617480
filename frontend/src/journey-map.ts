// On a phone the stages of the journey map fold; where the map is wider than the screen it starts at the likely stage.
// A map that is drawn anew after an edit stays scrolled and folded as it was.

const unfolded = new Map<string, boolean>(); // by stage, what a person opened or closed
let scrolled = 0;

function fold(column: HTMLElement, folded: boolean): void {
  column.classList.toggle("is-folded", folded);
  column.querySelector(".stage-card__fold")?.setAttribute("aria-expanded", String(!folded));
}

export function journeyMap(map: HTMLElement): void {
  map.addEventListener("click", (event) => {
    const column = (event.target as HTMLElement)
      .closest(".stage-card__fold")
      ?.closest<HTMLElement>(".journey-map__column");
    if (!column) return;
    const opens = column.classList.contains("is-folded");
    fold(column, !opens);
    unfolded.set(column.id, opens);
  });
  for (const column of map.querySelectorAll<HTMLElement>(".journey-map__column")) {
    const open = unfolded.get(column.id);
    if (open !== undefined) fold(column, !open);
  }
  const scroller = map.querySelector<HTMLElement>(".journey-map__scroll");
  if (!scroller) return;
  scroller.scrollLeft = scrolled;
  scroller.addEventListener("scroll", () => {
    scrolled = scroller.scrollLeft;
  });
  const likely = map.querySelector<HTMLElement>(".journey-map__column:not(.is-folded)");
  if (!likely || !map.classList.contains("journey-map--deal")) return;
  const beyond = likely.offsetLeft + likely.offsetWidth - scroller.clientWidth;
  if (beyond > 0 && !scrolled) scroller.scrollLeft = beyond + likely.offsetWidth;
}
