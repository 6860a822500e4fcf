import { Palindromes } from "@fdunn/data";
import { Generator } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("Palindromes read the same backwards, and the last digit is the class", () => {
  for (const length of [2, 5, 12]) {
    const dataset = new Palindromes(length, { samples: 50 });
    assertEquals(dataset.digits.shape, [50, length]);
    for (let i = 0; i < 50; i++) {
      const [first, last] = dataset.get(i);
      assertEquals([first.dtype, last.dtype], ["float32", "int32"]);
      const whole = [...first.data(), last.item()];
      assertEquals(whole, whole.toReversed());
    }
  }
});

Deno.test("Palindromes use all digits, and one generator gives one set", () => {
  const draw = () =>
    new Palindromes(6, { samples: 300, generator: new Generator(3) });
  const digits = new Set(Array.from(draw().digits.data(), Number));
  assertEquals(digits.size, 10);
  assertEquals(draw().digits.toArray(), draw().digits.toArray());
});

Deno.test("Palindromes give batches", () => {
  const dataset = new Palindromes(7, { samples: 10 });
  const [first, last] = dataset.getBatch(Int32Array.of(3, 9));
  assertEquals([first.shape, last.shape], [[2, 6], [2]]);
  assertEquals(first.select(0, 1).toArray(), dataset.get(9)[0].toArray());
  assertEquals(last.select(0, 0).item(), dataset.get(3)[1].item());
});

Deno.test("Palindromes refuse sizes that make none", () => {
  assertThrows(() => new Palindromes(1), RangeError, "got 1 digits");
  assertThrows(
    () => new Palindromes(5, { samples: 0 }),
    RangeError,
    "got 0 samples",
  );
  const dataset = new Palindromes(3, { samples: 2 });
  const error = assertThrows(() => dataset.get(2), RangeError);
  assert(error.message.includes("got index 2"));
});
