import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  arange,
  type DType,
  noGrad,
  ones,
  Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { InPlaceMethods } from "../methods/in_place.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";

const OTHER = tensor([[3, 0.5, 2, 1.5], [1, 2, 0.25, 4], [5, 1, 2, 3]]);
const MASK = tensor([true, false, false, true]);

/** What each method takes; the others take nothing. */
const OPERANDS: Record<string, unknown[]> = {
  add: [OTHER],
  sub: [OTHER],
  mul: [OTHER],
  div: [OTHER],
  pow: [OTHER],
  atan2: [OTHER],
  fmod: [OTHER],
  remainder: [OTHER],
  floorDivide: [OTHER],
  clamp: [0.4, 0.9],
  lerp: [OTHER, 0.25],
  addcmul: [OTHER, OTHER, { value: 2 }],
  addcdiv: [OTHER, OTHER],
  maskedFill: [MASK, 9],
  nanToNum: [{ nan: 3 }],
  logicalAnd: [MASK],
  logicalOr: [MASK],
  logicalXor: [MASK],
};

type Method = (...args: unknown[]) => Tensor;

function call(x: Tensor, name: string, ...args: unknown[]): Tensor {
  return (Reflect.get(x, name) as Method).apply(x, args);
}

/** Every op with an underscore, but those that are not ops. */
const NAMES = Object.getOwnPropertyNames(InPlaceMethods.prototype)
  .filter((name) => /_$/.test(name) && !/^(fill|zero|copy)_$/.test(name))
  .map((name) => name.slice(0, -1));

Deno.test("there is a method for every name here, and no name is missing", () => {
  for (const name of [...NAMES, ...Object.keys(OPERANDS)]) {
    assertEquals(typeof Reflect.get(Tensor.prototype, name), "function", name);
    assertEquals(NAMES.includes(name), true, name);
  }
  assertEquals(NAMES.length > 45, true);
});

for (const name of NAMES) {
  const args = OPERANDS[name] ?? [];
  const logical = name.startsWith("logical");

  Deno.test(`${name}_() writes what ${name}() gives, through every layout`, () => {
    const dtypes: DType[] = logical ? ["bool"] : ["float32", "float64"];
    for (const dtype of dtypes) {
      const given = args.map((arg) =>
        arg instanceof Tensor && arg.dtype !== "bool" ? arg.to(dtype) : arg
      );
      const values = logical ? wholes(12, 1, 0, 2) : numbers(12, 1, 0.1, 0.95);
      for (const [how, x] of layouts(values, [3, 4], dtype)) {
        const plain = call(x.clone(), name, ...given);
        const before = x.shape;
        assertStrictEquals(call(x, `${name}_`, ...given), x);
        assertEquals([x.shape, x.dtype], [before, dtype]);
        assertClose(floats(x), floats(plain), { rtol: 1e-7, what: how });
      }
    }
  });

  Deno.test(`${name}_() is refused where autograd needs the old value`, () => {
    if (logical) return;
    const w = ones([3, 4], { requiresGrad: true });
    assertThrows(
      () => call(w, `${name}_`, ...args),
      Error,
      `${name}_() writes in place into Tensor [3, 4] from full(), which requires grad: use ${name}(), or write inside noGrad()`,
    );
    noGrad(() => call(w, `${name}_`, ...args));
    assertEquals(w.requiresGrad, true);
    const operand = args.findIndex((arg) => arg instanceof Tensor);
    if (operand < 0 || name === "maskedFill") return;
    const given = args.with(operand, ones([3, 4], { requiresGrad: true }));
    assertThrows(
      () => call(ones([3, 4]), `${name}_`, ...given),
      Error,
      "which requires grad, into a tensor that would not remember it",
    );
    const gone = ones([3, 4]);
    gone.dispose();
    assertThrows(
      () => call(ones([3, 4]), `${name}_`, ...args.with(operand, gone)),
      Error,
      "was disposed of",
    );
  });
}

Deno.test("a result that the dtype cannot hold is refused, and nothing written", () => {
  const x = tensor([1, 2], { dtype: "int32" });
  assertThrows(
    () => x.exp_(),
    TypeError,
    "exp_() gives float32, which a tensor of int32 cannot hold: use exp()",
  );
  assertThrows(() => x.pow_(0.5), TypeError, "pow_() gives float32");
  assertThrows(() => x.clamp_(0.5), TypeError, "clamp_() gives float32");
  assertEquals(x.pow_(2).clamp_(2, 3).neg_().toArray(), [-2, -3]);
  assertThrows(() => x.floorDivide_(0), RangeError, "floorDivide_() got");
  assertThrows(
    () => tensor([1]).logicalNot_(),
    TypeError,
    "logicalNot_() gives bool, which a tensor of float32 cannot hold",
  );
});

Deno.test("a result of another shape is refused by the method's name", () => {
  assertThrows(
    () => ones([4]).pow_(OTHER),
    RangeError,
    "pow_() cannot write [3, 4] into [4]: the result must have the tensor's own shape",
  );
  assertThrows(() => ones([5]).pow_(OTHER), RangeError, "in pow_()");
  assertThrows(
    () => ones([1]).to("float16").exp_(),
    TypeError,
    "exp_() expects",
  );
});

Deno.test("operands may share the tensor's bytes", () => {
  const x = tensor([[1, 2], [3, 2]]);
  assertEquals(x.pow_(x.t()).toArray(), [[1, 8], [9, 4]]);
  const y = arange(1, 5);
  y.slice(0, 0, 3).atan2_(y.slice(0, 1, 4)).mul_(0);
  assertEquals(y.toArray(), [0, 0, 0, 4]);
  const z = zeros([2, 1]);
  assertThrows(
    () => z.expand([2, 3]).maskedFill_(MASK.slice(0, 0, 3), 1),
    RangeError,
    "maskedFill_() cannot write into an expanded tensor",
  );
});

Deno.test("a value that backward needs notices a write by any method", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const x = tensor([3, 4]);
  const y = w.mul(x);
  x.sqrt_();
  assertThrows(
    () => y.sum().backward(),
    Error,
    "has been modified by an inplace operation",
  );
});
