import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Command, Feed } from "./feed.ts";
import { DashboardServer } from "./server.ts";

/** What the server answers to a request as it stands, byte by byte. */
async function raw(port: number, request: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new TextEncoder().encode(request.replaceAll("\n", "\r\n"));
  await connection.write(bytes);
  const answer = new Uint8Array(4096);
  const length = await connection.read(answer) ?? 0;
  connection.close();
  return new TextDecoder().decode(answer.subarray(0, length));
}

const status = (answer: string) => Number(answer.split(" ")[1]);

async function withServer(
  test: (
    at: { url: string; port: number; path: string; obeyed: Command[] },
  ) => Promise<void>,
  feed: Feed = new Feed("test"),
): Promise<void> {
  const obeyed: Command[] = [];
  const server = new DashboardServer(feed, (command) => obeyed.push(command));
  await server.listen(0);
  const { port, pathname } = new URL(server.url);
  try {
    await test({ url: server.url, port: Number(port), path: pathname, obeyed });
  } finally {
    await server.close();
  }
}

Deno.test("the page comes below a token of 128 bits, with strict headers", () =>
  withServer(async ({ url }) => {
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const answer = await fetch(url);
    assertEquals(answer.status, 200);
    assertStringIncludes(await answer.text(), "<!doctype html>");
    const policy = answer.headers.get("content-security-policy")!;
    assertStringIncludes(policy, "default-src 'none'; script-src 'self'");
    assertEquals(answer.headers.get("referrer-policy"), "no-referrer");
    assertEquals(answer.headers.get("cache-control"), "no-store");
    for (const name of ["page.js", "page.css"]) {
      const file = await fetch(url + name);
      assertEquals(file.status, 200);
      await file.body?.cancel();
    }
  }));

Deno.test("a missing or wrong token is refused, everywhere", () =>
  withServer(async ({ port, obeyed }) => {
    const wrong = "0".repeat(32);
    for (
      const path of [
        "/",
        "/page.js",
        "/events",
        `/${wrong}/`,
        `/${wrong}/events`,
      ]
    ) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      assertEquals(answer.status, 403, path);
      await answer.body?.cancel();
    }
    const command = await fetch(`http://127.0.0.1:${port}/${wrong}/command`, {
      method: "POST",
      body: '{"kind":"stop"}',
    });
    assertEquals(command.status, 403);
    await command.body?.cancel();
    assertEquals(obeyed, []);
  }));

Deno.test("other hosts and origins are refused, with the token, too", () =>
  withServer(async ({ port, path, obeyed }) => {
    const own = `127.0.0.1:${port}`;
    const get = (headers: string) =>
      raw(port, `GET ${path} HTTP/1.1\n${headers}\n\n`);
    assertEquals(status(await get(`Host: ${own}`)), 200);
    assertEquals(status(await get(`Host: localhost:${port}`)), 200);
    assertEquals(status(await get(`Host: evil.example:${port}`)), 403);
    assertEquals(
      status(await get(`Host: ${own}\nOrigin: http://evil.example`)),
      403,
    );
    assertEquals(status(await get(`Host: ${own}\nOrigin: null`)), 403);
    assertEquals(
      status(await get(`Host: ${own}\nSec-Fetch-Site: cross-site`)),
      403,
    );
    const post = (headers: string) =>
      raw(
        port,
        `POST ${path}command HTTP/1.1\nHost: ${own}\n${headers}Content-Length: 15\n\n{"kind":"stop"}`,
      );
    assertEquals(status(await post("")), 403);
    assertEquals(status(await post("Origin: http://evil.example\n")), 403);
    assertEquals(obeyed, []);
    assertEquals(status(await post(`Origin: http://${own}\n`)), 200);
    assertEquals(obeyed, [{ kind: "stop" }]);
  }));

Deno.test("a command is checked", () =>
  withServer(async ({ url, obeyed }) => {
    const { origin } = new URL(url);
    const post = async (body: string) => {
      const headers = { origin };
      const options = { method: "POST", body, headers };
      const answer = await fetch(`${url}command`, options);
      return [answer.status, await answer.text()];
    };
    assertEquals(await post("{"), [400, "The command is no JSON"]);
    assertEquals(await post("null"), [400, "There is no such command"]);
    assertEquals(
      await post('{"kind":"constructor"}'),
      [400, "There is no such command"],
    );
    for (const value of ['"0.1"', "-1", "1e999", "null"]) {
      assertEquals(
        await post(`{"kind":"learningRate","value":${value}}`),
        [400, "A learning rate is a number of at least 0"],
      );
    }
    assertEquals(
      await post(" ".repeat(2000)),
      [413, "The command is too long"],
    );
    assertEquals(obeyed, []);
    await post('{"kind":"learningRate","value":0.5,"more":1}');
    assertEquals(obeyed, [{ kind: "learningRate", value: 0.5 }]);
  }));

Deno.test("who leaves in the middle of a command does no harm", () =>
  withServer(async ({ url, port, path, obeyed }) => {
    const { host, origin } = new URL(url);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const lines = [
      `POST ${path}command HTTP/1.1`,
      ...[`Host: ${host}`, `Origin: ${origin}`, "Content-Length: 15"],
      ...["", '{"kind"'],
    ];
    await connection.write(new TextEncoder().encode(lines.join("\r\n")));
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await fetch(url); // and not an error that nobody catches
    assertEquals(answer.status, 200);
    await answer.body?.cancel();
    assertEquals(obeyed, []);
  }));

Deno.test("what objects inherit is no page", () =>
  withServer(async ({ url }) => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      const answer = await fetch(url + name);
      assertEquals(answer.status, 404, name);
      await answer.body?.cancel();
    }
  }));

Deno.test("events begin with all there is, and go on with what comes", () => {
  const feed = new Feed("test");
  feed.begin("run", { lr: 1 });
  feed.points("step", 1, { loss: 0.5 });
  return withServer(async ({ url }) => {
    const answer = await fetch(`${url}events`);
    const reader = answer.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    const next = async () => {
      const { value = "" } = await reader.read();
      return JSON.parse(value.replace(/^data: /, ""));
    };
    const { snapshot } = await next();
    assertEquals(snapshot.runs, [{
      name: "run",
      config: { lr: 1 },
      curves: [{ name: "loss", along: "step", x: [1], y: [0.5] }],
    }]);
    feed.points("step", 2, { loss: NaN });
    feed.points("step", 3, { loss: 0.25 });
    feed.happened("something");
    feed.flush();
    const { news } = await next();
    assertEquals(news.points, [
      { along: "step", x: 2, values: { loss: null } },
      { along: "step", x: 3, values: { loss: 0.25 } },
    ]);
    assertEquals(news.happenings[0].text, "something");
    feed.begin("second", {});
    const { snapshot: both } = await next();
    assertEquals(
      both.runs.map(({ name }: { name: string }) => name),
      ["run", "second"],
    );
    await reader.cancel();
  }, feed);
});

Deno.test("a curve keeps its shape in a bounded number of points", () => {
  const feed = new Feed("test");
  feed.begin("run", {});
  for (let i = 0; i < 50_000; i++) feed.points("step", i, { loss: i });
  const [curve] = feed.snapshot.runs[0]!.curves;
  const { x, y } = curve!;
  assertEquals(x, y);
  assertEquals(x.length <= 4000, true);
  assertEquals(x[0], 0);
  assertEquals(x.at(-1)! > 49_000, true);
});
