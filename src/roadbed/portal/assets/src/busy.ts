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

/** Keeps the command at the foot of the page to what a `data-command-form` says at the moment. */
export function watchCommandForms(): void {
  const form = document.querySelector<HTMLFormElement>("[data-command-form]");
  form?.addEventListener("input", () => show(command(form)));
}

type Control = HTMLInputElement | HTMLTextAreaElement;

function command(form: HTMLFormElement): string {
  const words = [form.dataset.commandForm ?? ""];
  for (const control of form.querySelectorAll<Control>("[data-flag]")) {
    const flag = control.dataset.flag ?? "";
    if (control instanceof HTMLInputElement) words.push(...(control.checked ? [flag] : []));
    else for (const value of control.value.split(/\s+/).filter(Boolean)) words.push(flag, quoted(value));
  }
  return words.join(" ");
}

/** As formatting.shell_word does it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

function show(text: string): void {
  const place = document.querySelector(".foot-command .command");
  const code = place?.querySelector("code");
  const button = place?.querySelector<HTMLElement>("[data-copy]");
  if (!code || !button) return;
  code.textContent = text;
  button.dataset.copy = text;
  button.setAttribute("aria-label", `Copy the command ${text}`);
}
