/** What differs in more than spelling, by PyTorch's names. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  "torch.Tensor.__getitem__":
    "`x.index([0, null, mask])` takes numbers, null for a whole axis, masks and int32 tensors; `x.slice()` a range of one axis",
  "torch.Tensor.dtype": "a string: `float32`",
  "torch.Tensor.numpy": "a copy, as a typed array",
  "torch.Tensor.numel": "a getter: `x.size`",
  "torch.Tensor.shape": "an array",
  "torch.Tensor.to": "dtypes alone: there is one device",
  "torch.Tensor.requires_grad_": "also an option wherever tensors are made",
  "torch.Tensor.view":
    "only where no copy is needed, as in PyTorch; `reshape()` copies",
  "torch.Tensor.expand": "sizes come as an array",
  "torch.Tensor.repeat": "counts come as an array",
  "torch.Tensor.uniform_":
    "a function that makes a tensor: `uniform(shape, low, high)`",
  "torch.Tensor.new_tensor": "a number as a tensor of x's dtype",
  "torch.Tensor.element_size": "a getter: `x.itemBytes`",
  "torch.tensor":
    "numbers are float32, whole ones too, booleans bool; typed arrays keep their type",
  "torch.arange":
    '`arange(end)`, `arange(start, end, step?)`; float32 unless `dtype` says otherwise: indices want `{ dtype: "int32" }`',
  "torch.bernoulli": "`bernoulli(probabilities)` or `bernoulli(shape, p)`",
  "torch.max":
    "with `dim` returns `{ values, indices }`; of two tensors: `maximum()`",
  "torch.min":
    "with `dim` returns `{ values, indices }`; of two tensors: `minimum()`",
  "torch.sort": "returns `{ values, indices }`; always stable",
  "torch.argsort": "always stable",
  "torch.topk": "returns `{ values, indices }`, sorted",
  "torch.kthvalue": "returns `{ values, indices }`",
  "torch.median": "with `dim` returns `{ values, indices }`",
  "torch.unique": "always sorted, always `{ values, inverse, counts }`",
  "torch.argmax": "positions are int32",
  "torch.argmin": "positions are int32",
  "torch.nonzero": "positions are int32",
  "torch.randperm": "int32; other numbers than PyTorch's for the same seed",
  "torch.manual_seed":
    "Philox: other numbers than PyTorch's for the same seed, the same on every machine",
  "torch.Generator": "Philox; `streamFor(name)` gives streams of their own",
  "torch.floor_divide": "int32 by 0 throws",
  "torch.remainder": "int32 by 0 throws",
  "torch.fmod": "int32 by 0 throws",
  "torch.div":
    "`roundingMode` is `floor` or `trunc`; int32 by int32 gives float32",
  "torch.var": "`correction` alone; there is no `unbiased`",
  "torch.std": "`correction` alone; there is no `unbiased`",
  "torch.linalg.vector_norm": "`x.norm()` is this one, too, not `torch.norm`",
  "torch.einsum": "the operands come as an array",
  "torch.meshgrid":
    "the tensors come as an array; `indexing` has PyTorch's default `ij`",
  "torch.no_grad":
    "takes a synchronous function, or `using _ = noGrad();` for a block",
  "torch.enable_grad":
    "takes a synchronous function, or `using _ = enableGrad();`",
  "torch.is_anomaly_enabled": "of `@fdunn/tensor/anomaly`",
  "torch.autograd.detect_anomaly":
    "takes a function; looks at forward, too, and for infinity that was made there",
  "torch.autograd.gradcheck":
    "random directions, second order as well, float32 against float64",
  "torch.use_deterministic_algorithms":
    "everything is deterministic on one machine; this chooses what is on all of them",
  "torch.autograd.backward": "of several tensors at once",
  "torch.linalg.det":
    "the gradient of a singular matrix is that of the polynomial, which PyTorch gives with `create_graph=True` alone",
  "torch.linalg.svd":
    "refuses infinity as well as NaN; vectors agree up to their signs; no `driver`",
  "torch.linalg.svdvals": "refuses infinity as well as NaN; no `driver`",
  "torch.linalg.eigh":
    "NaN or infinity give NaN; vectors agree up to their signs",
  "torch.linalg.eigvalsh": "NaN or infinity give NaN",
  "torch.linalg.lstsq":
    "the rank is int32; all drivers but `gels` go by SVD; refuses NaN and infinity",
  "torch.linalg.matrix_rank": "int32; tolerances are numbers",
  "torch.linalg.pinv": "tolerances are numbers",
  "torch.linalg.LinAlgError": "a JavaScript error class",
  "torch.nn.Module":
    "`model.forward(x)` calls it; fields that are `#private` are not found; `parameters()` and its kin return arrays",
  "torch.nn.parameter.Parameter": "copies what it is given",
  "torch.nn.CrossEntropyLoss":
    "labels are int32; a softmax before it is warned of",
  "torch.nn.functional.cross_entropy": "labels are int32",
  "torch.nn.NLLLoss": "labels are int32",
  "torch.nn.functional.nll_loss": "labels are int32",
  "torch.nn.MSELoss":
    "shapes that differ throw, where PyTorch broadcasts and warns",
  "torch.nn.functional.mse_loss":
    "shapes that differ throw, where PyTorch broadcasts and warns",
  "torch.nn.L1Loss": "shapes that differ throw",
  "torch.nn.SmoothL1Loss": "shapes that differ throw",
  "torch.nn.HuberLoss": "shapes that differ throw",
  "torch.nn.CTCLoss":
    "refuses blanks in targets; the gradient is right for any input",
  "torch.nn.functional.ctc_loss":
    "refuses blanks in targets; the gradient is right for any input, PyTorch's only behind `log_softmax`",
  "torch.nn.Embedding": "indices are int32",
  "torch.nn.functional.embedding": "indices are int32",
  "torch.nn.EmbeddingBag": "indices and offsets are int32",
  "torch.nn.ConvTranspose2d": "`outputPadding` is less than the stride",
  "torch.nn.MultiheadAttention":
    "masks and flags come in one object; a query that may look at nothing gets zeros, not NaN",
  "torch.nn.LSTM": "no packed sequences, no projections",
  "torch.nn.GRU": "no packed sequences",
  "torch.nn.RNN": "no packed sequences",
  "torch.nn.Sequential": "modules come one by one",
  "torch.nn.Softmax": "`dim` is required",
  "torch.nn.functional.softmax": "`dim` is required",
  "torch.nn.functional.one_hot":
    "float32 of int32 labels; a method: `x.oneHot(classes)`",
  "torch.nn.functional.dropout":
    "draws from the stream `dropout` or a `generator`",
  "torch.nn.init.calculate_gain":
    "names of functions in camel case: `leakyRelu`",
  "torch.nn.init.kaiming_uniform_": "`mode` is `fanIn` or `fanOut`",
  "torch.nn.init.kaiming_normal_": "`mode` is `fanIn` or `fanOut`",
  "torch.optim.LBFGS": "`lineSearchFn` is `strongWolfe` or null",
  "torch.utils.data.DataLoader":
    "`for await` over it; no worker processes, what is read next is prepared meanwhile; its state can be saved",
  "torch.utils.data.IterableDataset": "implements `Symbol.asyncIterator`",
};

/** What has no counterpart in PyTorch, by the reason. */
export const OWN: Readonly<Record<string, readonly string[]>> = {
  "The class of tensors, which `tensor()` and its kin make": ["Tensor"],
  "Memory, which frees itself: for who wants to free it earlier": [
    ...["x.dispose", "scope", "keep", "memoryStats"],
  ],
  "Settings, streams of random numbers, warnings": [
    ...["setWarnings", "listenToWarnings", "streamFor", "defaultGenerator"],
  ],
  "Layers and activations that PyTorch leaves to its users": [
    ...["SwiGLU", "swiglu", "SinusoidalPositionalEncoding"],
    ...["LearnedPositionalEncoding", "rotaryEmbedding"],
  ],
  "Optimizers of papers that PyTorch has not": ["NewtonCG", "SOAP"],
  "Data": [
    ...["ImageDataset", "MapDataset", "Palindromes", "makeSpirals"],
    ...["readIdx", "onImages", "Pacer"],
  ],
  "Base classes and parts of the above, for authors of extensions": [
    ...["AdaptivePool", "AxisLayer", "Convolution", "Dictionary", "Pool"],
    ...["EmbeddingTable", "InstanceNorm", "Loss", "PadLayer", "BatchNorm"],
    ...["PositionalEncoding", "Recurrent", "RecurrentCell", "RunningNorm"],
    ...["TransformerLayer", "Summary", "init.calculateFanInAndFanOut"],
    ...["AdamFamily", "AdaptiveOptimizer", "CompoundSchedule"],
    ...["ClosureOptimizer", "ComposedOptimizer"],
    ...["FusedOptimizer", "MomentOptimizer", "MomentumCycle", "StepTable"],
    ...["Storage", "NdArray", "OpNode", "GradSlot", "x.hasSlot", "x.slot"],
    ...["ActivationMethods", "ArithmeticMethods", "DiagonalMethods"],
    ...["InPlaceMethods", "IndexInPlaceMethods", "IndexingMethods"],
    ...["LinearAlgebraMethods", "LogicMethods", "MovementMethods"],
    ...["OrderMethods", "ReductionMethods"],
  ],
};
