"""The same data, weights and workloads as formulas.ts, for Python."""

import re

import numpy as np

LEARNING_RATE = 0.01


def wave(size, seed, scale=1.0):
    i = np.arange(size, dtype=np.float64)
    return (scale * np.sin(i * i * 0.37 + seed)).astype(np.float32)


def weights(layers):
    """Arrays by shape, each bounded by 1 / sqrt(fan in)."""
    return [
        wave(int(np.prod(shape)), i + 1, 1 / np.sqrt(fan_in)).reshape(shape)
        for i, (shape, fan_in) in enumerate(layers)
    ]


CNN_X = wave(16 * 28 * 28, 0).reshape(16, 1, 28, 28)
CNN_LABELS = np.arange(16) * 7 % 10
CNN_LAYERS = [
    ((4, 1, 3, 3), 9),
    ((4,), 9),
    ((8, 4, 3, 3), 36),
    ((8,), 36),
    ((100, 392), 392),
    ((100,), 392),
    ((10, 100), 100),
    ((10,), 100),
]

MLP_SAMPLES = 1000
MLP_X = wave(2000, 0).reshape(1000, 2)
MLP_LABELS = (np.arange(1000) % 3 == 0).astype(np.int64)
MLP_LAYERS = [((20, 2), 2), ((20,), 2), ((2, 20), 20), ((2,), 20)]

RNN_STEPS, RNN_BATCH, RNN_HIDDEN = 19, 32, 128
_B, _T = np.arange(32)[:, None], np.arange(19)[None, :]
RNN_X = ((_B * 7 + _T * 3 + _B * _T) % 10).astype(np.float32)
RNN_LABELS = np.arange(32) * 7 % 10
RNN_LAYERS = [
    ((128, 1), 128),
    ((128, 128), 128),
    ((128,), 128),
    ((128,), 128),
    ((10, 128), 128),
    ((10,), 128),
]

VGG_CHANNELS = [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]  # 0: pool
VGG_RATE = 1e-4
VGG_X = wave(32 * 3 * 32 * 32, 0).reshape(32, 3, 32, 32)
VGG_LABELS = np.arange(32) * 7 % 10


def vgg_layers():
    """Of the convolutions, and of the linear layer; the norms begin at 1, 0."""
    layers, channels = [], 3
    for out in filter(None, VGG_CHANNELS):
        layers += [((out, channels, 3, 3), 9 * channels), ((out,), 9 * channels)]
        channels = out
    return layers + [((10, 512), 512), ((10,), 512)]


CONV_SHAPE = (8, 128, 16, 16)
CONV_FLOPS = 2 * 8 * 128 * 128 * 9 * 16 * 16


def conv_arrays():
    """Input, weight, and the gradient of the output."""
    size = int(np.prod(CONV_SHAPE))
    weight = wave(128 * 128 * 9, 2, 1 / np.sqrt(128 * 9))
    return (
        wave(size, 1).reshape(CONV_SHAPE),
        weight.reshape(128, 128, 3, 3),
        wave(size, 3).reshape(CONV_SHAPE),
    )


def matrices(n):
    return wave(n * n, 1).reshape(n, n), wave(n * n, 2).reshape(n, n)


def parse_matmul(workload):
    """(size, form) of a name such as matmul-512-nt, or None."""
    match = re.fullmatch(r"matmul-(\d+)-(nn|nt|tn)", workload)
    return (int(match[1]), match[2]) if match else None


def pick(array, count):
    flat = array.reshape(-1)
    return [float(flat[len(flat) * i // count + i]) for i in range(count)]
