import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { connect } from "./queue.js";

const GREETING = "Hello from two processes";
const redis = await connect();

async function answer(request) {
  const [, kind, id] = new URL(request.url, "http://localhost").pathname.split("/");
  if (kind === "") return [200, { message: GREETING }];
  if (kind === "shout" && request.method === "POST") {
    let text = "";
    for await (const chunk of request) text += chunk;
    const job = randomUUID();
    await redis.lPush("jobs", JSON.stringify({ job, text }));
    return [202, { job }];
  }
  if (kind === "shout" && id) return [200, { result: await redis.get(`result:${id}`) }];
  return [404, { error: "not found" }];
}

createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}).listen(process.env.PORT);
