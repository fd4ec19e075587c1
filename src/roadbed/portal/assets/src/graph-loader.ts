/** Fetches the graph's code only where there is a graph to draw. */
export function drawGraphs(): void {
  for (const root of document.querySelectorAll<HTMLElement>("[data-graph]"))
    void import("./graph").then(({ draw }) => draw(root));
}
