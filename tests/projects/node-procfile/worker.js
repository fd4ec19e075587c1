import { connect } from "./queue.js";

const redis = await connect();
console.log("waiting for jobs");

for (;;) {
  const { element } = await redis.brPop("jobs", 0);
  const { job, text } = JSON.parse(element);
  await redis.set(`result:${job}`, text.toUpperCase(), { EX: 600 });
  console.log(`did ${job}`);
}
