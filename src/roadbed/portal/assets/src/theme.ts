const YEAR = 365 * 24 * 3600;

/** Sets the theme at once, and keeps it in a cookie so that the server renders it from the first byte on. */
export function watchThemes(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    if (!form.matches("[data-theme-form]") || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    choose(button.value);
  });
}

function choose(theme: string): void {
  document.cookie = `roadbed_theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-theme-form] button"))
    button.setAttribute("aria-pressed", String(button.value === theme));
  document.dispatchEvent(new CustomEvent("roadbed:theme"));
}
