// SPDX-License-Identifier: MIT
// Timers of Node, judged by the wall clock until so many seconds have passed.
"use strict";
const http = require("node:http");
const {performance} = require("node:perf_hooks");

const end = Date.now() + Number(process.argv[2]) * 1000;
const slack = 1500;

function check(what, took, wanted) {
  if (took < wanted - 20 || took > wanted + slack) {
    console.error(`${what} took ${took} ms, not ${wanted} ms`);
    process.exit(1);
  }
}

function timeout(ms) {
  const begin = Date.now();
  const [clock, hr] = [performance.now(), process.hrtime.bigint()];
  return new Promise(done => setTimeout(() => {
    check(`setTimeout(${ms})`, Date.now() - begin, ms);
    check("performance.now", performance.now() - clock, ms);
    check("hrtime", Number(process.hrtime.bigint() - hr) / 1e6, ms);
    done();
  }, ms));
}

let ticks = 0;
const interval = setInterval(() => { ticks++; }, 100);
const server = http.createServer(() => { /* never answers */ });
server.setTimeout(500);

function cut() {
  const begin = Date.now();
  return new Promise(done => {
    http.get({port: server.address().port}).on("error", () => {
      check("the cut of an idle connection", Date.now() - begin, 500);
      done();
    });
  });
}

server.listen(0, async () => {
  const begin = Date.now();
  while (Date.now() < end) {
    await Promise.all([timeout(1), timeout(250), timeout(1000), cut()]);
  }
  clearInterval(interval);
  const expected = (Date.now() - begin) / 100;
  if (ticks < expected * 0.5 || ticks > expected + 2) {
    console.error(`${ticks} ticks of 100 ms, not ${expected}`);
    process.exit(1);
  }
  server.close();
});
