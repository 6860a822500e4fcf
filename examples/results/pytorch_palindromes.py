"""The second report's RNN in PyTorch over seeds, beside examples/palindrome_rnn.ts.

    python pytorch_palindromes.py 12:double 12:logits 19:double 19:logits

prints a JSON line a run: test accuracy after each epoch. Made with torch 2.15.0
(CPU, one thread). The figures of known_results.ts are of seeds 0 to 2.
"""

import json
import sys
import time

import torch
from torch import nn

EPOCHS, SAMPLES, BATCH, HIDDEN, SEEDS = 60, 10_000, 32, 128, 3


class DigitRnn(nn.Module):
    def __init__(self, double):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 10)
        self.double = double

    def forward(self, digits):
        states, _ = self.rnn(digits.unsqueeze(2))
        logits = self.head(states[:, -1])
        return logits.softmax(1) if self.double else logits


def palindromes(length):
    half = torch.randint(0, 10, (SAMPLES, (length + 1) // 2))
    rest = half.flip(1)[:, length % 2 :]
    digits = torch.cat([half, rest], 1)
    return digits[:, :-1].float(), digits[:, -1]


def run(length, double, seed):
    torch.manual_seed(seed)
    x, y = palindromes(length)
    split = SAMPLES * 4 // 5
    model = DigitRnn(double)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    accuracies, start = [], time.time()
    for _ in range(EPOCHS):
        order = torch.randperm(split)
        for at in range(0, split, BATCH):
            batch = order[at : at + BATCH]
            optimizer.zero_grad()
            criterion(model(x[batch]), y[batch]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10)
            optimizer.step()
        with torch.no_grad():
            right = model(x[split:]).argmax(1) == y[split:]
            accuracies.append(round(right.float().mean().item(), 4))
    return {
        "task": f"palindrome T={length} {'double softmax' if double else 'logits'}",
        "seed": seed,
        "acc": accuracies,
        "seconds": round(time.time() - start),
    }


torch.set_num_threads(1)
for name in sys.argv[1:]:
    length, kind = name.split(":")
    for seed in range(SEEDS):
        print(json.dumps(run(int(length), kind == "double", seed)), flush=True)
