// On a phone the stages of the journey map fold; where the map is wider than the screen it starts at the likely stage.

export function journeyMap(map: HTMLElement): void {
  map.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>(".stage-card__fold");
    const column = button?.closest<HTMLElement>(".journey-map__column");
    if (!button || !column) return;
    const folded = column.classList.toggle("is-folded");
    button.setAttribute("aria-expanded", String(!folded));
  });
  const scroller = map.querySelector<HTMLElement>(".journey-map__scroll");
  const likely = map.querySelector<HTMLElement>(".journey-map__column:not(.is-folded)");
  if (!scroller || !likely || !map.classList.contains("journey-map--deal")) return;
  const beyond = likely.offsetLeft + likely.offsetWidth - scroller.clientWidth;
  if (beyond > 0) scroller.scrollLeft = beyond + likely.offsetWidth;
}
