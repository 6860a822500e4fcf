import { macrotask, Pacer } from "./macrotask.ts";
import { assert, assertEquals } from "@std/assert";

Deno.test("macrotask() lets timers run, with and without setImmediate", async () => {
  const host = globalThis as { setImmediate?: unknown };
  const { setImmediate } = host;
  for (const immediate of [setImmediate, undefined]) {
    host.setImmediate = immediate;
    try {
      let fired = false;
      setTimeout(() => fired = true, 0);
      const end = performance.now() + 1000;
      while (!fired && performance.now() < end) await macrotask();
      assert(fired);
    } finally {
      host.setImmediate = setImmediate;
    }
  }
});

Deno.test("a Pacer is due after a while, and after a pause no more", async () => {
  const pacer = new Pacer();
  assertEquals(pacer.due(), false);
  const end = performance.now() + 15;
  while (performance.now() < end);
  assertEquals(pacer.due(), true);
  await pacer.pause();
  assertEquals(pacer.due(), false);
});
