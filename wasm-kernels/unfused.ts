/**
 * From the module `relaxed` to one without relaxed SIMD: every engine accepts
 * it, and its results are the same bits everywhere.
 *
 * @module
 */

/** f32x4.relaxed_madd and i32x4.relaxed_laneselect: 0xfd, these, 2. */
const [MULTIPLY_ADD, SELECT] = [0x85, 0x8b];

const [TYPES, FUNCTIONS, CODE] = [1, 3, 10];

/**
 * The module with a product and a sum in place of each fused one.
 *
 * No instruction is looked at but these two, which are found by their bytes;
 * that nothing else has them the tests would tell.
 */
export function unfused(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(2 * module.length);
  let at = 0, to = 0;
  const copy = (end: number) => {
    while (at < end) out[to++] = module[at++]!;
  };
  const put = (...bytes: number[]) => {
    for (const byte of bytes) out[to++] = byte;
  };
  /** Reads a number of seven bits to the byte, the lowest first. */
  const number = () => {
    let value = 0, shift = 0;
    for (; module[at]! >= 128; shift += 7) {
      value |= (module[at++]! & 127) << shift;
    }
    return value | module[at++]! << shift;
  };
  /** What `write` makes of as many bytes as a number says, behind its size. */
  const sized = (write: (end: number) => void) => {
    const end = number() + at, start = to;
    to += 5;
    write(end);
    let size = to - start - 5;
    for (let i = 0; i < 4; i++, size >>= 7) out[start + i] = size & 127 | 128;
    out[start + 4] = size;
  };

  const parameters: number[] = [];
  const types: number[] = [];
  for (copy(8); at < module.length;) {
    const section = module[at]!;
    copy(at + 1);
    sized((end) => {
      const start = at, count = number();
      if (section === TYPES) {
        for (let i = 0; i < count; i++) {
          at++;
          parameters.push(number());
          at += parameters[i]!;
          const results = number();
          at += results;
        }
      } else if (section === FUNCTIONS) {
        for (let i = 0; i < count; i++) types.push(number());
      } else if (section === CODE) {
        put(count & 127 | 128, count >> 7);
        for (let i = 0; i < count; i++) {
          sized((end) => body(end, parameters[types[i]!]!));
        }
        return;
      }
      at = start;
      copy(end);
    });
  }
  return out.slice(0, to);

  function body(end: number, parameters: number): void {
    const groups = number(), start = at;
    let locals = parameters;
    for (let i = 0; i < groups; i++, at++) locals += number();
    const first = at;
    at = start;
    put(groups + 1);
    copy(first);
    put(1, 0x7b); // one more local, a vector
    while (at < end) {
      const relaxed = module[at] === 0xfd && module[at + 2] === 2;
      if (relaxed && module[at + 1] === MULTIPLY_ADD) {
        const spare = [locals & 127 | 128, locals >> 7];
        put(0x21, ...spare, 0xfd, 0xe6, 1); // local.set, f32x4.mul
        put(0x20, ...spare, 0xfd, 0xe4, 1); // local.get, f32x4.add
        at += 3;
      } else if (relaxed && module[at + 1] === SELECT) {
        put(0xfd, 0x52); // v128.bitselect
        at += 3;
      } else out[to++] = module[at++]!;
    }
  }
}
