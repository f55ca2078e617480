// data-behaviour="autosave" on a form: what is typed is sent to the form's action a moment later.
//
// The form has a `version` field. The server answers 200 {version, saved_at}, 409 {version, fields, by, at} where
// somebody else saved meanwhile, or 422 {errors}. Until the server has it, the draft is kept in this browser, and it is
// offered again when the tab was closed before. An element with data-save-state in the form says how it stands.
// data-autosave-url overrides the address.

import { announce, clockTime, csrfToken, filledIn } from "./page";
import { attach } from "./registry";

type State = "clean" | "waiting" | "saving" | "saved" | "failed" | "conflict" | "wrong";
interface Conflict {
  version: number | string;
  fields: Record<string, string>;
  by?: string;
  at?: string;
}
interface Draft {
  version: string;
  at: number;
  values: [string, string][];
}

const PAUSE = 800;
const IGNORED = new Set(["csrfmiddlewaretoken", "version"]);

class Autosave {
  private state: State = "clean";
  private timer = 0;
  private attempts = 0;
  private revision = 0;
  private sending = false;
  private readonly url: string;
  private readonly key: string;
  private readonly light: HTMLElement | null;

  constructor(private readonly form: HTMLFormElement) {
    this.url = form.dataset.autosaveUrl ?? form.action;
    this.key = `draft:${this.url}`;
    this.light = form.querySelector("[data-save-state]") ?? document.querySelector(`[data-save-state="#${form.id}"]`);
    this.light?.classList.add("save-state");
    this.light?.setAttribute("role", "status");
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => {
      window.clearTimeout(this.timer);
      this.state = "clean";
    });
    window.addEventListener("beforeunload", (event) => {
      if (!form.isConnected || !["waiting", "saving", "failed", "conflict", "wrong"].includes(this.state)) return;
      event.preventDefault();
    });
    window.addEventListener("online", () => {
      if (this.state === "failed") void this.save();
    });
    this.offerDraft();
  }

  private say(state: State, words: string): void {
    this.state = state;
    if (!this.light) return;
    this.light.dataset.state = state;
    this.light.textContent = words;
  }

  private field(name: string): HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | null {
    const found = this.form.elements.namedItem(name);
    return found instanceof HTMLInputElement ||
      found instanceof HTMLTextAreaElement ||
      found instanceof HTMLSelectElement
      ? found
      : null;
  }

  private version(): string {
    return this.field("version")?.value ?? "";
  }

  private setVersion(version: number | string): void {
    const field = this.field("version");
    if (field) field.value = String(version);
  }

  private values(): [string, string][] {
    return [...filledIn(this.form)].filter(([name]) => !IGNORED.has(name));
  }

  private changed(): void {
    if (this.state === "conflict") return;
    this.revision += 1;
    this.keepDraft();
    this.say("waiting", "Not saved yet");
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), PAUSE);
  }

  private keepDraft(): void {
    const draft: Draft = { version: this.version(), at: Date.now(), values: this.values() };
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
    } catch {
      // No room or no storage: the server has it in a moment.
    }
  }

  private dropDraft(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }

  private async save(): Promise<void> {
    // One request at a time: a second with the same version would meet the first as somebody else's.
    if (this.sending || this.state === "conflict") return;
    window.clearTimeout(this.timer);
    const revision = this.revision;
    this.say("saving", "Saving…");
    this.sending = true;
    let response: Response;
    try {
      response = await fetch(this.url, {
        method: "POST",
        body: filledIn(this.form),
        credentials: "same-origin",
        headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
      });
    } catch {
      this.retry();
      return;
    } finally {
      this.sending = false;
    }
    if (response.status === 409) this.conflict((await response.json()) as Conflict);
    else if (response.status === 422)
      this.wrong(((await response.json()) as { errors: Record<string, string[]> }).errors, revision);
    else if (response.ok) this.saved((await response.json()) as { version?: number; saved_at?: string }, revision);
    else this.retry();
  }

  private saved(answer: { version?: number | string; saved_at?: string }, revision: number): void {
    this.attempts = 0;
    if (answer.version !== undefined) this.setVersion(answer.version);
    this.clearErrors();
    const at = answer.saved_at ? new Date(answer.saved_at) : new Date();
    if (this.typedSince(revision)) return;
    this.dropDraft();
    this.say("saved", `Saved at ${clockTime(at)}`);
    this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true }));
  }

  /** What was typed while the last request was under way is sent by the next. */
  private typedSince(revision: number): boolean {
    if (revision === this.revision) return false;
    this.say("waiting", "Not saved yet");
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), PAUSE);
    return true;
  }

  private retry(): void {
    this.attempts += 1;
    this.say("failed", "Not saved: retrying");
    this.timer = window.setTimeout(() => void this.save(), Math.min(30000, 1000 * 2 ** Math.min(this.attempts, 5)));
  }

  private clearErrors(): void {
    for (const note of this.form.querySelectorAll("[data-autosave-error]")) note.remove();
    for (const field of this.form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  private wrong(errors: Record<string, string[]>, revision: number): void {
    this.clearErrors();
    if (this.typedSince(revision)) return;
    for (const [name, messages] of Object.entries(errors)) {
      const field = this.field(name);
      const note = document.createElement("p");
      note.className = "field__errors";
      note.dataset.autosaveError = name;
      note.textContent = messages.join(" ");
      if (field) {
        note.id = `${field.id || name}_autosave_error`;
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", note.id);
        field.after(note);
      } else this.form.prepend(note);
    }
    this.say("wrong", "Not saved: please look at the marked fields");
    announce("Not saved: please look at the marked fields");
  }

  /** Show both values of each field that differs; the person says which one stays. */
  private conflict(answer: Conflict): void {
    const mine = new Map(this.values());
    const differing = Object.entries(answer.fields).filter(
      ([name, theirs]) => mine.has(name) && mine.get(name) !== theirs,
    );
    if (!differing.length) {
      this.setVersion(answer.version);
      this.say("waiting", "Not saved yet");
      void this.save();
      return;
    }
    this.say("conflict", "Not saved: somebody else saved meanwhile");
    const dialog = conflictDialog(answer, differing, mine, (name) => this.labelOf(name));
    dialog.addEventListener(
      "close",
      () => {
        for (const [name, theirs] of differing) {
          const choice = dialog.querySelector<HTMLInputElement>(
            `input[name="keep-${CSS.escape(name)}"]:checked`,
          )?.value;
          const field = this.field(name);
          if (field && choice === "theirs") field.value = theirs;
        }
        dialog.remove();
        this.setVersion(answer.version);
        this.say("waiting", "Not saved yet");
        this.revision += 1;
        void this.save();
      },
      { once: true },
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  private labelOf(name: string): string {
    const label = this.field(name)?.labels?.[0];
    return (label?.textContent ?? name).replace("*", "").trim();
  }

  private offerDraft(): void {
    let draft: Draft | null = null;
    try {
      draft = JSON.parse(localStorage.getItem(this.key) ?? "null") as Draft | null;
    } catch {
      this.dropDraft();
    }
    if (!draft) return;
    const here = new URLSearchParams(this.values()).toString();
    if (new URLSearchParams(draft.values).toString() === here) {
      this.dropDraft();
      return;
    }
    const kept = draft;
    const note = document.createElement("div");
    note.className = "notice notice--customer";
    note.setAttribute("role", "status");
    const words = document.createElement("p");
    words.className = "grow";
    words.textContent = `You typed something here at ${clockTime(new Date(kept.at))} that was not saved.`;
    note.append(
      words,
      button("Use it", () => this.useDraft(kept, note)),
      button("Discard it", () => this.discard(note)),
    );
    this.form.prepend(note);
  }

  private useDraft(draft: Draft, note: HTMLElement): void {
    note.remove();
    const values = new URLSearchParams(draft.values);
    for (const element of this.form.elements) {
      if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) {
        element.checked = values.getAll(element.name).includes(element.value);
      } else if (
        (element instanceof HTMLInputElement && element.type !== "hidden" && element.type !== "file") ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
      ) {
        const value = values.get(element.name);
        if (value !== null) element.value = value;
      }
    }
    attach(this.form);
    this.changed();
  }

  private discard(note: HTMLElement): void {
    note.remove();
    this.dropDraft();
  }
}

function button(words: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function side(name: string, value: "mine" | "theirs", words: string, text: string): HTMLElement {
  const label = document.createElement("label");
  label.className = "conflict__side";
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.className = "form-check-input";
  radio.name = `keep-${name}`;
  radio.value = value;
  radio.checked = value === "mine";
  const heading = document.createElement("strong");
  heading.textContent = words;
  const body = document.createElement("span");
  body.className = "conflict__text";
  body.textContent = text || "(nothing)";
  label.append(radio, heading, body);
  return label;
}

function conflictDialog(
  answer: Conflict,
  differing: [string, string][],
  mine: Map<string, string>,
  labelOf: (name: string) => string,
): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog dialog--wide";
  dialog.dataset.keepOpen = "";
  dialog.setAttribute("aria-labelledby", "conflict-title");
  // Escape would decide without saying so.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "dialog__body stack";
  const heading = document.createElement("h2");
  heading.id = "conflict-title";
  const when = answer.at ? ` at ${clockTime(new Date(answer.at))}` : "";
  heading.textContent = `${answer.by ?? "Somebody else"} saved this${when}, while you were writing`;
  form.append(heading);
  for (const [name, theirs] of differing) {
    const group = document.createElement("fieldset");
    group.className = "conflict";
    const legend = document.createElement("legend");
    legend.className = "field__label";
    legend.textContent = labelOf(name);
    group.append(legend, side(name, "mine", "Yours", mine.get(name) ?? ""), side(name, "theirs", "Theirs", theirs));
    form.append(group);
  }
  const keep = document.createElement("button");
  keep.className = "btn btn-primary";
  keep.textContent = "Keep what is chosen";
  const foot = document.createElement("div");
  foot.append(keep);
  form.append(foot);
  dialog.append(form);
  return dialog;
}

export function autosave(element: HTMLElement): void {
  if (element instanceof HTMLFormElement) new Autosave(element);
}
