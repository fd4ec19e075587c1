import { Graph, layout } from "@dagrejs/dagre";
import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from "cytoscape";
import { open } from "./panel";
import { REACHED, type Reached } from "./progress";

interface Shown {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly state: string;
  readonly action: string;
  /** The frame that it stands in, empty for none. */
  readonly parent: string;
}

/** As components/graph.py writes it: frames are components, each after the one that it stands in. */
interface Picture {
  readonly nodes: readonly Shown[];
  readonly frames: readonly Shown[];
  readonly edges: readonly { from: string; to: string }[];
}

const NODE_HEIGHT = 52;
const NARROW = 640;
const MARGIN = 28;
// Cytoscape adds a style element unless one with this id stands there; the content security policy forbids it.
const STYLE_ID = "__________cytoscape_stylesheet";

export function draw(root: HTMLElement): void {
  const canvas = root.querySelector<HTMLElement>(".graph-canvas");
  const source = document.getElementById(root.dataset.graph ?? "");
  if (!canvas || !source) return;
  const picture = JSON.parse(source.textContent ?? "{}") as Picture;
  document.head.append(Object.assign(document.createElement("meta"), { id: STYLE_ID }));
  const core = cytoscape({
    container: canvas,
    elements: placed(picture, canvas.clientWidth < NARROW ? "TB" : "LR"),
    layout: { name: "preset", fit: true, padding: MARGIN },
    style: look(),
    minZoom: 0.2,
    maxZoom: 2,
    autoungrabify: true,
    userZoomingEnabled: false,
    boxSelectionEnabled: false,
  });
  readable(core);
  new ResizeObserver(() => readable(core)).observe(canvas);
  const restyle = (): void => void core.style(look());
  document.addEventListener("roadbed:theme", restyle);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  root.addEventListener("click", (event) => zoom(core, event));
  if (root.dataset.open) leadOn(core, canvas, root.dataset.open);
  document.addEventListener(REACHED, (event) => reach(core, (event as CustomEvent<Reached>).detail));
}

/** A frame without a type is no resource. */
const OPENS = 'node[type != ""]';

/** A click on a node opens what it stands for. By keyboard, the rows below lead there. */
function leadOn(core: Core, canvas: HTMLElement, base: string): void {
  core.on("tap", OPENS, (event) => open(base + encodeURIComponent(event.target.id() as string)));
  core.on("mouseover", OPENS, () => canvas.classList.add("graph-points"));
  core.on("mouseout", "node", () => canvas.classList.remove("graph-points"));
}

/** Lights up what the apply of a plan has come to. */
function reach(core: Core, reached: Reached): void {
  core.batch(() => {
    for (const [key, state] of reached) core.getElementById(key).data("state", state);
  });
}

function fit(core: Core): void {
  core.resize();
  core.fit(undefined, MARGIN);
  if (core.zoom() <= 1.1) return;
  core.zoom(1.1);
  core.center();
}

const SMALLEST = 0.55;

/** As `fit`, but where that would be too small to read, from its top left on: one drags the rest into sight. */
function readable(core: Core): void {
  fit(core);
  if (core.zoom() >= SMALLEST) return;
  core.zoom(SMALLEST);
  const { x1, y1 } = core.elements().boundingBox();
  core.pan({ x: MARGIN - x1 * SMALLEST, y: MARGIN - y1 * SMALLEST });
}

function zoom(core: Core, event: Event): void {
  const wish = (event.target as Element).closest<HTMLElement>("[data-zoom]")?.dataset.zoom;
  if (wish === "fit") fit(core);
  else if (wish) {
    const centre = { x: core.width() / 2, y: core.height() / 2 };
    core.zoom({ level: core.zoom() * Number(wish), renderedPosition: centre });
  }
}

/** In the order of dependencies: what is used stands left of what uses it, or above it where there is little width. */
function placed(picture: Picture, rankdir: "LR" | "TB"): ElementDefinition[] {
  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir, nodesep: 22, ranksep: 56 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const frame of picture.frames) graph.setNode(frame.id, {});
  for (const node of picture.nodes) graph.setNode(node.id, { width: width(node), height: NODE_HEIGHT });
  for (const one of [...picture.frames, ...picture.nodes]) if (one.parent) graph.setParent(one.id, one.parent);
  const ends = new Map(picture.frames.map(({ id }) => [id, firstIn(picture, id)]));
  const end = (id: string): string => ends.get(id) ?? id;
  for (const { from, to } of picture.edges) if (end(from) !== end(to)) graph.setEdge(end(from), end(to));
  layout(graph);
  return [...picture.frames.map(frameOf), ...picture.nodes.map((node) => nodeOf(node, graph.node(node.id) as Point)),
    ...picture.edges.map(({ from, to }) => {
      // dagre knows no edges of frames: those are drawn straight.
      if (ends.has(from) || ends.has(to)) return edgeOf(from, to, { weights: [0.5], distances: [0] });
      const points = graph.edge(from, to).points as Point[];
      return edgeOf(from, to, bend(graph.node(from) as Point, graph.node(to) as Point, points));
    }),
  ];
}

/** What stands for a frame where only a node can: the first node within it. */
function firstIn(picture: Picture, frame: string): string {
  const parents = new Map(picture.frames.map(({ id, parent }) => [id, parent]));
  const within = (id: string): boolean => id === frame || (id !== "" && within(parents.get(id) ?? ""));
  return picture.nodes.find(({ parent }) => within(parent))?.id ?? frame;
}

/** Cytoscape takes an empty parent for a node that isn't there. */
function standing({ parent, ...rest }: Shown): Omit<Shown, "parent"> & { parent?: string } {
  return parent ? { ...rest, parent } : rest;
}

function frameOf(frame: Shown): ElementDefinition {
  const text = frame.type ? `${short(frame.label)}  ${short(frame.type)}` : short(frame.label);
  return { group: "nodes", data: { ...standing(frame), text, frame: "yes" } };
}

function nodeOf(node: Shown, { x, y }: Point): ElementDefinition {
  const text = `${short(node.label)}\n${short(node.type)}`;
  return { group: "nodes", data: { ...standing(node), text, width: width(node) }, position: { x, y } };
}

function edgeOf(source: string, target: string, bends: { weights: number[]; distances: number[] }): ElementDefinition {
  return { group: "edges", data: { source, target, ...bends } };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The way that dagre found for an edge round the nodes between, as Cytoscape says it: along the line, and beside it. */
function bend(from: Point, to: Point, points: readonly Point[]): { weights: number[]; distances: number[] } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const inner = points.slice(1, -1);
  return {
    weights: inner.map(({ x, y }) => ((x - from.x) * dx + (y - from.y) * dy) / length ** 2),
    distances: inner.map(({ x, y }) => ((y - from.y) * dx - (x - from.x) * dy) / length),
  };
}

const LONGEST = 28;

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function width(node: { label: string; type: string }): number {
  return 36 + 7.2 * Math.max(short(node.label).length, short(node.type).length);
}

/** The tokens as colours that a canvas understands: it can't read `light-dark()`, so the browser resolves them. */
function token(name: string): string {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  if (!pixel) return "gray";
  pixel.fillStyle = getComputedStyle(probe).color;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  probe.remove();
  return `rgb(${red},${green},${blue})`;
}

const ACTIONS = [
  ["create", "--ok-tint", "--ok-solid"],
  ["update", "--busy-tint", "--busy-solid"],
  ["adopt", "--busy-tint", "--busy-solid"],
  ["import", "--busy-tint", "--busy-solid"],
  ["read", "--busy-tint", "--busy-solid"],
  ["replace", "--warn-tint", "--warn-solid"],
  ["delete", "--bad-tint", "--bad-solid"],
] as const;
const REACHED_STATES = [
  ["waiting", "--raised", "--line-strong"],
  ["skipped", "--raised", "--line-strong"],
  ["running", "--graph-running", "--lane-deep"],
  ["succeeded", "--ok-tint", "--ok-solid"],
  ["failed", "--bad-tint", "--bad-solid"],
] as const;

function look(): StylesheetJson {
  const tone = (state: string, name: string): StylesheetJson[number] => ({
    selector: `node[state = "${state}"]`,
    style: { "border-color": token(name) },
  });
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        label: "data(text)",
        "background-color": token("--raised"),
        "border-width": 1.5,
        "border-color": token("--line-strong"),
        color: token("--ink"),
        "font-family": "Inter, sans-serif",
        "font-size": 12,
        "line-height": 1.4,
        "text-valign": "center",
        "text-wrap": "wrap",
        "text-max-width": "400px",
      },
    },
    { selector: "node[width]", style: { width: "data(width)", height: NODE_HEIGHT } },
    { selector: 'node[action = "none"]', style: { color: token("--faint"), "border-style": "dashed" } },
    ...ACTIONS.map(([action, ground, line]) => ({
      selector: `node[action = "${action}"]`,
      style: { "background-color": token(ground), "border-color": token(line) },
    })),
    ...REACHED_STATES.map(([state, ground, line]) => ({
      selector: `node[state = "${state}"]`,
      style: { "background-color": token(ground), "border-color": token(line), "border-width": 2.5, color: token("--ink") },
    })),
    { selector: 'node[state = "waiting"], node[state = "skipped"]', style: { "border-style": "dotted" } },
    {
      selector: 'node[frame = "yes"]',
      style: {
        "background-color": token("--ink"),
        "background-opacity": 0.035,
        color: token("--muted"),
        "text-valign": "top",
        "text-margin-y": -5,
        "font-weight": 600,
        "border-width": 1,
        padding: "14px",
      },
    },
    tone("ok", "--ok-solid"),
    tone("warn", "--warn-solid"),
    tone("bad", "--bad-solid"),
    tone("busy", "--busy-solid"),
    {
      selector: "edge",
      style: {
        width: 1.5,
        "line-color": token("--control-line"),
        "target-arrow-color": token("--control-line"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.9,
        "curve-style": "round-segments",
        "segment-weights": "data(weights)" as unknown as number[],
        "segment-distances": "data(distances)" as unknown as number[],
        "segment-radii": [24],
        "edge-distances": "node-position",
      },
    },
  ];
}
