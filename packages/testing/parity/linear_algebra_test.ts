import { cdist, cosineSimilarity, einsum, tensordot } from "@fdunn/tensor";
import { methods } from "./method_cases.ts";
import { testOpCases } from "./op_cases.ts";

type Dims = Parameters<typeof tensordot>[2];

testOpCases("linear_algebra", {
  ...methods("mm", "bmm", "mv", "dot", "outer", "inner", "kron", "cross"),
  ...methods("addmm", "addmv", "addbmm", "baddbmm"),
  einsum: (operands, { equation }) => einsum(equation as string, operands),
  tensordot: ([a, b], { dims }) => tensordot(a!, b!, dims as Dims),
  cosineSimilarity: ([a, b], options) => cosineSimilarity(a!, b!, options),
  cdist: ([a, b], { p }) => cdist(a!, b!, { p: Number(p) }),
});
