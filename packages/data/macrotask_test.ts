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

Deno.test("a server answers beside a loop with pauses", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("here"),
  );
  let answer: string | null = null;
  fetch(`http://127.0.0.1:${server.addr.port}`)
    .then((response) => response.text())
    .then((text) => answer = text);
  const pacer = new Pacer();
  const end = performance.now() + 20_000;
  while (answer === null && performance.now() < end) {
    const busy = performance.now() + 5;
    while (performance.now() < busy);
    if (pacer.due()) await pacer.pause();
  }
  assertEquals(answer, "here");
});
