"""PyTorch, as its tutorials write a training loop."""

import sys

import torch
import torch.nn.functional as F
from torch import nn

import formulas as f
from measure import Job, report


def training(params, forward, batch, optimizer=None):
    optimizer = optimizer or torch.optim.SGD(params, lr=f.LEARNING_RATE)
    criterion = nn.CrossEntropyLoss()
    last = {}

    def step():
        x, y = batch()
        optimizer.zero_grad()
        loss = criterion(forward(x), y)
        loss.backward()
        optimizer.step()
        last["loss"] = loss

    return Job(step, lambda: [last["loss"].item()])


def with_weights(model, layers):
    with torch.no_grad():
        for param, array in zip(model.parameters(), f.weights(layers)):
            param.copy_(torch.from_numpy(array))
    return model


def cnn(act):
    model = nn.Sequential(
        *[nn.Conv2d(1, 4, 3, padding=1), act(), nn.MaxPool2d(2)],
        *[nn.Conv2d(4, 8, 3, padding=1), act(), nn.MaxPool2d(2)],
        *[nn.Flatten(), nn.Linear(392, 100), act(), nn.Linear(100, 10)],
    )
    with_weights(model, f.CNN_LAYERS)
    x, y = torch.from_numpy(f.CNN_X), torch.from_numpy(f.CNN_LABELS)
    return training(model.parameters(), model, lambda: (x, y))


def mlp():
    model = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 2))
    with_weights(model, f.MLP_LAYERS)
    xs, ys = torch.from_numpy(f.MLP_X), torch.from_numpy(f.MLP_LABELS)
    place = [0]

    def batch():
        i = place[0]
        place[0] = (i + 1) % f.MLP_SAMPLES
        return xs[i : i + 1], ys[i : i + 1]

    return training(model.parameters(), model, batch)


class RNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, f.RNN_HIDDEN, batch_first=True)
        self.head = nn.Linear(f.RNN_HIDDEN, 10)

    def forward(self, x):
        _, last = self.rnn(x)
        return self.head(last[0])


def rnn():
    model = with_weights(RNN(), f.RNN_LAYERS)
    x = torch.from_numpy(f.RNN_X)[:, :, None]
    y = torch.from_numpy(f.RNN_LABELS)
    return training(model.parameters(), model, lambda: (x, y))


def vgg():
    layers, channels = [], 3
    for out in f.VGG_CHANNELS:
        if out == 0:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
        else:
            layers.append(nn.Conv2d(channels, out, 3, padding=1))
            layers += [nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))
    weighted = [m for m in model if isinstance(m, (nn.Conv2d, nn.Linear))]
    with_weights(nn.ModuleList(weighted), f.vgg_layers())
    x, y = torch.from_numpy(f.VGG_X), torch.from_numpy(f.VGG_LABELS)
    adam = torch.optim.Adam(model.parameters(), lr=f.VGG_RATE)
    return training(model.parameters(), model, lambda: (x, y), adam)


def matmul(n, form):
    a, b = (torch.from_numpy(m) for m in f.matrices(n))
    a = a.T if form == "tn" else a
    b = b.T if form == "nt" else b
    last = {}

    def step():
        last["out"] = a @ b

    return Job(step, lambda: f.pick(last["out"].numpy(), 5), 2 * n**3)


def conv(backward):
    x, weight, g = (torch.from_numpy(a) for a in f.conv_arrays())
    if not backward:
        last = {}

        def step():
            last["out"] = F.conv2d(x, weight, padding=1)

        return Job(step, lambda: f.pick(last["out"].numpy(), 5), f.CONV_FLOPS)
    x.requires_grad_()
    weight.requires_grad_()

    def both():
        x.grad = weight.grad = None
        F.conv2d(x, weight, padding=1).backward(g)

    return Job(
        both,
        lambda: f.pick(x.grad.numpy(), 2) + f.pick(weight.grad.numpy(), 3),
        3 * f.CONV_FLOPS,
    )


JOBS = {
    "cnn": lambda: cnn(nn.ReLU),
    "cnn-sigmoid": lambda: cnn(nn.Sigmoid),
    "mlp": mlp,
    "rnn": rnn,
    "vgg": vgg,
    "conv-forward": lambda: conv(False),
    "conv-training": lambda: conv(True),
}


def make(workload):
    product = f.parse_matmul(workload)
    return matmul(*product) if product else JOBS[workload]()


torch.set_num_threads(int(sys.argv[1]))
report("PyTorch", torch.__version__.split("+")[0], make)
