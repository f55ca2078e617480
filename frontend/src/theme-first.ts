// Sets the theme before the first paint; the choice is remembered in this browser.
const remembered = window.localStorage.getItem("theme");
const dark =
  remembered === "dark" || (remembered !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
document.documentElement.classList.add("js");
