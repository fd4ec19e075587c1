/** What the event stream says: a thing changed (re-read it), or the connection did. Mirrors portal/events.py. */
export interface Change {
  readonly kind: "change";
  readonly type: string;
  readonly subject: string;
}

export interface Connection {
  readonly kind: "connection";
  readonly state: "open" | "lost";
  /** True on the first answer after a loss: what was missed is unknown, so everything is re-read. */
  readonly again: boolean;
}

export type Message = Change | Connection;

export const CHANNEL = "roadbed";
const LONGEST_WAIT = 15_000;

/** Holds one event stream open, with back-off, and hands on what it says. */
export function connect(url: string, tell: (message: Message) => void): void {
  let lost = false;
  let wait = 500;

  const open = (): void => {
    const source = new EventSource(url);
    source.addEventListener("open", () => {
      tell({ kind: "connection", state: "open", again: lost });
      lost = false;
      wait = 500;
    });
    source.addEventListener("change", (event) => {
      const { type, subject } = JSON.parse((event as MessageEvent<string>).data) as Change;
      tell({ kind: "change", type, subject });
    });
    source.addEventListener("error", () => {
      source.close();
      lost = true;
      tell({ kind: "connection", state: "lost", again: false });
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };
  open();
}
