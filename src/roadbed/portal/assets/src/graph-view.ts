import type { Core } from "cytoscape";

const MARGIN = 28;
const SMALLEST = 0.5;
const LARGEST = 1.1;
const PAN_MS = 300;

/** The first view, the whole of it since somebody asked for that, or what somebody moved to. */
type Kept = "first" | "whole" | "own";

/** What of a graph is in sight. It keeps to what a person chose; until then it follows what runs. */
export class View {
  private kept: Kept = "first";

  constructor(private readonly core: Core) {
    core.on("dragpan pinchzoom", () => this.keep("own"));
    this.restore();
  }

  /** After the canvas got another size. */
  restore(): void {
    this.core.resize();
    if (this.kept === "own") return;
    this.fit();
    if (this.kept === "whole" || this.core.zoom() >= SMALLEST) return;
    this.core.zoom(SMALLEST);
    this.core.center();
    this.follow();
  }

  whole(): void {
    this.keep("whole");
    this.restore();
  }

  zoomBy(factor: number): void {
    this.keep("own");
    const centre = { x: this.core.width() / 2, y: this.core.height() / 2 };
    this.core.zoom({ level: this.core.zoom() * factor, renderedPosition: centre });
  }

  /** Brings what runs into sight, unless it is, or a person looks at something else. */
  follow(): void {
    const running = this.core.nodes('[state = "running"]');
    if (this.kept !== "first" || running.empty()) return;
    const { x1, y1, x2, y2 } = this.core.extent();
    const box = running.boundingBox();
    if (box.x1 >= x1 && box.y1 >= y1 && box.x2 <= x2 && box.y2 <= y2) return;
    const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : PAN_MS;
    this.core.stop(true).animate({ center: { eles: running } }, { duration });
  }

  /** What it was following to is not where the person wants to be. */
  private keep(kept: Kept): void {
    this.kept = kept;
    this.core.stop(true);
  }

  private fit(): void {
    this.core.fit(undefined, MARGIN);
    if (this.core.zoom() <= LARGEST) return;
    this.core.zoom(LARGEST);
    this.core.center();
  }
}
