"""The first report's sigmoid CNN with Adam in PyTorch, over seeds, beside
`deno task train mnist_cnn --optimizer adam --init pytorch`.

    python pytorch_mnist.py FOLDER        MNIST's four IDX files, gzipped or not

prints test accuracy after each of three epochs. Made with torch 2.15.0 (CPU, one
thread); the figures of known_results.ts are of seeds 0 to 2.
"""

import glob
import gzip
import struct
import sys

import numpy as np
import torch
from torch import nn

EPOCHS, BATCH, SEEDS = 3, 16, 3


def idx(prefix):
    path = glob.glob(f"{sys.argv[1]}/{prefix}*")[0]
    with (gzip.open if path.endswith("gz") else open)(path, "rb") as file:
        data = file.read()
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return torch.from_numpy(np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape).copy())


def pictures(part):
    return idx(f"{part}-images").float().div(255).unsqueeze(1), idx(f"{part}-labels").long()


torch.set_num_threads(1)
(x, y), (x_test, y_test) = pictures("train"), pictures("t10k")
for seed in range(SEEDS):
    torch.manual_seed(seed)
    act = nn.Sigmoid
    model = nn.Sequential(
        *[nn.Conv2d(1, 4, 3, padding=1), act(), nn.MaxPool2d(2)],
        *[nn.Conv2d(4, 8, 3, padding=1), act(), nn.MaxPool2d(2)],
        *[nn.Flatten(), nn.Linear(392, 100), act(), nn.Linear(100, 10)],
    )
    optimizer = torch.optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    accuracies = []
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            criterion(model(x[batch]), y[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            right = model(x_test).argmax(1) == y_test
            accuracies.append(round(right.float().mean().item(), 4))
    print(seed, accuracies, flush=True)
