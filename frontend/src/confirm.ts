// data-confirm="Question?" on a form, a button, a link or anything with hx-*: asks in our own dialog first.
// data-confirm-label names the button that goes on; data-confirm-danger colours it.

function ask(question: string, source: HTMLElement): Promise<boolean> {
  const dialog = document.getElementById("confirm-dialog") as HTMLDialogElement;
  const heading = dialog.querySelector("h2");
  const yes = dialog.querySelector<HTMLElement>("[data-confirm-yes]");
  if (!heading || !yes) return Promise.resolve(true);
  heading.textContent = question;
  yes.textContent = source.dataset.confirmLabel ?? "Yes";
  const dangerous = "confirmDanger" in source.dataset;
  yes.classList.toggle("btn-danger", dangerous);
  yes.classList.toggle("btn-primary", !dangerous);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const agreed = new WeakSet<HTMLElement>();

export function startConfirm(): void {
  // hx-confirm on anything that htmx sends.
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (
      event as CustomEvent<{ question: string | null; elt: HTMLElement; issueRequest: (now: boolean) => void }>
    ).detail;
    if (!detail.question) return;
    event.preventDefault();
    void ask(detail.question, detail.elt).then((yes) => {
      if (yes) detail.issueRequest(true);
    });
  });
  // Forms that the browser sends, and links.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const submitter = (event as SubmitEvent).submitter;
      const source = submitter?.dataset.confirm ? submitter : form;
      if (!source.dataset.confirm || agreed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(source.dataset.confirm, source).then((yes) => {
        if (!yes) return;
        agreed.add(form);
        form.requestSubmit(submitter ?? undefined);
      });
    },
    true,
  );
  document.addEventListener(
    "click",
    (event) => {
      const link = (event.target as HTMLElement).closest<HTMLElement>(
        "a[data-confirm], button[type=button][data-confirm]",
      );
      if (!link || agreed.delete(link)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(link.dataset.confirm ?? "", link).then((yes) => {
        if (!yes) return;
        agreed.add(link);
        link.click();
      });
    },
    true,
  );
}
