// The command palette: a combobox over the answers of data-search-url?q=...
// The server answers with HTML (a list of <a data-result>) or JSON {results: [{title, url, kind, detail}]}.

import { openDialog } from "./dialogs";

interface Result {
  title: string;
  url: string;
  kind?: string;
  detail?: string;
}

let asked = 0;

function palette(): HTMLDialogElement | null {
  const found = document.getElementById("palette");
  return found instanceof HTMLDialogElement ? found : null;
}

function asLink(result: Result): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = result.url;
  link.textContent = result.title;
  const small = document.createElement("small");
  small.textContent = [result.kind, result.detail].filter(Boolean).join(" · ");
  if (small.textContent) link.append(small);
  return link;
}

/** Pages of the side navigation whose name begins like the query. */
function pages(query: string): Result[] {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".side .side__link")];
  return links
    .map((link) => ({ title: (link.textContent ?? "").trim(), url: link.href, kind: "page" }))
    .filter((page) => page.title.toLowerCase().startsWith(query.toLowerCase()));
}

async function find(url: string, query: string): Promise<HTMLAnchorElement[]> {
  const response = await fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, {
    credentials: "same-origin",
    headers: { Accept: "application/json, text/html;q=0.9", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!response.ok) throw new Error(String(response.status));
  if (response.headers.get("Content-Type")?.includes("json")) {
    const { results } = (await response.json()) as { results: Result[] };
    return results.map(asLink);
  }
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  return [...parsed.querySelectorAll<HTMLAnchorElement>("a[href]")].map((link) => document.importNode(link, true));
}

function choose(dialog: HTMLDialogElement, index: number): void {
  const options = [...dialog.querySelectorAll<HTMLElement>("[role=option]")];
  const input = dialog.querySelector("input");
  const chosen = options.length ? (index + options.length) % options.length : -1;
  options.forEach((option, i) => {
    option.setAttribute("aria-selected", String(i === chosen));
  });
  options[chosen]?.scrollIntoView({ block: "nearest" });
  if (chosen >= 0) input?.setAttribute("aria-activedescendant", `palette-${chosen}`);
  else input?.removeAttribute("aria-activedescendant");
}

function show(dialog: HTMLDialogElement, links: HTMLAnchorElement[], trouble = ""): void {
  links.forEach((link, i) => {
    link.id = `palette-${i}`;
    link.className = "palette__result";
    link.tabIndex = -1;
    link.setAttribute("role", "option");
  });
  dialog.querySelector("#palette-results")?.replaceChildren(...links);
  dialog.querySelector("input")?.setAttribute("aria-expanded", String(links.length > 0));
  const hint = dialog.querySelector<HTMLElement>("#palette-hint");
  if (hint) hint.textContent = trouble || "↑ ↓ to choose, Enter to open.";
  choose(dialog, 0);
}

async function search(dialog: HTMLDialogElement, query: string): Promise<void> {
  asked += 1;
  const mine = asked;
  const own = pages(query).map(asLink);
  if (query.trim().length < 2) {
    show(dialog, own);
    return;
  }
  const found = await find(dialog.dataset.searchUrl ?? "", query).catch(() => null);
  if (mine !== asked) return;
  const links = [...own, ...(found ?? [])];
  if (found === null) show(dialog, links, "The search does not answer. Please try again.");
  else show(dialog, links, links.length ? "" : `Nothing found for “${query}”.`);
}

function current(dialog: HTMLDialogElement): number {
  return [...dialog.querySelectorAll("[role=option]")].findIndex((o) => o.getAttribute("aria-selected") === "true");
}

export function openPalette(): void {
  const dialog = palette();
  const input = dialog?.querySelector("input");
  if (!dialog || !input) return;
  openDialog(dialog);
  input.focus();
  input.select();
  void search(dialog, input.value);
}

export function startPalette(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as HTMLElement).closest("[data-palette-open]")) openPalette();
  });
  const dialog = palette();
  const input = dialog?.querySelector("input");
  if (!dialog || !input) return;
  let timer = 0;
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void search(dialog, input.value), 140);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(dialog, current(dialog) + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      dialog.querySelector<HTMLAnchorElement>('[aria-selected="true"]')?.click();
    }
  });
}
