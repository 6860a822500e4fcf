"""numpy by hand: forward and backward written out, as in both reports.
Threads are those of its BLAS (OPENBLAS_NUM_THREADS and the like)."""

import numpy as np

import formulas as f
from measure import Job, report


def softmax_gradient(logits, labels):
    """The mean cross entropy, and its gradient."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(1, keepdims=True)
    exp = np.exp(shifted)
    total = exp.sum(1, keepdims=True)
    loss = (np.log(total[:, 0]) - shifted[rows, labels]).mean()
    grad = exp / total
    grad[rows, labels] -= 1
    return loss, grad / len(labels)


def descend(params, grads):
    for param, grad in zip(params, grads):
        param -= f.LEARNING_RATE * grad


class Conv:
    """3x3, padding 1, by one matrix product over all patches."""

    def __init__(self, weight):
        self.weight = weight

    def forward(self, x):
        n, c, h, w = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))
        self.patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * 9)
        self.shape = x.shape
        out = self.patches @ self.weight.reshape(len(self.weight), -1).T
        return out.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def weight_gradient(self, g):
        flat = g.transpose(0, 2, 3, 1).reshape(-1, len(self.weight))
        return (flat.T @ self.patches).reshape(self.weight.shape)

    def input_gradient(self, g):
        n, c, h, w = self.shape
        flat = g.transpose(0, 2, 3, 1).reshape(-1, len(self.weight))
        patches = flat @ self.weight.reshape(len(self.weight), -1)
        patches = patches.reshape(n, h, w, c, 3, 3)
        padded = np.zeros((n, c, h + 2, w + 2), np.float32)
        for i in range(3):
            for j in range(3):
                part = patches[:, :, :, :, i, j].transpose(0, 3, 1, 2)
                padded[:, :, i : i + h, j : j + w] += part
        return padded[:, :, 1:-1, 1:-1]


class Pool:
    """2x2 maximum; the gradient goes to the first one, as in PyTorch."""

    def forward(self, x):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        self.blocks = blocks.reshape(n, c, h // 2, w // 2, 4)
        self.index = self.blocks.argmax(-1)[..., None]
        return np.take_along_axis(self.blocks, self.index, -1)[..., 0]

    def backward(self, g):
        n, c, h, w = g.shape
        blocks = np.zeros_like(self.blocks)
        np.put_along_axis(blocks, self.index, g[..., None], -1)
        blocks = blocks.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5)
        return blocks.reshape(n, c, 2 * h, 2 * w)


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


SLOPES = {relu: lambda y: y > 0, sigmoid: lambda y: y * (1 - y)}


def cnn(act):
    params = f.weights(f.CNN_LAYERS)
    w1, b1, w2, b2, w3, b3, w4, b4 = params
    conv1, conv2, pool1, pool2 = Conv(w1), Conv(w2), Pool(), Pool()
    slope, x, labels = SLOPES[act], f.CNN_X, f.CNN_LABELS
    last = {}

    def step():
        a1 = act(conv1.forward(x) + b1[:, None, None])
        a2 = act(conv2.forward(pool1.forward(a1)) + b2[:, None, None])
        flat = pool2.forward(a2).reshape(len(x), -1)
        a3 = act(flat @ w3.T + b3)
        last["loss"], g4 = softmax_gradient(a3 @ w4.T + b4, labels)
        g3 = (g4 @ w4) * slope(a3)
        g2 = pool2.backward((g3 @ w3).reshape(len(x), 8, 7, 7)) * slope(a2)
        g1 = pool1.backward(conv2.input_gradient(g2)) * slope(a1)
        grads = [conv1.weight_gradient(g1), g1.sum((0, 2, 3))]
        grads += [conv2.weight_gradient(g2), g2.sum((0, 2, 3))]
        grads += [g3.T @ flat, g3.sum(0), g4.T @ a3, g4.sum(0)]
        descend(params, grads)

    return Job(step, lambda: [float(last["loss"])])


def mlp():
    params = f.weights(f.MLP_LAYERS)
    w1, b1, w2, b2 = params
    last = {"i": 0}

    def step():
        i = last["i"]
        last["i"] = (i + 1) % f.MLP_SAMPLES
        x, labels = f.MLP_X[i : i + 1], f.MLP_LABELS[i : i + 1]
        h = relu(x @ w1.T + b1)
        last["loss"], g2 = softmax_gradient(h @ w2.T + b2, labels)
        g1 = (g2 @ w2) * (h > 0)
        descend(params, [g1.T @ x, g1.sum(0), g2.T @ h, g2.sum(0)])

    return Job(step, lambda: [float(last["loss"])])


def rnn():
    params = f.weights(f.RNN_LAYERS)
    wx, wh, bx, bh, wp, bp = params
    x, labels = f.RNN_X, f.RNN_LABELS
    start = np.zeros((f.RNN_BATCH, f.RNN_HIDDEN), np.float32)
    last = {}

    def step():
        states = [start]
        for t in range(f.RNN_STEPS):
            inner = states[-1] @ wh.T + bh
            states.append(np.tanh(x[:, t : t + 1] @ wx.T + bx + inner))
        h = states[-1]
        last["loss"], gp = softmax_gradient(h @ wp.T + bp, labels)
        grads = [np.zeros_like(p) for p in (wx, wh, bx, bh)]
        grads += [gp.T @ h, gp.sum(0)]
        g = gp @ wp
        for t in reversed(range(f.RNN_STEPS)):
            g = g * (1 - states[t + 1] ** 2)
            grads[0] += g.T @ x[:, t : t + 1]
            grads[1] += g.T @ states[t]
            grads[2] += g.sum(0)
            g = g @ wh
        grads[3] = grads[2]
        descend(params, grads)

    return Job(step, lambda: [float(last["loss"])])


def vgg():
    raise NotImplementedError("no batch normalisation by hand")


def matmul(n, form):
    a, b = f.matrices(n)
    a = a.T if form == "tn" else a
    b = b.T if form == "nt" else b
    last = {}

    def step():
        last["out"] = a @ b

    return Job(step, lambda: f.pick(last["out"], 5), 2 * n**3)


def conv(backward):
    x, weight, g = f.conv_arrays()
    layer = Conv(weight)
    last = {}

    def step():
        last["out"] = layer.forward(x)
        if backward:
            last["dx"], last["dw"] = layer.input_gradient(g), layer.weight_gradient(g)

    def values():
        if backward:
            return f.pick(last["dx"], 2) + f.pick(last["dw"], 3)
        return f.pick(last["out"], 5)

    return Job(step, values, (3 if backward else 1) * f.CONV_FLOPS)


JOBS = {
    "cnn": lambda: cnn(relu),
    "cnn-sigmoid": lambda: cnn(sigmoid),
    "mlp": mlp,
    "rnn": rnn,
    "vgg": vgg,
    "conv-forward": lambda: conv(False),
    "conv-training": lambda: conv(True),
}


def make(workload):
    product = f.parse_matmul(workload)
    return matmul(*product) if product else JOBS[workload]()


report("numpy", np.__version__, make)
