// Coding: words of an answer are chosen by mouse, by touch or by keyboard, and get a code in the picker.
//
// An answer is [data-code-url] with data-version; its text nodes joined are the answer's text, so a place in it is
// counted from its beginning. The server counts code points, the browser UTF-16 units: both meet in `codePoints`.

import htmx from "htmx.org";
import { currentSuggestion, goesOn, goOn, markCurrent, startPageKeys } from "./coding-keys";
import { openDialog } from "./dialogs";
import { announce } from "./page";

interface Span {
  start: number;
  end: number;
}

const answerOf = (node: Node | null): HTMLElement | null =>
  (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>("[data-code-url]") ?? null;

/** How many code points the first `units` UTF-16 units of `text` hold. */
export function codePoints(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}

/** The chosen words as a span of UTF-16 units of the answer, or null where nothing in one answer is chosen. */
function chosen(): { answer: HTMLElement; span: Span } | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const answer = answerOf(range.startContainer);
  if (!answer) return null;
  const before = document.createRange();
  before.selectNodeContents(answer);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  const length = (answer.textContent ?? "").length;
  // A drag past the end of the answer chooses up to its end.
  const end = answerOf(range.endContainer) === answer ? start + range.toString().length : length;
  return end > start ? { answer, span: { start, end } } : null;
}

function placeOf(answer: HTMLElement, units: number): [Node, number] {
  const walker = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
  let left = units;
  let last: Node = answer;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (left <= length) return [node, left];
    left -= length;
    last = node;
  }
  return [last, last.textContent?.length ?? 0];
}

function choose(answer: HTMLElement, span: Span): void {
  const [from, fromAt] = placeOf(answer, span.start);
  const [to, toAt] = placeOf(answer, span.end);
  window.getSelection()?.setBaseAndExtent(from, fromAt, to, toAt);
  to.parentElement?.scrollIntoView({ block: "nearest" });
  announce((answer.textContent ?? "").slice(span.start, span.end));
}

/** Where words or sentences of a text begin and end, without the space around them. */
function segments(text: string, granularity: "word" | "sentence"): Span[] {
  const found: Span[] = [];
  for (const part of new Intl.Segmenter("en", { granularity }).segment(text)) {
    if (granularity === "word" && !part.isWordLike) continue;
    const words = part.segment.trim();
    const start = part.index + part.segment.indexOf(words);
    if (words) found.push({ start, end: start + words.length });
  }
  return found;
}

/** Arrows choose the next word or sentence; with Shift they extend or shorten the choice. */
function moveChoice(answer: HTMLElement, key: string, extend: boolean): void {
  const parts = segments(answer.textContent ?? "", key === "ArrowLeft" || key === "ArrowRight" ? "word" : "sentence");
  const now = chosen();
  const forward = key === "ArrowRight" || key === "ArrowDown";
  const first = parts[0];
  if (!first) return;
  if (!now || now.answer !== answer) {
    choose(answer, first);
    return;
  }
  const { start, end } = now.span;
  if (extend) {
    const next = forward
      ? parts.find((part) => part.end > end)
      : [...parts].reverse().find((part) => part.end < end && part.end > start);
    if (next) choose(answer, { start, end: next.end });
    return;
  }
  const next = forward
    ? parts.find((part) => part.start >= end)
    : [...parts].reverse().find((part) => part.end <= start);
  if (next) choose(answer, next);
}

const picker = (): HTMLDialogElement | null => document.querySelector<HTMLDialogElement>("#code-picker");
let target = { url: "", section: "" };

function openPicker(url: string, section: string, words: string, values: Record<string, string>, kind = ""): void {
  const dialog = picker();
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return;
  target = { url, section };
  form.reset();
  for (const name of ["start", "end", "version", "code"]) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = values[name] ?? "";
  }
  showKinds(true);
  narrowTo(form, kind);
  const quote = form.querySelector("#picked-words");
  if (quote) quote.textContent = `“${words}”`;
  hideButton();
  openDialog(dialog);
  form.querySelector<HTMLInputElement>("#picked-name")?.focus();
}

/** A kind chosen by its key: codes of that kind are offered, and a new one is of it. */
function narrowTo(form: HTMLFormElement, kind: string): void {
  const name = form.querySelector<HTMLInputElement>("#picked-name");
  const all = name?.dataset.allOptionsUrl ?? "";
  if (name) name.dataset.optionsUrl = kind ? `${all}?kind=${kind}` : all;
  const choice = form.querySelector<HTMLInputElement>(`[name=kind][value="${CSS.escape(kind)}"]`);
  if (choice) choice.checked = true;
}

function showKinds(shown: boolean): void {
  const kinds = document.querySelector<HTMLElement>("#picked-kinds");
  if (kinds) kinds.hidden = !shown;
}

function codeChosen(kind = ""): boolean {
  const now = chosen();
  const section = now?.answer.closest<HTMLElement>("[data-answer]");
  if (!now || !section) return false;
  const text = now.answer.textContent ?? "";
  openPicker(
    now.answer.dataset.codeUrl ?? "",
    `#${section.id}`,
    text.slice(now.span.start, now.span.end).trim(),
    {
      start: String(codePoints(text, now.span.start)),
      end: String(codePoints(text, now.span.end)),
      version: now.answer.dataset.version ?? "",
    },
    kind,
  );
  return true;
}

/** The suggestion's sentence gets another code than the machine's. */
function codeOther(button: HTMLElement | null | undefined, kind = ""): boolean {
  const section = button?.closest<HTMLElement>("[data-answer]");
  if (!button || !section) return false;
  goesOn("suggestion");
  openPicker(button.dataset.other ?? "", `#${section.id}`, button.dataset.quote ?? "", {}, kind);
  return true;
}

function send(form: HTMLFormElement): void {
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) values[name] = value;
  picker()?.close();
  void htmx.ajax("post", target.url, { target: target.section, swap: "outerHTML", values });
}

// The button that floats beside words chosen with a mouse or a finger.
let button: HTMLButtonElement | null = null;

function hideButton(): void {
  button?.remove();
  button = null;
}

function showButton(): void {
  const now = chosen();
  if (!now || document.querySelector("dialog[open]")) {
    hideButton();
    return;
  }
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-us code-button";
    button.textContent = "Code these words…";
    // Pressing it must not take the choice away.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => void codeChosen());
    document.body.append(button);
  }
  const box = window.getSelection()?.getRangeAt(0).getBoundingClientRect();
  if (!box) return;
  const left = Math.min(Math.max(8, box.left + box.width / 2 - button.offsetWidth / 2), window.innerWidth - 180);
  const below = box.bottom + 8 + button.offsetHeight < window.innerHeight;
  button.style.left = `${left + window.scrollX}px`;
  button.style.top = `${(below ? box.bottom + 8 : box.top - 8 - button.offsetHeight) + window.scrollY}px`;
}

function onKey(event: KeyboardEvent): void {
  const answer = event.target instanceof HTMLElement && event.target.matches("[data-code-url]") ? event.target : null;
  if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    moveChoice(answer, event.key, event.shiftKey);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (chosen()?.answer !== answer) moveChoice(answer, "ArrowDown", false);
    codeChosen();
  } else if (event.key === "Escape") {
    window.getSelection()?.removeAllRanges();
  }
}

function onClick(event: MouseEvent): void {
  const place = event.target as HTMLElement;
  const other = place.closest<HTMLElement>("[data-other]");
  if (other) codeOther(other);
  else if (place.closest("[data-accept], [data-refuse]")) goesOn("suggestion");
  // A click on coded words shows which codes they carry.
  const mark = place.closest<HTMLElement>("mark[data-excerpts]");
  if (mark && window.getSelection()?.isCollapsed) {
    for (const chip of document.querySelectorAll(".chip.is-shown")) chip.classList.remove("is-shown");
    for (const pk of (mark.dataset.excerpts ?? "").split(" ")) {
      document.getElementById(`excerpt-${pk}`)?.classList.add("is-shown");
    }
  }
}

export function startCoding(): void {
  const form = document.querySelector<HTMLFormElement>("#code-picker-form");
  if (!form) return;
  startPageKeys({
    code: () => codeChosen(),
    codeAs: (kind) =>
      codeChosen(kind) || codeOther(currentSuggestion()?.querySelector<HTMLElement>("[data-other]"), kind),
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("selectionchange", () => {
    if (!chosen()) hideButton();
  });
  document.addEventListener("pointerup", () => window.setTimeout(showButton));
  // A finger's handles change the choice without a pointer event on the page.
  if (window.matchMedia("(pointer: coarse)").matches) document.addEventListener("selectionchange", showButton);
  window.addEventListener("resize", hideButton);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  form.addEventListener("change", (event) => {
    if ((event.target as HTMLElement).id === "picked-code") showKinds(!(event.target as HTMLInputElement).value);
  });
  form.addEventListener("input", (event) => {
    if ((event.target as HTMLElement).id === "picked-name") showKinds(true);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const section = (event as CustomEvent<{ elt: Element }>).detail.elt.closest("[data-answer]");
    if (section) goOn(section);
    else markCurrent();
  });
}
