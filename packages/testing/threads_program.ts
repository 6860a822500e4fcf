/**
 * A training on one to four threads, which must give the same bits on each and
 * in every runtime, and a program that then ends as its first argument says:
 * with workers that sleep (`parked`), have just been used (`busy`) or start
 * (`cold`), by `exit`, by an exception (`throw`) or a rejection (`reject`).
 *
 * @module
 */
import {
  manualSeed,
  randint,
  randn,
  setDeterministic,
  setNumThreads,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import process from "node:process";
import * as workerThreads from "node:worker_threads";

/** What the program prints. */
export interface ThreadFigures {
  /** The last loss, by the number of threads. */
  losses: number[];
  /** All parameters as one number, by the number of threads. */
  hashes: number[];
  /** Workers started. */
  workers: number;
}

let workers = 0;
const builtin = process.getBuiltinModule("node:worker_threads");
builtin.Worker = class extends workerThreads.Worker {
  constructor(...args: ConstructorParameters<typeof workerThreads.Worker>) {
    super(...args);
    workers++;
  }
};

const big = randn([512, 512]);

/** Work for all threads, again and again until workers have had time to start. */
async function startWorkers(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    big.matmul(big);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Three steps of a CNN and a recurrent net; the last loss, and a hash. */
function train(): [loss: number, hash: number] {
  manualSeed(3);
  const cnn = new nn.Sequential(
    new nn.Conv2d(3, 20, 3, { padding: 1 }),
    new nn.BatchNorm2d(20),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(20, 33, 5, { padding: 2, stride: 2 }),
    new nn.GELU(),
    new nn.Dropout(0.2),
    new nn.Flatten(),
    new nn.Linear(33 * 8 * 8, 101),
    new nn.LayerNorm(101),
    new nn.Linear(101, 10),
  );
  const embedding = new nn.Embedding(300, 50);
  const lstm = new nn.LSTM(50, 70, { bidirectional: true });
  const head = new nn.Linear(140, 10);
  const params = [cnn, embedding, lstm, head]
    .flatMap((part) => part.parameters());
  const optimizer = new Adam(params);
  const criterion = new nn.CrossEntropyLoss();
  const [x, y] = [randn([48, 3, 30, 31]), randint(0, 10, [48])];
  const words = randint(0, 300, [11, 48]);
  let last = NaN;
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    const [states] = lstm.forward(embedding.forward(words));
    const loss = criterion.forward(cnn.forward(x), y)
      .add(criterion.forward(head.forward(states.select(0, -1)), y));
    loss.backward();
    optimizer.step();
    last = loss.item() as number;
  }
  let hash = 0;
  for (const p of params) {
    for (const word of new Uint32Array(p.data().buffer)) {
      hash = Math.imul(hash ^ word, 16777619) >>> 0;
    }
  }
  return [last, hash];
}

const end = process.argv[2];
setDeterministic(true);
setNumThreads(4);
if (end !== "cold") await startWorkers();
if (end === undefined) {
  const found = [1, 2, 3, 4].map((count) => {
    setNumThreads(count);
    return train();
  });
  const figures: ThreadFigures = {
    losses: found.map(([loss]) => loss),
    hashes: found.map(([, hash]) => hash),
    workers,
  };
  console.log(JSON.stringify(figures));
} else if (end !== "parked") {
  for (let i = 0; i < 10; i++) big.matmul(big);
  if (end === "exit") process.exit(7);
  if (end === "throw") throw new Error("thrown on purpose");
  if (end === "reject") Promise.reject(new Error("rejected on purpose"));
}
