// Sets the theme before the first paint; the choice is remembered in this browser.
// Storage may be refused (private windows): then the system's theme it is.
function remembered(): string | null {
  try {
    return window.localStorage.getItem("theme");
  } catch {
    return null;
  }
}
const choice = remembered();
const dark = choice === "dark" || (choice !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
document.documentElement.classList.add("js");
