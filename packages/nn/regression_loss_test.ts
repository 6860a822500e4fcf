import { randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

const leaf = () => randn([3, 4], { requiresGrad: true });

Deno.test("losses of differences reduce as they are told", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const y = tensor([[1, 0], [0, 4]]);
  const each: [typeof nn.mseLoss, unknown, number[][]][] = [
    [nn.mseLoss, nn.MSELoss, [[0, 4], [9, 0]]],
    [nn.l1Loss, nn.L1Loss, [[0, 2], [3, 0]]],
    [nn.smoothL1Loss, nn.SmoothL1Loss, [[0, 1.5], [2.5, 0]]],
    [nn.huberLoss, nn.HuberLoss, [[0, 1.5], [2.5, 0]]],
  ];
  for (const [loss, Layer, expected] of each) {
    const Loss = Layer as typeof nn.MSELoss;
    const sum = expected.flat().reduce((a, b) => a + b, 0);
    assertEquals(loss(x, y).item(), sum / 4);
    assertEquals(new Loss().forward(x, y).item(), sum / 4);
    assertEquals(new Loss().reduction, "mean");
    const total = { reduction: "sum" } as const;
    assertEquals(new Loss(total).forward(x, y).item(), sum);
    const none = { reduction: "none" } as const;
    assertEquals(loss(x, y, none).toArray(), expected);
  }
  const far = { beta: 0, delta: 4 };
  assertEquals(nn.smoothL1Loss(x, y, far).item(), 5 / 4);
  assertEquals(nn.huberLoss(x, y, far).item(), 13 / 8);
});

Deno.test("losses of differences have gradients of both orders", () => {
  checkGrad((x, y) => nn.mseLoss(x, y), [leaf(), leaf()]);
  checkGrad((x, y) => nn.l1Loss(x, y), [leaf(), leaf()]);
  checkGrad((x, y) => nn.smoothL1Loss(x, y, { beta: 0.7 }), [leaf(), leaf()]);
  checkGrad((x, y) => nn.huberLoss(x, y, { delta: 1.3 }), [leaf(), leaf()]);
  // Round at the tip, too, where |x| is not.
  const tip = () => zeros([3], { requiresGrad: true });
  checkGrad((x) => nn.huberLoss(x, zeros([3], { dtype: x.dtype })), [tip()]);
});

Deno.test("losses of differences refuse what does not fit", () => {
  for (const name of ["mseLoss", "l1Loss", "smoothL1Loss", "huberLoss"]) {
    const loss = nn[name as "mseLoss"];
    assertThrows(
      () => loss(zeros([3, 1]), zeros([3])),
      RangeError,
      `${name}() got shapes [3, 1] and [3], which must be equal`,
    );
    const reduction = "avg" as "mean";
    assertThrows(
      () => loss(zeros([1]), zeros([1]), { reduction }),
      RangeError,
      `${name}() got reduction "avg"`,
    );
    const Layer = name[0]!.toUpperCase() + name.slice(1).replace("se", "SE");
    assertThrows(
      () => new nn[Layer as "MSELoss"]({ reduction }),
      RangeError,
      `${Layer}() got reduction "avg"`,
    );
  }
  const x = zeros([1]);
  assertThrows(
    () => nn.smoothL1Loss(x, x, { beta: -1 }),
    RangeError,
    "smoothL1Loss() got beta -1, expected at least 0",
  );
  assertThrows(
    () => nn.huberLoss(x, x, { delta: 0 }),
    RangeError,
    "huberLoss() got delta 0, expected more than 0",
  );
});
