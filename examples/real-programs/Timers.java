// SPDX-License-Identifier: MIT
// Timers of Java, judged by the wall clock until so many seconds have passed.

import java.util.concurrent.*;
import java.util.concurrent.locks.LockSupport;

class Timers {
  static final long SLACK = 1500;

  interface Action { void run() throws Exception; }

  static void check(String what, long took, long wanted) {
    if (took < wanted - 20 || took > wanted + SLACK) {
      System.err.println(what + " took " + took + " ms, not " + wanted + " ms");
      System.exit(1);
    }
  }

  static void measured(String what, long wanted, Action action) {
    long begin = System.currentTimeMillis(), clock = System.nanoTime();
    try {
      action.run();
    } catch (Exception e) {
      throw new RuntimeException(e);
    }
    check(what, System.currentTimeMillis() - begin, wanted);
    check("nanoTime of " + what, (System.nanoTime() - clock) / 1_000_000, wanted);
  }

  public static void main(String[] args) throws Exception {
    long end = System.currentTimeMillis() + (long) (Double.parseDouble(args[0]) * 1000);
    ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    ExecutorService pool = Executors.newCachedThreadPool();
    Object lock = new Object();
    while (System.currentTimeMillis() < end) {
      CompletableFuture.allOf(
          CompletableFuture.runAsync(() -> measured("Thread.sleep", 300, () -> Thread.sleep(300)), pool),
          CompletableFuture.runAsync(() -> measured("Object.wait", 400, () -> {
            synchronized (lock) { lock.wait(400); }
          }), pool),
          CompletableFuture.runAsync(() -> measured("poll", 500, () ->
              new LinkedBlockingQueue<String>().poll(500, TimeUnit.MILLISECONDS)), pool),
          CompletableFuture.runAsync(() -> measured("a schedule", 250, () ->
              timers.schedule(() -> {}, 250, TimeUnit.MILLISECONDS).get()), pool),
          CompletableFuture.runAsync(() -> measured("parkUntil", 200, () -> {
            long until = System.currentTimeMillis() + 200;
            while (System.currentTimeMillis() < until) LockSupport.parkUntil(until);
          }), pool)).get();
    }
    System.exit(0);
  }
}
