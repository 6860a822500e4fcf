/**
 * README's network, trained for a step: what a program of a page needs.
 *
 * @module
 */
import { randint, randn, type Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";

class CNN extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(1, 4, 3, { padding: 1 });
  conv2: nn.Conv2d = new nn.Conv2d(4, 8, 3, { padding: 1 });
  fc1: nn.Linear = new nn.Linear(392, 100);
  fc2: nn.Linear = new nn.Linear(100, 10);

  override forward(x: Tensor): Tensor {
    x = nn.maxPool2d(this.conv1.forward(x).relu(), 2); // [N, 4, 14, 14]
    x = nn.maxPool2d(this.conv2.forward(x).relu(), 2); // [N, 8, 7, 7]
    return this.fc2.forward(this.fc1.forward(x.flatten(1)).relu());
  }
}

const model = new CNN();
const criterion = new nn.CrossEntropyLoss();
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
const output = model.forward(randn([16, 1, 28, 28]));
const loss = criterion.forward(output, randint(0, 10, [16]));
loss.backward();
optimizer.step();
console.log(loss.item());
