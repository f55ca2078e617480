// Menus are <details data-menu>: they work without scripts; with them they close on Escape, outside clicks and a choice.

export function startMenus(): void {
  const open = (): HTMLDetailsElement[] => [
    ...document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]"),
  ];
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    for (const menu of open()) {
      const chosen = menu.contains(target) && target.closest("a, button:not([data-theme-choice])");
      // What opens from a choice gives the focus back to the menu, not to what is folded away by then.
      if (chosen) menu.querySelector<HTMLElement>("summary")?.focus();
      if (!menu.contains(target) || chosen) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = (event.target as HTMLElement).closest<HTMLDetailsElement>("details[data-menu][open]");
    if (event.key === "Escape") {
      for (const each of open()) {
        each.open = false;
        if (each === menu) each.querySelector<HTMLElement>("summary")?.focus();
      }
      return;
    }
    if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const items = [...menu.querySelectorAll<HTMLElement>(".menu__items a, .menu__items button")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    event.preventDefault();
    items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  });
}
