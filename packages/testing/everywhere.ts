/**
 * Twenty steps of training and a file that print losses: the program that must
 * give the same bits in Deno without permissions, in Node from a bundle, and
 * from the registry. It uses every published package.
 *
 * @module
 */
import {
  manualSeed,
  randint,
  randn,
  setDeterministic,
  type Tensor,
} from "@fdunn/tensor";
import { svdvals } from "@fdunn/tensor/linalg";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import {
  DataLoader,
  loadNpz,
  saveNpzCompressed,
  TensorDataset,
} from "@fdunn/data";
import { Trainer } from "@fdunn/train";

setDeterministic(true);
manualSeed(0);

class CNN extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(1, 4, 3, { padding: 1 });
  conv2: nn.Conv2d = new nn.Conv2d(4, 8, 3, { padding: 1 });
  fc: nn.Linear = new nn.Linear(32, 10);

  override forward(x: Tensor): Tensor {
    x = nn.maxPool2d(this.conv1.forward(x).relu(), 2); // [N, 4, 4, 4]
    x = nn.maxPool2d(this.conv2.forward(x).sigmoid(), 2); // [N, 8, 2, 2]
    return this.fc.forward(x.flatten(1));
  }
}

const pictures = randn([160, 1, 8, 8]);
const labels = randint(0, 10, [160]);
const loader = new DataLoader(new TensorDataset(pictures, labels), {
  batchSize: 16,
  shuffle: true,
});
const model = new CNN();
const criterion = new nn.CrossEntropyLoss();
const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });

const losses: number[] = [];
for (let epoch = 0; epoch < 2; epoch++) {
  for await (const [x, y] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
}

// Through a compressed file: what the platform deflates, it inflates.
model.loadStateDict(await loadNpz(await saveNpzCompressed(model.stateDict())));
losses.push(criterion.forward(model.forward(pictures), labels).item());

// An entry point with kernels of its own.
const singularValues = svdvals(model.fc.weight).toArray();
console.log(
  JSON.stringify({ losses, singularValues, trainer: typeof Trainer }),
);
