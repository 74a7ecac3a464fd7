// SPDX-License-Identifier: MIT
// Items of lru-cache, judged by the wall clock until so many seconds have passed.
import {LRUCache} from "lru-cache";

const end = Date.now() + Number(process.argv[2]) * 1000;
const cache = new LRUCache({max: 10, ttl: 500});
const wait = ms => new Promise(done => setTimeout(done, ms));

while (Date.now() < end) {
  const begin = Date.now();
  cache.set("key", "value");
  await wait(200);
  if (cache.get("key") !== "value" && Date.now() - begin < 450) {
    throw new Error("an item expired early");
  }
  await wait(400);
  if (cache.get("key") !== undefined) {
    throw new Error("an item expired late");
  }
}
