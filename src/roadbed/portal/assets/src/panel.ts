import htmx from "htmx.org";

/** What is fetched into the panel opens it; the row that it is about is marked as long as it stays open. */
export function watchPanel(): void {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  if (!panel || !body) return;
  let opener: Element | null = null;

  body.addEventListener("htmx:afterSwap", (event) => {
    const cause = (event as CustomEvent<{ requestConfig?: { elt?: Element } }>).detail.requestConfig?.elt ?? null;
    opener?.removeAttribute("aria-current");
    if (cause?.matches(".resource-row")) {
      opener = cause;
      cause.setAttribute("aria-current", "true");
    }
    panel.showPopover();
    panel.scrollTop = 0;
    panel.focus();
  });
  panel.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    opener?.removeAttribute("aria-current");
    if (opener instanceof HTMLElement) opener.focus();
  });
}

/** Opens what stands at `path`: in the panel where the page has one, else as a page. */
export function open(path: string): void {
  if (document.getElementById("panel")) void htmx.ajax("get", path, { target: "#panel-body", swap: "innerHTML" });
  else location.assign(path);
}
