//! Makes modules of the streams that `scripts/streams.ts` takes them apart into.

/// The streams of which a module is woven: without the others the first repeats itself more, and
/// packs a seventh smaller. It has all else, in order;
const REST: usize = 0;
/// the numbers of locals, as how many others were named since,
const LOCALS: usize = 1;
/// offsets of loads and stores,
const OFFSETS: usize = 2;
/// functions' sizes and lists of locals, vector constants and lanes.
const CONSTANTS: usize = 3;

/// More locals than any function has.
const MOST: usize = 256;

struct Loom {
    from: [*const u8; 4],
    out: *mut u8,
    /// A function's locals, the one named last first.
    recent: [u8; MOST],
}

static mut LOOM: Loom = Loom {
    from: [core::ptr::null(); 4],
    out: core::ptr::null_mut(),
    recent: [0; MOST],
};

impl Loom {
    /// Takes a byte from a stream.
    #[inline(always)]
    unsafe fn byte(&mut self, stream: usize) -> u8 {
        let from = self.from.get_unchecked_mut(stream);
        let byte = **from;
        *self.out = byte;
        (*from, self.out) = (from.add(1), self.out.add(1));
        byte
    }

    #[inline(never)]
    unsafe fn bytes(&mut self, stream: usize, n: usize) {
        for _ in 0..n {
            self.byte(stream);
        }
    }

    /// Takes a number, seven bits to the byte, the lowest first.
    #[inline(never)]
    unsafe fn number(&mut self, stream: usize) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte(stream) as usize;
            value |= (byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return value;
            }
        }
    }

    /// Alignment and offset of a load or store.
    #[inline(never)]
    unsafe fn place(&mut self) {
        self.number(REST);
        self.number(OFFSETS);
    }

    #[inline(always)]
    unsafe fn local(&mut self) {
        // Over the distance, once it is read, the local is written.
        let out = self.out;
        let mut i = self.number(LOCALS) % MOST;
        let local = self.recent[i];
        while i > 0 {
            self.recent[i] = self.recent[i - 1];
            i -= 1;
        }
        self.recent[0] = local;
        *out = local;
        self.out = out.add(1);
        if local >= 128 {
            *self.out = 1;
            self.out = out.add(2);
        }
    }

    #[inline(always)]
    unsafe fn instruction(&mut self) {
        match self.byte(REST) {
            0x20..=0x22 => self.local(),
            0x28..=0x3e => self.place(),
            0x43 => self.bytes(REST, 4),
            0x44 => self.bytes(REST, 8),
            0x02..=0x04 | 0x0c | 0x0d | 0x10 | 0x23 | 0x24 | 0x3f..=0x42 => {
                self.number(REST);
            }
            0x11 => {
                self.number(REST);
                self.number(REST);
            }
            0x0e => {
                for _ in 0..=self.number(REST) {
                    self.number(REST);
                }
            }
            0xfc => {
                // memory.copy and memory.fill name their memories.
                let n = self.number(REST);
                self.bytes(REST, if n < 10 { 0 } else { 12 - n });
            }
            0xfd => match self.number(REST) {
                0..=11 | 92 | 93 => self.place(),
                12 | 13 => self.bytes(CONSTANTS, 16),
                21..=34 => self.bytes(CONSTANTS, 1),
                84..=91 => {
                    self.place();
                    self.bytes(CONSTANTS, 1);
                }
                _ => {}
            },
            _ => {}
        }
    }

    #[inline(always)]
    unsafe fn function(&mut self) {
        let size = self.number(CONSTANTS);
        let end = self.out.add(size);
        for i in 0..MOST {
            self.recent[i] = i as u8;
        }
        for _ in 0..self.number(CONSTANTS) {
            self.number(CONSTANTS);
            self.bytes(CONSTANTS, 1);
        }
        while self.out < end {
            self.instruction();
        }
    }
}

/// Weaves a module and returns how many bytes it has. `apart` begins with the lengths of the first
/// three streams, which follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weave(apart: *const u32, out: *mut u8) -> usize {
    let loom = &raw mut LOOM;
    let loom = &mut *loom;
    let mut from = apart.add(3) as *const u8;
    loom.from[REST] = from;
    for stream in LOCALS..4 {
        from = from.add(apart.add(stream - 1).read_unaligned() as usize);
        loom.from[stream] = from;
    }
    let end = loom.from[LOCALS];
    loom.out = out;
    loom.bytes(REST, 8);
    while loom.from[REST] < end {
        let section = loom.byte(REST);
        let size = loom.number(REST);
        if section != 10 {
            loom.bytes(REST, size);
            continue;
        }
        for _ in 0..loom.number(REST) {
            loom.function();
        }
    }
    loom.out.offset_from_unsigned(out)
}
