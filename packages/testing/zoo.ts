/**
 * Three models with every kind of layer that has a state, named as those of
 * `fixtures/zoo.py`: what PyTorch trains there is loaded here, and the reverse.
 */

import { ones, type Tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";

/** `[N, 3, 8, 8]` to `[N, 5]`. */
export class Pictures extends nn.Module {
  conv = new nn.Conv2d(3, 4, 3, { padding: 1 });
  batch = new nn.BatchNorm2d(4);
  prelu = new nn.PReLU(4);
  depthwise = new nn.Conv2d(4, 4, 3, { groups: 4, padding: 1, bias: false });
  group = new nn.GroupNorm(2, 4);
  up = new nn.ConvTranspose2d(4, 4, 2, { stride: 2 });
  instance = new nn.InstanceNorm2d(4, {
    affine: true,
    trackRunningStats: true,
  });
  voxels = new nn.Conv3d(4, 2, [1, 3, 3]);
  batch3 = new nn.BatchNorm3d(2);
  head = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(2 * 14 * 14, 5),
    new nn.Softmax(1),
  );

  forward(x: Tensor): Tensor {
    x = this.prelu.forward(this.batch.forward(this.conv.forward(x)));
    x = this.group.forward(this.depthwise.forward(x));
    x = this.instance.forward(this.up.forward(x));
    x = this.batch3.forward(this.voxels.forward(x.unsqueeze(2)));
    return this.head.forward(x);
  }
}

/** `[N, 4, T]` to `[N, 3]`. */
export class Sequences extends nn.Module {
  conv = new nn.Conv1d(4, 6, 3, { padding: 1 });
  batch = new nn.BatchNorm1d(6);
  up = new nn.ConvTranspose1d(6, 4, 3, { padding: 1 });
  lstm = new nn.LSTM(4, 5, {
    numLayers: 2,
    bidirectional: true,
    batchFirst: true,
  });
  gru = new nn.GRU(10, 4, { batchFirst: true });
  rnn = new nn.RNN(4, 4, { nonlinearity: "relu", batchFirst: true });
  norm = new nn.LayerNorm(4);
  rms = new nn.RMSNorm(4, { eps: 1e-6 });
  rnnCell = new nn.RNNCell(4, 4);
  gruCell = new nn.GRUCell(4, 4);
  lstmCell = new nn.LSTMCell(4, 4);
  bilinear = new nn.Bilinear(4, 4, 3);

  forward(x: Tensor): Tensor {
    x = this.up.forward(this.batch.forward(this.conv.forward(x)));
    const [lstm] = this.lstm.forward(x.transpose(1, 2));
    const [gru] = this.gru.forward(lstm);
    const [rnn, last] = this.rnn.forward(this.norm.forward(gru));
    x = this.rms.forward(rnn).select(1, -1);
    x = this.gruCell.forward(this.rnnCell.forward(x));
    const start = last.select(0, 0);
    const [h, c] = this.lstmCell.forward(x, [start, start]);
    return this.bilinear.forward(h, c);
  }
}

/** Words `[N, L]` of 11, padding is 0, to `[N, L, 3]`. */
export class Words extends nn.Module {
  embedding = new nn.Embedding(11, 8, { paddingIdx: 0 });
  bag = new nn.EmbeddingBag(11, 4);
  attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
  cross = new nn.MultiheadAttention(8, 2, {
    kdim: 4,
    vdim: 4,
    batchFirst: true,
  });
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(8, 2, {
      dimFeedforward: 12,
      dropout: 0,
      batchFirst: true,
    }),
    2,
  );
  transformer = new nn.Transformer({
    dModel: 8,
    nhead: 2,
    numEncoderLayers: 1,
    numDecoderLayers: 1,
    dimFeedforward: 12,
    dropout: 0,
    batchFirst: true,
  });
  scale = new nn.Parameter(ones([8]));
  parts = new nn.ParameterDict({ high: ones([8]), low: zeros([8]) });
  heads = new nn.ModuleDict({ out: new nn.Linear(8, 3, { bias: false }) });

  forward(words: Tensor): Tensor {
    let x = this.embedding.forward(words);
    [x] = this.attention.forward(x, x, x, { needWeights: false });
    const bag = this.bag.forward(words).unsqueeze(1);
    const [more] = this.cross.forward(x, bag, bag, { needWeights: false });
    x = this.encoder.forward(x.add(more));
    x = this.transformer.forward(x, x.mul(this.scale));
    x = x.mul(this.parts.get("high")).add(this.parts.get("low"));
    return this.heads.get("out").forward(x);
  }
}

/** Fresh models by name. */
export function makeZoo(): Record<string, nn.Module<[x: Tensor], Tensor>> {
  return {
    pictures: new Pictures(),
    sequences: new Sequences(),
    words: new Words(),
  };
}
