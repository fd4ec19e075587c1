/** A `data-busy` form takes a while to answer: its button says so meanwhile, and can't be pressed twice. */
export function watchBusyForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    if (!form.dataset.busy || !(button instanceof HTMLButtonElement) || event.defaultPrevented) return;
    const before = button.innerHTML;
    button.ariaBusy = "true";
    button.textContent = form.dataset.busy;
    setTimeout(() => (button.disabled = true)); // after it has been sent
    // Back from the next page, as the browser kept this one.
    addEventListener("pageshow", () => restore(button, before), { once: true });
  });
}

function restore(button: HTMLButtonElement, before: string): void {
  button.innerHTML = before;
  button.disabled = false;
  button.ariaBusy = null;
}
