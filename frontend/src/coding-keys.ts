// An hour of coding by keys alone: which suggestion and which answer they speak of, and where the focus goes next.

import { isTyping } from "./page";
import { undoLast } from "./toasts";

interface Coding {
  /** Give the chosen words a code; false where none are chosen. */
  code: () => boolean;
  /** The same with a code of this kind, or for the suggestion's sentence where no words are chosen. */
  codeAs: (kind: string) => boolean;
}

const AFTER_G = 1500; // milliseconds in which a letter after `g` goes to a page
let afterG = 0;
let next: "suggestion" | "answer" | "" = "";

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];

/** The suggestion that the keys speak of: the one with the focus, else of the answer that has it, else the first. */
export function currentSuggestion(): HTMLElement | null {
  const focused = document.activeElement;
  return (
    focused?.closest<HTMLElement>("[data-suggestion]") ??
    focused?.closest("[data-answer]")?.querySelector<HTMLElement>("[data-suggestion]") ??
    document.querySelector<HTMLElement>("[data-suggestion]")
  );
}

/** The answer that the keys speak of. */
function currentAnswer(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-answer]");
  return focused ?? currentSuggestion()?.closest<HTMLElement>("[data-answer]") ?? all("[data-answer]")[0] ?? null;
}

/** Show which suggestion the keys speak of, beside it and in the text. */
export function markCurrent(): void {
  const current = currentSuggestion();
  const shown = [current, currentAnswer()];
  for (const each of all("[data-current]")) if (!shown.includes(each)) delete each.dataset.current;
  for (const each of shown) if (each) each.dataset.current = "";
  const pk = current?.dataset.suggestion ?? "";
  for (const mark of all("mark[data-suggestions]")) {
    mark.classList.toggle("is-asked", (mark.dataset.suggestions ?? "").split(" ").includes(pk));
  }
}

function show(element: HTMLElement | null | undefined): boolean {
  if (!element) return false;
  const folded = element.closest("details");
  if (folded) folded.open = true;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
  return true;
}

const acceptOf = (element: Element | undefined): HTMLElement | null =>
  element?.querySelector<HTMLElement>("[data-suggestion] [data-accept]") ?? null;
const textOf = (element: Element | undefined): HTMLElement | null =>
  element?.querySelector<HTMLElement>("[data-code-url]") ?? null;

/** Go to the next or the previous suggestion; this one stays as it is. */
function step(by: number): boolean {
  const suggestions = all("[data-suggestion]");
  const current = currentSuggestion();
  const hasFocus = current?.contains(document.activeElement) ?? false;
  const at = current ? suggestions.indexOf(current) + (hasFocus ? by : 0) : 0;
  const goal = suggestions[(at + suggestions.length) % suggestions.length];
  return show(goal?.querySelector<HTMLElement>("[data-accept]"));
}

/** Go to the text of the next or the previous answer. */
function stepAnswer(by: number): boolean {
  const answers = all("[data-answer]").filter((each) => textOf(each));
  const current = currentAnswer();
  const inside = document.activeElement?.closest("[data-answer]") ?? null;
  const at = current ? answers.indexOf(current) + (inside ? by : 0) : 0;
  return show(textOf(answers[Math.min(Math.max(at, 0), answers.length - 1)]));
}

function press(selector: string, then: typeof next): boolean {
  const button = currentSuggestion()?.querySelector<HTMLElement>(selector);
  if (!button) return false;
  next = then;
  button.click();
  return true;
}

function toggleRead(): boolean {
  const button = currentAnswer()?.querySelector<HTMLElement>("[data-read]");
  if (!button) return false;
  next = "answer";
  button.click();
  return true;
}

function undo(): boolean {
  next = "suggestion";
  return undoLast();
}

/** Say where the focus goes once the answer has been swapped. */
export function goesOn(where: typeof next): void {
  next = where;
}

/** After a decision the focus goes on to the next suggestion, after reading to the next answer, else it stays. */
export function goOn(section: Element): void {
  const answers = all("[data-answer]");
  const at = Math.max(
    answers.findIndex((each) => each.id === section.id),
    0,
  );
  const where = next;
  next = "";
  if (where === "suggestion") {
    const open = [...answers.slice(at), ...answers.slice(0, at)].map(acceptOf).find(Boolean);
    show(open ?? textOf(answers[at]) ?? answers[at]);
  } else if (where === "answer") {
    const following = answers.slice(at + 1).find((each) => textOf(each));
    show(following ? (acceptOf(following) ?? textOf(following)) : answers[at]);
  } else if (document.activeElement === document.body) {
    show(textOf(answers[at]));
  }
  markCurrent();
}

function onKey(event: KeyboardEvent, keys: Record<string, () => boolean>, coding: Coding): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) {
    return;
  }
  const goesToPage = Date.now() - afterG < AFTER_G;
  afterG = event.key === "g" ? Date.now() : 0;
  if (goesToPage) return;
  const kind = document.querySelector<HTMLElement>(`[data-kind][data-hotkey="${CSS.escape(event.key)}"]`);
  const done = kind ? coding.codeAs(kind.dataset.kind ?? "") : keys[event.key.toLowerCase()]?.();
  if (!done) return;
  // Before the page's own keys: "/" would open the search.
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function startPageKeys(coding: Coding): void {
  const keys: Record<string, () => boolean> = {
    a: () => press("[data-accept]", "suggestion"),
    r: () => press("[data-refuse]", "suggestion"),
    "/": () => press("[data-other]", "suggestion"),
    n: () => step(1),
    p: () => step(-1),
    j: () => stepAnswer(1),
    k: () => stepAnswer(-1),
    d: toggleRead,
    u: undo,
    c: coding.code,
  };
  document.addEventListener("keydown", (event) => onKey(event, keys, coding), true);
  document.addEventListener("focusin", markCurrent);
  markCurrent();
}
