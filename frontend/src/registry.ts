// Behaviours attach to elements by `data-behaviour="name other-name"`, once each, at load and after every htmx swap.
export type Behaviour = (element: HTMLElement) => void;

const behaviours = new Map<string, Behaviour>();
const attached = new WeakMap<HTMLElement, Set<string>>();

export function register(name: string, behaviour: Behaviour): void {
  behaviours.set(name, behaviour);
}

export function attach(root: ParentNode | HTMLElement): void {
  const found = [...root.querySelectorAll<HTMLElement>("[data-behaviour]")];
  if (root instanceof HTMLElement && root.dataset.behaviour) found.unshift(root);
  for (const element of found) {
    const done = attached.get(element) ?? new Set<string>();
    attached.set(element, done);
    for (const name of (element.dataset.behaviour ?? "").split(/\s+/)) {
      const behaviour = behaviours.get(name);
      if (!behaviour || done.has(name)) continue;
      done.add(name);
      behaviour(element);
    }
  }
}
