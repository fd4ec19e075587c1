/** Checks a `data-check` form as it is filled in, and says what is wrong beside the field, in the server's words. */
export function watchForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-check]")) {
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      const wrong = controls(form).filter((control) => !judge(control));
      if (wrong.length === 0) return;
      event.preventDefault();
      wrong[0]?.focus();
    });
    form.addEventListener("focusout", (event) => {
      if (isControl(event.target) && event.target.value !== "") judge(event.target);
    });
    form.addEventListener("input", (event) => {
      if (isControl(event.target) && event.target.getAttribute("aria-invalid") === "true") judge(event.target);
    });
  }
}

/** Marks the answers of a `data-judged` form that the server has just said something of. */
export function watchJudged(): void {
  document.addEventListener("htmx:afterSettle", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-judged]")) {
      for (const control of controls(form)) {
        const place = document.getElementById(`${control.id}-problem`);
        if (place) control.setAttribute("aria-invalid", String(!place.hidden));
      }
    }
  });
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function isControl(target: EventTarget | null): target is Control {
  return target instanceof HTMLElement && target.matches("input, select, textarea");
}

function controls(form: HTMLFormElement): Control[] {
  return [...form.elements].filter(isControl);
}

/** Returns whether the control holds what it may, and shows why not where it doesn't. */
function judge(control: Control): boolean {
  const place = document.getElementById(`${control.id}-problem`);
  if (!place) return control.checkValidity() && mismatch(control) === "";
  const text = control.checkValidity() ? mismatch(control) : message(control);
  place.hidden = text === "";
  const words = place.querySelector("span");
  if (words) words.textContent = text;
  control.setAttribute("aria-invalid", String(text !== ""));
  return text === "";
}

function message(control: Control): string {
  return control.validity.valueMissing ? "This is needed." : control.validationMessage;
}

/**
 * What JSON Schema's `pattern` says of the value. HTML's own attribute won't do: it asks for a match of the whole value,
 * and refuses expressions (`[a-z-]`) that schemas are full of.
 */
function mismatch(control: Control): string {
  const { pattern, mismatch: words } = control.dataset;
  if (!pattern || control.value === "") return "";
  try {
    return new RegExp(pattern, "u").test(control.value) ? "" : (words ?? "This does not fit.");
  } catch {
    return ""; // an expression of another dialect: the server judges it
  }
}
