// One event stream for the whole browser, however many tabs: a browser opens only about six connections to a host.
import { CHANNEL, connect, type Message } from "./events";

const channel = new BroadcastChannel(CHANNEL);
let latest: Message = { kind: "connection", state: "lost", again: false };

connect("/events", (message) => {
  if (message.kind === "connection") latest = { ...message, again: false };
  channel.postMessage(message);
});

// A tab that opens later learns at once whether the stream stands.
addEventListener("connect", (event) => (event as MessageEvent).ports[0]?.postMessage(latest));
