/** Ctrl-K (or ⌘K) opens the palette; arrows choose, Enter goes. The server finds, so that it offers only what one may see. */
export function watchPalette(): void {
  const palette = document.getElementById("palette");
  const input = palette?.querySelector<HTMLInputElement>("input");
  if (!palette || !input) return;

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    palette.togglePopover();
  });
  palette.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "open") return;
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
  palette.addEventListener("htmx:afterSettle", () => select(palette, input, 0));
  input.addEventListener("keydown", (event) => steer(event, palette, input));
}

function items(palette: HTMLElement): HTMLAnchorElement[] {
  return [...palette.querySelectorAll<HTMLAnchorElement>(".palette-item")];
}

function steer(event: KeyboardEvent, palette: HTMLElement, input: HTMLInputElement): void {
  const all = items(palette);
  const at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "Enter") {
    event.preventDefault();
    all[at]?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    select(palette, input, (next + all.length) % Math.max(all.length, 1));
  }
}

function select(palette: HTMLElement, input: HTMLInputElement, at: number): void {
  items(palette).forEach((item, index) => {
    item.setAttribute("aria-selected", String(index === at));
    if (index !== at) return;
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  });
}
