import { Graph, layout } from "@dagrejs/dagre";

/** A node or a frame, as components/graph.py writes it. */
export interface Shown {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly state: string;
  readonly action: string;
  /** The frame that it stands in, empty for none. */
  readonly parent: string;
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Frames are components, each after the one that it stands in. */
export interface Picture {
  readonly nodes: readonly Shown[];
  readonly frames: readonly Shown[];
  readonly edges: readonly Edge[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The way of an edge round the nodes between, as Cytoscape says it: along the line, and beside it. */
export interface Bends {
  readonly weights: readonly number[];
  readonly distances: readonly number[];
}

/** The centres of the nodes by their ids, and the ways of the edges by `between` of their ends. */
export interface Layout {
  readonly centres: ReadonlyMap<string, Point>;
  readonly bends: ReadonlyMap<string, Bends>;
}

/** A rectangle that is placed as one, with the centres of the nodes in it from its top left corner on. */
interface Block extends Size {
  readonly id: string;
  readonly nodes: readonly (Point & { readonly id: string })[];
}

const NODE_HEIGHT = 52;
const GAP = 22;
const RANK_GAP = 56;
export const FRAME_PADDING = 14;
const FRAME_LABEL = 24;
const ROOT = "";
const MOST_FOLDS = 12;
/** Folded ranks lose the ways that dagre finds for edges: that has to be worth it. */
const WORTH_FOLDING = 1.15;
/** In one rank. */
const FEW = 3;
const LONGEST = 28;

export const STRAIGHT: Bends = { weights: [0.5], distances: [0] };

export function between({ from, to }: Edge): string {
  return `${from} ${to}`;
}

export function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

export function nodeSize(node: { label: string; type: string }): Size {
  return { width: 36 + 7.2 * Math.max(short(node.label).length, short(node.type).length), height: NODE_HEIGHT };
}

export function frameText(frame: Shown): string {
  return frame.type ? `${short(frame.label)}  ${short(frame.type)}` : short(frame.label);
}

/**
 * In the order of dependencies: what is used stands left of what uses it, or above it where the canvas is `upright`.
 * What doesn't depend on each other is packed beside each other, so that the whole fills a canvas of this size.
 */
export function arrange(picture: Picture, canvas: Size, upright: boolean): Layout {
  const bends = new Map<string, Bends>();
  const whole = new Packing(picture, canvas, upright, bends).inside(ROOT);
  return { centres: new Map(whole.nodes.map(({ id, x, y }) => [id, { x, y }])), bends };
}

/** Packs what stands in a frame to one block, from the innermost frames outwards. */
class Packing {
  private readonly links: ReadonlyMap<string, readonly Edge[]>;

  constructor(
    private readonly picture: Picture,
    private readonly canvas: Size,
    private readonly upright: boolean,
    private readonly bends: Map<string, Bends>,
  ) {
    this.links = linksByFrame(picture);
  }

  inside(frame: string): Block {
    const isChild = ({ parent }: Shown): boolean => parent === frame;
    const frames = this.picture.frames.filter(isChild).map((one) => framed(this.inside(one.id), one));
    const nodes = this.picture.nodes.filter(isChild).map(nodeBlock);
    const links = this.links.get(frame) ?? [];
    const groups = connected([...frames, ...nodes], links);
    const lone = nodes.filter(({ id }) => groups.some((group) => group.length === 1 && group[0]?.id === id));
    const blocks = groups.filter(([first]) => first && !lone.includes(first));
    return this.shelves([...blocks.map((group) => this.layered(group, links)), ...this.grid(lone)]);
  }

  /** What depends on each other, in ranks: as dagre arranges it, a rank in several columns where it is a long one. */
  private layered(group: readonly Block[], links: readonly Edge[]): Block {
    const [only] = group;
    if (only && group.length === 1) return only;
    const turned = this.upright ? group.map(transposed) : group;
    const ids = new Set(group.map(({ id }) => id));
    const graph = ranked(turned, links.filter(({ from }) => ids.has(from)));
    const ranks = byRank(turned, graph);
    const unfolded = this.turnedBack(asLaidOut(turned, graph));
    const tallest = Math.max(...ranks.map((rank) => stack(rank).height));
    const folded = this.best(range(2, MOST_FOLDS).map((times) => this.turnedBack(foldedTo(ranks, tallest / times))));
    if (folded && Math.min(this.scale(folded), 1) > WORTH_FOLDING * this.scale(unfolded)) return folded;
    this.keepBends(group, graph, links);
    return unfolded;
  }

  private turnedBack(block: Block): Block {
    return this.upright ? transposed(block) : block;
  }

  /** Only between nodes: an edge of what stands in a frame leads on inside it. */
  private keepBends(group: readonly Block[], graph: Graph, links: readonly Edge[]): void {
    const nodes = new Set(group.filter((block) => block.nodes[0]?.id === block.id).map(({ id }) => id));
    const turn = ({ x, y }: Point): Point => (this.upright ? { x: y, y: x } : { x, y });
    for (const link of links) {
      if (!nodes.has(link.from) || !nodes.has(link.to)) continue;
      const points = (graph.edge(link.from, link.to).points as Point[]).map(turn);
      const [from, to] = [graph.node(link.from) as Point, graph.node(link.to) as Point].map(turn);
      if (from && to) this.bends.set(between(link), bend(from, to, points));
    }
  }

  /** Equal nodes in rows and columns; no block of no nodes. */
  private grid(nodes: readonly Block[]): Block[] {
    const found = this.best(range(1, nodes.length).map((columns) => gridOf(nodes, columns)));
    return found ? [found] : [];
  }

  /** Blocks of any size side by side, in as many rows as fill the canvas best. */
  private shelves(blocks: readonly Block[]): Block {
    const total = blocks.reduce((sum, { width }) => sum + width + GAP, 0);
    const widest = Math.max(...blocks.map(({ width }) => width));
    const tries = range(0, MOST_FOLDS).map((step) => widest + ((total - widest) * step) / MOST_FOLDS);
    return this.best(tries.map((width) => shelved(blocks, width))) ?? row([]);
  }

  private best(blocks: readonly Block[]): Block | undefined {
    return blocks.reduce<Block | undefined>(
      (best, block) => (best && this.scale(best) >= this.scale(block) ? best : block),
      undefined,
    );
  }

  /** How large the canvas can show it. */
  private scale({ width, height }: Size): number {
    return Math.min(this.canvas.width / width, this.canvas.height / height);
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
}

/** Edges as they are between what stands side by side in a frame: of the frames that hold their ends, where they do. */
function linksByFrame(picture: Picture): Map<string, Edge[]> {
  const parents = new Map([...picture.frames, ...picture.nodes].map(({ id, parent }) => [id, parent]));
  const links = new Map<string, Map<string, Edge>>();
  for (const edge of picture.edges) {
    const [from, to] = [wayIn(edge.from, parents), wayIn(edge.to, parents)];
    const depth = from.findIndex((id, index) => id !== to[index]);
    const link = { from: from[depth] ?? "", to: to[depth] ?? "" };
    if (!link.from || !link.to) continue; // one stands in the other: the frame says it
    const frame = from[depth - 1] ?? ROOT;
    links.set(frame, (links.get(frame) ?? new Map<string, Edge>()).set(between(link), link));
  }
  return new Map([...links].map(([frame, found]) => [frame, [...found.values()]]));
}

/** The frames that it stands in, the outermost first, and itself. */
function wayIn(id: string, parents: ReadonlyMap<string, string>): string[] {
  const parent = parents.get(id) ?? ROOT;
  return parent === ROOT ? [id] : [...wayIn(parent, parents), id];
}

/** What hangs together by links, each group in the given order. */
function connected(blocks: readonly Block[], links: readonly Edge[]): Block[][] {
  const heads = new Map(blocks.map(({ id }) => [id, id]));
  const head = (id: string): string => {
    const next = heads.get(id) ?? id;
    return next === id ? id : head(next);
  };
  for (const { from, to } of links) heads.set(head(to), head(from));
  const groups = new Map<string, Block[]>();
  for (const block of blocks) groups.set(head(block.id), [...(groups.get(head(block.id)) ?? []), block]);
  return [...groups.values()];
}

function ranked(blocks: readonly Block[], links: readonly Edge[]): Graph {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: GAP, ranksep: RANK_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of blocks) graph.setNode(id, { width, height });
  for (const { from, to } of links) graph.setEdge(from, to);
  layout(graph);
  return graph;
}

/** The blocks of each rank from top to bottom; those of a rank have one centre line. */
function byRank(blocks: readonly Block[], graph: Graph): Block[][] {
  const centre = ({ id }: Block): Point => graph.node(id) as Point;
  const ranks = new Map<number, Block[]>();
  for (const block of blocks) {
    const line = Math.round(centre(block).x);
    ranks.set(line, [...(ranks.get(line) ?? []), block]);
  }
  return [...ranks]
    .sort(([one], [other]) => one - other)
    .map(([, rank]) => rank.sort((one, other) => centre(one).y - centre(other).y));
}

function asLaidOut(blocks: readonly Block[], graph: Graph): Block {
  const { width, height } = graph.graph() as Size;
  const nodes = blocks.flatMap((block) => {
    const { x, y } = graph.node(block.id) as Point;
    return moved(block, x - block.width / 2, y - block.height / 2).nodes;
  });
  return { id: "", width, height, nodes };
}

/** The ranks one after another, each in so many columns that none is higher than that. */
function foldedTo(ranks: readonly (readonly Block[])[], height: number): Block {
  return row(ranks.map((rank) => row(columnsOf(rank, height).map(stack))), RANK_GAP);
}

/** Few stay in one column, and no column holds a single block: edges behind those would seem to make a chain of them. */
function columnsOf(rank: readonly Block[], height: number): Block[][] {
  if (rank.length <= FEW) return [[...rank]];
  const two = 2 * Math.max(...rank.map((block) => block.height)) + GAP;
  return wrapped(rank, Math.max(height, two), (block) => block.height);
}

function gridOf(nodes: readonly Block[], columns: number): Block {
  const rows = Math.ceil(nodes.length / columns);
  return row(range(0, columns - 1).map((column) => stack(nodes.slice(column * rows, (column + 1) * rows))), GAP, 0);
}

function shelved(blocks: readonly Block[], width: number): Block {
  return stack(wrapped(blocks, width, (block) => block.width).map((shelf) => row(shelf)));
}

/** In order, as many as go into that length; at least one. */
function wrapped(blocks: readonly Block[], most: number, lengthOf: (block: Block) => number): Block[][] {
  const lines: Block[][] = [];
  let left = 0;
  for (const block of blocks) {
    if (lines.length === 0 || lengthOf(block) > left) {
      lines.push([]);
      left = most;
    }
    lines[lines.length - 1]?.push(block);
    left -= lengthOf(block) + GAP;
  }
  return lines;
}

/** Side by side, each in the middle of the height, or with another part of what is left of it above itself. */
function row(blocks: readonly Block[], gap = GAP, above = 0.5): Block {
  const filled = blocks.filter(({ width }) => width > 0);
  const height = Math.max(0, ...filled.map((block) => block.height));
  const nodes: Block["nodes"][number][] = [];
  let x = 0;
  for (const block of filled) {
    nodes.push(...moved(block, x, (height - block.height) * above).nodes);
    x += block.width + gap;
  }
  return { id: "", width: Math.max(x - gap, 0), height, nodes };
}

/** Below each other, each in the middle of the width. */
function stack(blocks: readonly Block[]): Block {
  return transposed(row(blocks.map(transposed)));
}

function transposed({ id, width, height, nodes }: Block): Block {
  return { id, width: height, height: width, nodes: nodes.map((node) => ({ id: node.id, x: node.y, y: node.x })) };
}

function moved(block: Block, x: number, y: number): Block {
  return { ...block, nodes: block.nodes.map((node) => ({ id: node.id, x: node.x + x, y: node.y + y })) };
}

function nodeBlock(node: Shown): Block {
  const { width, height } = nodeSize(node);
  return { id: node.id, width, height, nodes: [{ id: node.id, x: width / 2, y: height / 2 }] };
}

/** With the frame's padding around it, and its name above. */
function framed(inner: Block, frame: Shown): Block {
  const width = Math.max(inner.width + 2 * FRAME_PADDING, 7.2 * frameText(frame).length);
  const height = inner.height + 2 * FRAME_PADDING + FRAME_LABEL;
  const placed = moved(inner, (width - inner.width) / 2, FRAME_LABEL + FRAME_PADDING);
  return { id: frame.id, width, height, nodes: placed.nodes };
}

function bend(from: Point, to: Point, points: readonly Point[]): Bends {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const inner = points.slice(1, -1);
  return {
    weights: inner.map(({ x, y }) => ((x - from.x) * dx + (y - from.y) * dy) / length ** 2),
    distances: inner.map(({ x, y }) => ((y - from.y) * dx - (x - from.x) * dy) / length),
  };
}
