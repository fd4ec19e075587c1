/** Keeps the command at the foot of the page to what a `data-command-form` says at the moment. */
export function watchCommandForms(): void {
  const form = document.querySelector<HTMLFormElement>("[data-command-form]");
  form?.addEventListener("input", () => show(command(form)));
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function command(form: HTMLFormElement): string {
  const words = [form.dataset.commandForm ?? ""];
  const name = form.querySelector<HTMLInputElement>('[name="p.name"]');
  if (name) words.push(quoted(name.value || "NAME"));
  for (const control of form.querySelectorAll<Control>('[data-flag], [name^="p."]')) words.push(...flags(control));
  return words.join(" ");
}

function flags(control: Control): string[] {
  const flag = control.dataset.flag;
  const checkbox = control instanceof HTMLInputElement && control.type === "checkbox";
  if (flag === undefined) return parameter(control, checkbox ? (control.checked ? "true" : "false") : control.value);
  if (checkbox) return control.checked ? [flag] : [];
  return control.value.split(/\s+/).filter(Boolean).flatMap((value) => [flag, quoted(value)]);
}

/** A golden path's question, as pages/golden_paths.py says its answer. */
function parameter(control: Control, value: string): string[] {
  const name = control.name.slice(2);
  if (name === "name") return [];
  if (name === "environment") return value === "" || value === "dev" ? [] : ["-e", quoted(value)];
  if (name === "owner" && value) return ["--owner", quoted(value)];
  const before = control.dataset.default || (value === "true" || value === "false" ? "false" : "");
  return value === before ? [] : ["-p", quoted(`${name}=${value}`)];
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
