import htmx from "htmx.org";
import { CHANNEL, connect, type Message } from "./events";

const SPACING = 400;
const PATIENCE = 3_000;
/** What happens many times a second while a plan is applied: only who follows that step by step reads it. */
const STEPS = new Set(["stack.progress"]);
const due = new Map<string, number>();
const listeners: ((subject: string, type: string) => void)[] = [];
let mourning: number | undefined;
let greeted = false;

/** Calls back on every change, for what isn't a fragment of HTML (the log of an operation). */
export function onChange(listener: (subject: string, type: string) => void): void {
  listeners.push(listener);
}

/** Re-fetches each element whose `data-live` names the subject of a change. A name may end in `*`. */
export function watchLive(): void {
  const script = document.querySelector<HTMLMetaElement>('meta[name="events-worker"]')?.content;
  if (!script) return;
  if (typeof SharedWorker === "undefined") {
    connect("/events", receive);
    return;
  }
  new BroadcastChannel(CHANNEL).addEventListener("message", (event: MessageEvent<Message>) => receive(event.data));
  const worker = new SharedWorker(script, { type: "module", name: "roadbed-events" });
  worker.port.addEventListener("message", (event: MessageEvent<Message>) => receive(event.data));
  worker.port.start();
}

function receive(message: Message): void {
  if (message.kind === "connection") {
    showConnection(message.state === "open");
    for (const region of regions()) if (message.again || (message.state === "open" && begins(region))) refresh(region);
    greeted ||= message.state === "open";
    return;
  }
  for (const listener of listeners) listener(message.subject, message.type);
  if (STEPS.has(message.type)) return;
  for (const region of regions()) if (concerns(region, message.subject)) refresh(region);
}

/** What is under way may have ended after the page was made, and before this tab could hear of it. */
function begins(region: HTMLElement): boolean {
  return !greeted && (region.dataset.live ?? "").includes("operation:");
}

function regions(): NodeListOf<HTMLElement> {
  return document.querySelectorAll<HTMLElement>("[data-live]");
}

/** A subject `*` is a resync: some changes were missed. */
function concerns(region: HTMLElement, subject: string): boolean {
  if (subject === "*") return true;
  const names = (region.dataset.live ?? "").split(" ");
  return names.some((name) => (name.endsWith("*") ? subject.startsWith(name.slice(0, -1)) : name === subject));
}

/** At most one fetch per region and `SPACING`; the last change always gets one after it. */
function refresh(region: HTMLElement): void {
  if (due.has(region.id)) return;
  const fetchIt = (): void => {
    due.delete(region.id);
    const current = document.getElementById(region.id);
    if (current) htmx.trigger(current, "refresh", {});
  };
  due.set(region.id, window.setTimeout(fetchIt, SPACING));
}

/** A short loss is nobody's business; a longer one is said. */
function showConnection(open: boolean): void {
  const notice = document.getElementById("connection");
  if (!notice) return;
  clearTimeout(mourning);
  if (open) notice.hidden = true;
  else mourning = window.setTimeout(() => (notice.hidden = false), PATIENCE);
}
