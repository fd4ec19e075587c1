import { createClient } from "redis";

export async function connect() {
  const client = createClient({ url: process.env.REDIS_URL });
  client.on("error", (error) => console.error(`redis: ${error.message}`));
  return client.connect();
}
