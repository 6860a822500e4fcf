/** Modules as people write them, for the files that onnxruntime runs. */

import * as nn from "@fdunn/nn";
import {
  arange,
  cat,
  eye,
  full,
  fullLike,
  linspace,
  oneHot,
  ones,
  randn,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@fdunn/tensor";

/** Two convolutions with batch norms, and what goes past them. */
export class ResidualBlock extends nn.Module<[Tensor]> {
  first: nn.Conv2d;
  norm1: nn.BatchNorm2d;
  second: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  shortcut: nn.Sequential | null;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    const bias = false;
    this.first = new nn.Conv2d(inputs, outputs, 3, {
      stride,
      padding: 1,
      bias,
    });
    this.norm1 = new nn.BatchNorm2d(outputs);
    this.second = new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias });
    this.norm2 = new nn.BatchNorm2d(outputs);
    this.shortcut = stride === 1 && inputs === outputs
      ? null
      : new nn.Sequential(
        new nn.Conv2d(inputs, outputs, 1, { stride, bias }),
        new nn.BatchNorm2d(outputs),
      );
  }

  forward(x: Tensor): Tensor {
    const y = this.norm1.forward(this.first.forward(x)).relu();
    const z = this.norm2.forward(this.second.forward(y));
    return z.add(this.shortcut?.forward(x) ?? x).relu();
  }
}

/** Down and up again, with what was there at each size beside it. */
export class UNet extends nn.Module<[Tensor]> {
  down = new nn.ModuleList([
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.Conv2d(4, 8, 3, { padding: 1 }),
  ]);
  pool = new nn.MaxPool2d(2);
  up = new nn.ConvTranspose2d(8, 4, 2, { stride: 2 });
  last = new nn.Conv2d(8, 1, 1);

  forward(x: Tensor): Tensor {
    const [first, second] = this.down;
    const fine = first!.forward(x); // at the size of x
    const coarse = second!.forward(this.pool.forward(fine.relu()));
    return this.last.forward(cat([fine, this.up.forward(coarse.relu())], 1))
      .sigmoid();
  }
}

/** Each character from those before, and the state that is left. */
export class CharLstm
  extends nn.Module<[Tensor, [Tensor, Tensor]?], [Tensor, Tensor]> {
  embedding = new nn.Embedding(20, 6);
  lstm = new nn.LSTM(6, 8, { numLayers: 2, batchFirst: true });
  head = new nn.Linear(8, 20);

  forward(codes: Tensor, state?: [Tensor, Tensor]): [Tensor, Tensor] {
    const [y, [h]] = this.lstm.forward(this.embedding.forward(codes), state);
    return [this.head.forward(y), h];
  }
}

/** GPT with positions, causal attention by hand, and one table for both ends. */
export class Gpt extends nn.Module<[Tensor]> {
  tokens = new nn.Embedding(17, 8);
  places = new nn.Embedding(12, 8);
  norm = new nn.LayerNorm(8);
  attention = new nn.Linear(8, 24);
  projection = new nn.Linear(8, 8);
  mlp = new nn.Sequential(
    new nn.LayerNorm(8),
    new nn.Linear(8, 32),
    new nn.GELU(),
    new nn.Linear(32, 8),
    new nn.Dropout(0.1),
  );

  forward(codes: Tensor): Tensor {
    const [n, t] = codes.shape as [number, number];
    const at = arange(t, { dtype: "int32" });
    let x = this.tokens.forward(codes).add(this.places.forward(at)); // [N, T, 8]
    const [q, k, v] = this.attention.forward(this.norm.forward(x)).chunk(3, 2)
      .map((part) => part.reshape([n, t, 2, 4]).transpose(1, 2)) as [
        Tensor,
        Tensor,
        Tensor,
      ];
    const scores = q.matmul(k.transpose(-2, -1)).div(Math.sqrt(4)); // [N, 2, T, T]
    const later = full([t, t], 1).triu(1).to("bool");
    const weights = scores.maskedFill(later, -Infinity).softmax(-1);
    const y = weights.matmul(v).transpose(1, 2).reshape([n, t, 8]);
    x = x.add(this.projection.forward(y));
    x = x.add(this.mlp.forward(x));
    return x.matmul(this.tokens.weight.t()); // [N, T, 17]
  }
}

/** Views, joins, choices, indexing: nothing that is a layer. */
export class Handmade
  extends nn.Module<[Tensor, Tensor], { scores: Tensor; best: Tensor }> {
  weight = new nn.Parameter(randn([6, 4]));
  scale = this.registerBuffer("scale", tensor([0.5, 1, 2, 4]));

  forward(x: Tensor, mask: Tensor) {
    const n = x.shape[0]!;
    const folded = x.reshape([n, 2, 3]).transpose(1, 2).flatten(1); // a view that is copied
    const both = cat([folded, x.slice(1, 0, 6, 2), zeros([n, 3])], 1); // [n, 12]
    const halves = both.unflatten(1, [2, 6]).sum(1);
    const y = halves.matmul(this.weight).mul(this.scale);
    const kept = where(mask, y, y.clamp(-1, 1).neg());
    const rows = kept.index([null, tensor([3, 0, 0], { dtype: "int32" })]);
    const gates = oneHot(kept.argmax(1), 4, "float32");
    const scores = rows.pow(2).mean(1, { keepdim: true }).sqrt().add(gates)
      .expand([n, 4]);
    return { scores: scores.flip(1), best: kept.max(1).indices };
  }
}

/** What a sequence is about: its last state, its mean and its largest. */
export class Topics extends nn.Module<[Tensor]> {
  lstm = new nn.LSTM(3, 4, { batchFirst: true, bidirectional: true });
  head = new nn.Linear(24, 5);

  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x); // [N, T, 8]
    const last = y.select(1, -1);
    const mean = y.sum(1).mul(1 / y.shape[1]!);
    const scaled = y.amax(1).div(Math.sqrt(x.shape[1]!));
    return this.head.forward(cat([last, mean, scaled], -1)).logSoftmax(-1);
  }
}

/** A recurrence written out, by a cell. */
export class Unrolled extends nn.Module<[Tensor]> {
  cell = new nn.GRUCell(3, 5);
  forward(x: Tensor): Tensor {
    let h = zeros([x.shape[1]!, 5]);
    for (const step of x.unbind(0)) h = this.cell.forward(step, h);
    return h;
  }
}

/** Parts by name, and tensors that forward makes. */
export class Heads extends nn.Module<[Tensor]> {
  heads = new nn.ModuleDict({
    left: new nn.Linear(3, 3),
    right: new nn.Linear(3, 3, { bias: false }),
  });
  scales = new nn.ParameterDict({ left: ones([3]), right: full([3], 0.5) });

  forward(x: Tensor): Tensor {
    const parts = this.heads.keys().map((name) => {
      const y = this.heads.get(name).forward(x);
      return y.mul(this.scales.get(name));
    });
    const ramp = linspace(0, 1, 3).add(eye(3).sum(0));
    const kept = x.gt(x.zerosLike()).to("float32").sub(x.scalarLike(0.25));
    return parts[0]!.add(parts[1]!).mul(ramp).add(kept)
      .sub(x.onesLike()).mul(fullLike(x, 2));
  }
}
