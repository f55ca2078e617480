// data-behaviour="combobox" on a text field, or on a <select> to make its options searchable.
//
// A field: options come from data-options-url?q=... as JSON {results: [{value, label, detail}]} or from its <datalist>.
// The chosen value goes into the hidden field named by data-value-field="#id"; without one the label itself is the value.
// data-create="Add “{}”" offers to make a new one: it sets the hidden field to data-create-value (default: empty) and
// keeps the typed words in the text field.

interface Option {
  value: string;
  label: string;
  detail?: string;
  create?: boolean;
}

let made = 0;

class Combobox {
  private options: Option[] = [];
  private at = -1;
  private asked = 0;
  private timer = 0;
  private readonly list = document.createElement("ul");

  constructor(
    private readonly input: HTMLInputElement,
    private readonly source: (query: string) => Promise<Option[]>,
    private readonly choose: (option: Option) => void,
  ) {
    made += 1;
    const wrap = document.createElement("div");
    wrap.className = "combobox";
    input.replaceWith(wrap);
    wrap.append(input, this.list);
    this.list.className = "combobox__list";
    this.list.id = `combobox-${made}`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels?.[0]?.textContent?.trim() || "Choices");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.autocomplete = "off";
    input.removeAttribute("list");
    input.addEventListener("input", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.refresh(), 120);
    });
    input.addEventListener("click", () => void this.refresh());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = (event.target as HTMLElement).closest("li");
      if (option) this.take([...this.list.children].indexOf(option));
    });
  }

  private async refresh(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const query = this.input.value.trim();
    const found = await this.source(query).catch(() => []);
    if (mine !== this.asked || document.activeElement !== this.input) return;
    this.options = found;
    const words = this.input.dataset.create;
    if (words && query && !found.some((option) => option.label.toLowerCase() === query.toLowerCase())) {
      this.options = [...found, { value: query, label: words.replace("{}", query), create: true }];
    }
    this.draw();
  }

  private draw(): void {
    this.list.replaceChildren(
      ...this.options.map((option, i) => {
        const item = document.createElement("li");
        item.id = `${this.list.id}-${i}`;
        item.className = "combobox__option";
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.textContent = option.label;
        if (option.detail) {
          const small = document.createElement("small");
          small.textContent = option.detail;
          item.append(small);
        }
        return item;
      }),
    );
    this.list.hidden = this.options.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.mark(-1);
  }

  private mark(index: number): void {
    this.at = index;
    [...this.list.children].forEach((item, i) => {
      item.setAttribute("aria-selected", String(i === index));
      if (i === index) item.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private take(index: number): void {
    const option = this.options[index];
    if (!option) return;
    // the list may lag behind fast fingers: what is made new is named as it stands in the field
    this.choose(option.create ? { ...option, value: this.input.value.trim() } : option);
    this.close();
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.asked += 1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }

  private onKey(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) void this.refresh();
      else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        this.mark((this.at + step + this.options.length) % this.options.length);
      }
    } else if (event.key === "Enter" && open && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}

function matching(options: Option[], query: string): Option[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (option: Option): boolean =>
    words.every((word) => `${option.label} ${option.detail ?? ""}`.toLowerCase().includes(word));
  return options.filter(fits).slice(0, 50);
}

async function fetched(url: string, query: string): Promise<Option[]> {
  const address = `${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
  const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!response.ok) return [];
  return ((await response.json()) as { results: Option[] }).results;
}

function onField(input: HTMLInputElement): void {
  const hidden = input.dataset.valueField ? document.querySelector<HTMLInputElement>(input.dataset.valueField) : null;
  const inline = [...(input.list?.options ?? [])].map((o) => ({ value: o.value, label: o.label || o.value }));
  const hasUrl = Boolean(input.dataset.optionsUrl);
  input.addEventListener("input", () => {
    if (hidden) hidden.value = "";
  });
  new Combobox(
    input,
    // asked anew each time: a page may narrow the options
    (query) => (hasUrl ? fetched(input.dataset.optionsUrl ?? "", query) : Promise.resolve(matching(inline, query))),
    (option) => {
      input.value = option.create ? option.value : option.label;
      if (hidden) hidden.value = option.create ? (input.dataset.createValue ?? "") : option.value;
      (hidden ?? input).dispatchEvent(new Event("change", { bubbles: true }));
    },
  );
}

function onSelect(select: HTMLSelectElement): void {
  const input = document.createElement("input");
  input.type = "text";
  input.className = "form-control";
  input.id = `${select.id}-search`;
  input.value = select.selectedOptions[0]?.value ? (select.selectedOptions[0]?.label ?? "") : "";
  input.placeholder = select.options[0]?.value === "" ? (select.options[0]?.label ?? "") : "";
  const options = [...select.options].filter((o) => o.value).map((o) => ({ value: o.value, label: o.label }));
  const described = select.getAttribute("aria-describedby");
  if (described) input.setAttribute("aria-describedby", described);
  for (const label of select.labels ?? []) label.htmlFor = input.id;
  select.before(input);
  select.hidden = true;
  const choose = (option: Option): void => {
    input.value = option.label;
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  new Combobox(
    input,
    (query) => Promise.resolve(matching(options, query === select.selectedOptions[0]?.label ? "" : query)),
    choose,
  );
  input.addEventListener("blur", () => {
    // Words that name nothing are no choice.
    if (!input.value) select.value = "";
    input.value = select.value ? (select.selectedOptions[0]?.label ?? "") : "";
  });
}

export function combobox(element: HTMLElement): void {
  if (element instanceof HTMLSelectElement) onSelect(element);
  else if (element instanceof HTMLInputElement) onField(element);
}
