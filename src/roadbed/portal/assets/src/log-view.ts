/** One line, as the server sends it. `who` is the replica or the step that wrote it. */
export interface Line {
  readonly at: string;
  readonly who: string;
  readonly stream: string;
  readonly text: string;
}

const MOST_LINES = 5_000;
const NEAR = 40;

/** The lines on the screen: follows the end until the reader scrolls away, filters, wraps, pauses, keeps the last 5,000. */
export class LogView {
  private readonly lines: HTMLElement;
  private waiting: Line[] = [];
  private drawing = false;
  private paused = false;
  private following = true;
  private needle = "";

  constructor(private readonly root: HTMLElement) {
    this.lines = root.querySelector<HTMLElement>(".log-lines") as HTMLElement;
    this.lines.addEventListener("scroll", () => this.noteScroll());
    this.button("follow", () => this.follow(!this.following));
    this.button("pause", (pressed) => this.pause(pressed));
    this.button("wrap", (pressed) => root.classList.toggle("log-wrap", pressed));
    root.querySelector<HTMLInputElement>(".log-filter")?.addEventListener("input", (event) => {
      this.filter((event.target as HTMLInputElement).value);
    });
    this.toEnd();
  }

  add(lines: readonly Line[]): void {
    this.waiting.push(...lines);
    if (this.waiting.length > MOST_LINES) this.waiting = this.waiting.slice(-MOST_LINES);
    if (this.drawing || this.paused || this.waiting.length === 0) return;
    this.drawing = true;
    requestAnimationFrame(() => this.draw());
  }

  clear(): void {
    this.lines.replaceChildren();
  }

  state(text: string): void {
    const state = this.root.querySelector<HTMLElement>(".log-state");
    if (!state) return;
    state.lastChild?.remove();
    state.append(text);
    state.querySelector(".dot")?.classList.toggle("dot-ok", text === "Live");
  }

  private draw(): void {
    this.drawing = false;
    const lines = this.waiting.map((line) => this.element(line));
    this.waiting = [];
    this.lines.querySelector(".log-empty")?.remove();
    this.lines.append(...lines);
    for (let extra = this.lines.childElementCount - MOST_LINES; extra > 0; extra--) this.lines.firstElementChild?.remove();
    if (this.following) this.toEnd();
  }

  private element(line: Line): HTMLElement {
    const row = document.createElement("div");
    row.className = "log-line";
    row.dataset.stream = line.stream;
    const at = document.createElement("time");
    at.className = "log-at";
    at.dateTime = line.at;
    at.textContent = line.at.slice(11, 19);
    const text = span("log-text", "");
    text.append(...say(line.text));
    row.append(at, span("log-who", line.who), text);
    this.hide(row);
    return row;
  }

  private filter(needle: string): void {
    this.needle = needle.toLowerCase();
    for (const row of this.lines.querySelectorAll<HTMLElement>(".log-line")) this.hide(row);
    if (this.following) this.toEnd();
  }

  private hide(row: HTMLElement): void {
    const shown = this.needle === "" || (row.textContent ?? "").toLowerCase().includes(this.needle);
    if (shown) delete row.dataset.hidden;
    else row.dataset.hidden = "";
  }

  private noteScroll(): void {
    const left = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight;
    this.follow(left < NEAR, false);
  }

  private follow(on: boolean, move = true): void {
    this.following = on;
    this.root.querySelector('[data-log-button="follow"]')?.setAttribute("aria-pressed", String(on));
    if (on && move) this.toEnd();
  }

  private pause(on: boolean): void {
    this.paused = on;
    if (!on) this.draw();
  }

  private toEnd(): void {
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  private button(name: string, act: (pressed: boolean) => void): void {
    const button = this.root.querySelector<HTMLButtonElement>(`[data-log-button="${name}"]`);
    button?.addEventListener("click", () => {
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pressed));
      act(pressed);
    });
  }
}

const TOLD = new Set(["at", "time", "timestamp", "ts", "level", "severity", "message", "msg"]);

/** A line of JSON as a person reads it: its message, then its other fields, faint. Any other line as it is. */
function say(text: string): (Node | string)[] {
  const fields = structured(text);
  const message = fields?.message ?? fields?.msg;
  if (!fields || (message !== undefined && typeof message !== "string")) return [text];
  const others = Object.entries(fields).filter(([name]) => !TOLD.has(name));
  const rest = others.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const level = String(fields.level ?? fields.severity ?? "").toLowerCase();
  const parts: (Node | string)[] = [];
  if (level && level !== "info") parts.push(span(`log-level log-level-${LEVELS[level] ?? "other"}`, level), " ");
  if (message) parts.push(message);
  if (message && rest.length > 0) parts.push(span("log-fields", `  ${rest.join(" ")}`));
  else parts.push(rest.join(" "));
  return parts;
}

const LEVELS: Readonly<Record<string, string>> = {
  warn: "warn",
  warning: "warn",
  error: "error",
  critical: "error",
  fatal: "error",
};

function structured(text: string): Record<string, unknown> | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function span(name: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
