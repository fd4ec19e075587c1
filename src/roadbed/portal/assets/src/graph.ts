import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from "cytoscape";
import {
  arrange, between, FRAME_PADDING, frameText, nodeSize, short, STRAIGHT, type Bends, type Picture, type Point, type Shown,
} from "./graph-layout";
import { View } from "./graph-view";
import { open } from "./panel";
import { REACHED, type Reached } from "./progress";

const NARROW = 640;
/** Far enough out for the whole of the longest chain. */
const FARTHEST = 0.01;
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
    elements: placed(picture, canvas),
    layout: { name: "preset", fit: false },
    style: look(),
    minZoom: FARTHEST,
    maxZoom: 2,
    autoungrabify: true,
    userZoomingEnabled: false,
    boxSelectionEnabled: false,
  });
  const view = new View(core);
  new ResizeObserver(() => view.restore()).observe(canvas);
  const restyle = (): void => void core.style(look());
  document.addEventListener("roadbed:theme", restyle);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  root.addEventListener("click", (event) => zoom(view, event));
  if (root.dataset.open) leadOn(core, canvas, root.dataset.open);
  document.addEventListener(REACHED, (event) => {
    reach(core, (event as CustomEvent<Reached>).detail);
    view.follow();
  });
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

function zoom(view: View, event: Event): void {
  const wish = (event.target as Element).closest<HTMLElement>("[data-zoom]")?.dataset.zoom;
  if (wish === "fit") view.whole();
  else if (wish) view.zoomBy(Number(wish));
}

function placed(picture: Picture, { clientWidth, clientHeight }: HTMLElement): ElementDefinition[] {
  const size = { width: clientWidth, height: clientHeight };
  const { centres, bends } = arrange(picture, size, clientWidth < NARROW);
  return [
    ...picture.frames.map(frameOf),
    ...picture.nodes.map((node) => nodeOf(node, centres.get(node.id) ?? { x: 0, y: 0 })),
    ...picture.edges.map((edge) => edgeOf(edge.from, edge.to, bends.get(between(edge)) ?? STRAIGHT)),
  ];
}

/** Cytoscape takes an empty parent for a node that isn't there. */
function standing({ parent, ...rest }: Shown): Omit<Shown, "parent"> & { parent?: string } {
  return parent ? { ...rest, parent } : rest;
}

function frameOf(frame: Shown): ElementDefinition {
  return { group: "nodes", data: { ...standing(frame), text: frameText(frame), frame: "yes" } };
}

function nodeOf(node: Shown, { x, y }: Point): ElementDefinition {
  const text = `${short(node.label)}\n${short(node.type)}`;
  return { group: "nodes", data: { ...standing(node), text, ...nodeSize(node) }, position: { x, y } };
}

function edgeOf(source: string, target: string, bends: Bends): ElementDefinition {
  return { group: "edges", data: { source, target, ...bends } };
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
    { selector: "node[width]", style: { width: "data(width)", height: "data(height)" } },
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
        padding: `${FRAME_PADDING}px`,
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
