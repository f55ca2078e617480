// The choice between the system's theme, light and dark. theme-first.ts applies it before the first paint.

type Choice = "system" | "light" | "dark";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function remembered(): Choice {
  try {
    const value = localStorage.getItem("theme");
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

function apply(choice: Choice): void {
  const dark = choice === "dark" || (choice === "system" && system.matches);
  const theme = dark ? "dark" : "light";
  if (document.documentElement.getAttribute("data-bs-theme") !== theme) {
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("theme:changed", { detail: theme }));
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

system.addEventListener("change", () => apply(remembered()));
window.addEventListener("storage", (event) => {
  if (event.key === "theme") apply(remembered());
});

export function theme(element: HTMLElement): void {
  apply(remembered());
  element.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-theme-choice]");
    if (!button) return;
    const choice = button.dataset.themeChoice as Choice;
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
    } catch {
      // A private window remembers nothing; the theme still changes here.
    }
    apply(choice);
  });
}
