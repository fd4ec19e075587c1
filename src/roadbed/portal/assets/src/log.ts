import { onChange } from "./live";
import { type Line, LogView } from "./log-view";

const RETRY = 1_500;

/** Starts each log on the page: `data-stream` follows an application, `data-tail` reads on in an operation's log. */
export function startLogs(): void {
  for (const root of document.querySelectorAll<HTMLElement>("[data-log]")) {
    const view = new LogView(root);
    if (root.dataset.stream) void follow(view, root.dataset.stream, root.dataset.ends !== undefined);
    if (root.dataset.tail) tail(view, root.dataset.tail, root.dataset.subject ?? "", Number(root.dataset.after ?? 0));
  }
}

/**
 * One connection, held only while the tab is in sight. It replays the last lines, so the view starts afresh each time.
 * What `ends` is over when its stream is.
 */
async function follow(view: LogView, url: string, ends: boolean): Promise<void> {
  for (;;) {
    await visible();
    const stop = new AbortController();
    const hide = (): void => {
      if (document.hidden) stop.abort();
    };
    document.addEventListener("visibilitychange", hide);
    try {
      await read(view, url, stop.signal);
      if (ends) return view.state("Ended");
      view.state("Waiting for the next line");
    } catch {
      view.state(stop.signal.aborted ? "Paused while hidden" : "Reconnecting");
    }
    document.removeEventListener("visibilitychange", hide);
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
}

async function read(view: LogView, url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal });
  if (!answer.ok || !answer.body) throw new Error(`the log answered ${answer.status}`);
  view.clear();
  view.state("Live");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    view.add(parts.filter(Boolean).map((text) => JSON.parse(text) as Line));
  }
}

function visible(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}

interface Tail {
  readonly lines: readonly Line[];
  readonly after: number;
  readonly ended: boolean;
}

/** Reads on after the last sequence number whenever the one event stream says that there is more. */
function tail(view: LogView, url: string, subject: string, after: number): void {
  let reading = false;
  let more = false;

  const catchUp = async (): Promise<void> => {
    more = true;
    if (reading) return;
    reading = true;
    while (more) {
      more = false;
      const answer = await fetch(`${url}?after=${after}`);
      if (!answer.ok) break;
      const page = (await answer.json()) as Tail;
      if (page.lines.length > 0) more = true;
      after = page.after;
      view.add(page.lines);
      view.state(page.ended ? "Ended" : "Live");
    }
    reading = false;
  };

  onChange((changed) => {
    if (changed === subject || changed === "*") void catchUp();
  });
  void catchUp();
}
