import { run, scratchFolder } from "@fdunn/testing";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { TelemetryLogger } from "./telemetry_logger.ts";
import type { Trainer } from "../trainer.ts";

/** A training of two epochs, the second of which fails. */
const PROGRAM = `
import { TelemetryLogger, Trainer } from "@fdunn/train";
import { DataLoader, TensorDataset } from "@fdunn/data";
import { Linear, MSELoss } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { randn } from "@fdunn/tensor";

const model = new Linear(2, 1);
const trainer = new Trainer(model, {
  optimizer: new SGD(model.parameters(), { lr: 0.01 }),
  loss: new MSELoss(),
  epochs: 2,
  logEveryNSteps: 2,
  callbacks: [new TelemetryLogger({ name: "test" }), {
    onBatchStart: ({ epoch }) => {
      if (epoch === 2) throw new Error("the second epoch fails");
    },
  }],
});
const loader = new DataLoader(new TensorDataset(randn([8, 2]), randn([8, 1])), {
  batchSize: 2,
});
await trainer.fit(loader, loader).catch(() => {});
`;

interface Span {
  name: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
}

Deno.test("Deno exports the spans and figures of a training", async () => {
  const spans: Span[] = [];
  const metrics = new Set<string>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { resourceSpans = [], resourceMetrics = [] } = await request.json();
      for (const { scopeSpans } of resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      for (const { scopeMetrics } of resourceMetrics) {
        for (const scope of scopeMetrics) {
          for (const metric of scope.metrics) metrics.add(metric.name);
        }
      }
      return Response.json({});
    },
  );
  using scratch = scratchFolder("telemetry");
  const program = join(scratch.path, "program.ts");
  Deno.writeTextFileSync(program, PROGRAM);
  const { code, stderr } = await run(
    "deno",
    ["run", "--quiet", "--no-prompt", "--no-check", program],
    {
      env: {
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      },
    },
  );
  assertEquals(code, 0, stderr);
  const named = (name: string) => spans.filter((span) => span.name === name);
  const [fit] = named("test.fit");
  const epochs = named("test.epoch");
  assertEquals(epochs.map(({ parentSpanId }) => parentSpanId), [
    fit!.spanId,
    fit!.spanId,
  ]);
  const [evaluation] = named("test.evaluation");
  assertEquals(evaluation!.parentSpanId, epochs[0]!.spanId);
  assertStringIncludes(fit!.status.message!, "the second epoch fails");
  for (const figure of ["batchLoss", "trainLoss", "validLoss"]) {
    assertEquals(metrics.has(`test.${figure}`), true, [...metrics].join());
  }
});

Deno.test("TelemetryLogger is silent where nothing is registered", () => {
  assertEquals(TelemetryLogger.listened, false);
  const logger = new TelemetryLogger();
  const trainer = { epoch: 1, step: 1 } as Trainer;
  logger.onFitStart();
  logger.onEpochStart(trainer);
  const row = { kind: "step", epoch: 1, step: 1, values: { loss: 1 } } as const;
  logger.onLog(trainer, row);
  logger.onFitEnd();
});
