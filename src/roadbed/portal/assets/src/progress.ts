import { onChange } from "./live";

type State = "running" | "succeeded" | "failed";

/** A row of the journal, as pages/stack_plan.py sends it. */
interface Entry {
  readonly key: string;
  readonly do: string;
  readonly event: "began" | "succeeded" | "failed";
  readonly error?: string;
}

interface Answer {
  readonly entries: readonly Entry[];
  readonly after: number;
}

/** What has become of steps since it was last told: by their keys. The graph draws it, too. */
export type Reached = ReadonlyMap<string, State>;
export const REACHED = "roadbed:reached";

const MOST_FAILURES = 20;
const WORDS: Readonly<Record<State, string>> = { running: "Running", succeeded: "Succeeded", failed: "Failed" };

/** Follows the apply of the plan on this page: reads its journal on whenever the one event stream says that it grew. */
export function followPlan(): void {
  const root = document.querySelector<HTMLElement>("[data-progress]");
  if (!root) return;
  const apply = new Apply(root);
  onChange((subject) => {
    if (subject === root.dataset.subject || subject === "*") void apply.catchUp();
  });
  // Steps of a large plan are fetched as their group is opened: what has become of them meanwhile is known here.
  document.addEventListener("htmx:afterSettle", () => apply.markAll());
  document.addEventListener("htmx:afterSettle", () => {
    if (document.querySelector("#live [data-ended]")) apply.end();
  });
  if (root.dataset.running !== undefined) void apply.catchUp();
}

class Apply {
  private readonly states = new Map<string, State>();
  private readonly errors = new Map<string, string>();
  private readonly finals: Readonly<Record<string, string>>;
  private readonly groups: Groups;
  private after = 0;
  private reading = false;
  private more = false;
  private ending = false;
  private ended = false;

  constructor(private readonly root: HTMLElement) {
    this.finals = JSON.parse(document.getElementById("plan-finals")?.textContent ?? "{}") as Record<string, string>;
    this.groups = new Groups();
  }

  async catchUp(): Promise<void> {
    this.more = true;
    if (this.reading) return;
    this.reading = true;
    while (this.more) {
      this.more = false;
      await this.readOn();
    }
    this.reading = false;
    if (this.ending) this.finish();
  }

  /** It was applied, broke off or was cancelled: what still waits is not done any more. */
  end(): void {
    if (this.root.dataset.running === undefined && this.states.size === 0) return; // the page was made afterwards
    this.ending = true;
    void this.catchUp();
  }

  private finish(): void {
    this.ended = true;
    for (const row of document.querySelectorAll<HTMLElement>('[data-step]:is([data-state="waiting"], [data-state="running"])')) {
      row.dataset.state = "skipped";
      const word = row.querySelector("[data-state-word]");
      if (word) word.textContent = "Not done";
    }
    this.write("[data-left]", "not done");
    this.count();
  }

  markAll(): void {
    for (const [key, state] of this.states) this.mark(key, state);
  }

  /** From the journal's beginning on, so that every step's state is known, shown or not. */
  private async readOn(): Promise<void> {
    const answer = await fetch(`${this.root.dataset.progress}?after=${this.after}`);
    if (answer.status === 404 && this.root.dataset.operation) location.assign(this.root.dataset.operation); // the stack is gone
    if (!answer.ok) return;
    const { entries, after } = (await answer.json()) as Answer;
    if (entries.length === 0) return;
    this.more = true;
    this.after = after;
    this.take(entries);
  }

  private take(entries: readonly Entry[]): void {
    const reached = new Map<string, State>();
    for (const entry of entries) {
      const state = this.stateAfter(entry);
      reached.set(entry.key, state);
      if (state === "failed") this.errors.set(entry.key, entry.error ?? "it failed");
      else this.errors.delete(entry.key);
    }
    for (const [key, state] of reached) {
      this.groups.moved(key, this.states.get(key), state);
      this.states.set(key, state);
      this.mark(key, state);
    }
    this.count();
    document.dispatchEvent(new CustomEvent<Reached>(REACHED, { detail: reached }));
  }

  private stateAfter(entry: Entry): State {
    if (entry.event === "failed") return "failed";
    const final = this.finals[entry.key];
    return entry.event === "succeeded" && (final === undefined || final === entry.do) ? "succeeded" : "running";
  }

  private mark(key: string, state: State): void {
    const row = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(key)}"]`);
    if (!row || this.ended || row.dataset.state === state) return;
    row.dataset.state = state;
    const word = row.querySelector("[data-state-word]");
    if (word) word.textContent = WORDS[state];
  }

  private count(): void {
    const counts = { running: 0, succeeded: 0, failed: 0, waiting: Number(this.root.dataset.total) };
    const running: string[] = [];
    for (const [key, found] of this.states) {
      const state = this.ended && found === "running" ? "waiting" : found;
      counts[state]++;
      counts.waiting--;
      if (state === "running" && running.length < 4) running.push(pathOf(key));
    }
    this.root.hidden = false;
    for (const [state, number] of Object.entries(counts)) this.write(`[data-count="${state}"]`, number.toLocaleString("en"));
    const bar = this.root.querySelector("progress");
    if (bar) {
      bar.value = counts.succeeded;
      bar.classList.toggle("tone-ok", counts.waiting + counts.running + counts.failed === 0);
      bar.classList.toggle("tone-bad", this.ended && counts.waiting + counts.failed > 0);
    }
    this.write("[data-now]", running.join(", "));
    this.showFailures(counts.failed);
    this.groups.write();
  }

  private showFailures(failed: number): void {
    const notice = this.root.querySelector<HTMLElement>(".progress-failed");
    if (notice) notice.hidden = failed === 0;
    const shown = [...this.errors].slice(0, MOST_FAILURES).map(([key, text]) => {
      const item = document.createElement("li");
      const path = document.createElement("span");
      path.className = "mono";
      path.textContent = pathOf(key);
      item.append(path, ` ${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);
      return item;
    });
    this.root.querySelector("[data-failures]")?.replaceChildren(...shown);
    const more = this.root.querySelector<HTMLElement>("[data-more-failures]");
    if (!more) return;
    more.hidden = this.errors.size <= MOST_FAILURES;
    more.textContent = `and ${(this.errors.size - MOST_FAILURES).toLocaleString("en")} more`;
  }

  private write(selector: string, text: string): void {
    const place = this.root.querySelector(selector);
    if (place) place.textContent = text;
  }
}

interface Group {
  readonly note: HTMLElement;
  readonly total: number;
  done: number;
  failed: number;
}

/** How many steps of each group are done: of those, too, whose rows are not on the page. */
class Groups {
  private readonly known = new Map<string, Group>();

  constructor() {
    for (const card of document.querySelectorAll<HTMLElement>("[data-group]")) {
      const note = card.querySelector<HTMLElement>("[data-group-note]");
      if (note) this.known.set(card.dataset.group ?? "", { note, total: Number(note.dataset.total), done: 0, failed: 0 });
    }
  }

  moved(key: string, from: State | undefined, to: State): void {
    const group = this.of(key);
    if (!group || from === to) return;
    if (from === "succeeded") group.done--;
    if (from === "failed") group.failed--;
    if (to === "succeeded") group.done++;
    if (to === "failed") group.failed++;
  }

  write(): void {
    for (const { note, total, done, failed } of this.known.values()) {
      const lost = failed > 0 ? `, ${failed.toLocaleString("en")} failed` : "";
      note.textContent = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} done${lost}`;
    }
  }

  /** Groups are as deep as leaves few of them, so a resource belongs to the deepest that there is of its path. */
  private of(key: string): Group | undefined {
    const parts = pathOf(key).split("/").slice(0, -1);
    for (; parts.length > 0; parts.pop()) {
      const group = this.known.get(parts.join("/"));
      if (group) return group;
    }
    return this.known.get(key.split("/", 1)[0] ?? "");
  }
}

/** `orders@dev/web/db#postgres:Database` → `web/db`. */
function pathOf(key: string): string {
  const text = key.split("#", 1)[0] ?? "";
  return text.slice(text.indexOf("/") + 1);
}
