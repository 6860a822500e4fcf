//! LZMA, the raw stream of `xz --format=raw --lzma1=lc=0,lp=0,pb=0`. Igor Pavlov's "LZMA
//! specification" says how it works; names here are by what things mean.

// Where the chances of each kind of bit begin, in one table. Some depend on what the codes before
// were: twelve states.
const STATES: usize = 12;
const IS_COPY: usize = 0;
/// From one of the last four distances.
const IS_KNOWN: usize = IS_COPY + STATES;
const IS_OLDER: usize = IS_KNOWN + STATES;
const IS_THIRD: usize = IS_OLDER + STATES;
const IS_FOURTH: usize = IS_THIRD + STATES;
/// A copy from the last distance of more than one byte.
const IS_LONG: usize = IS_FOURTH + STATES;
/// For a length: two bits that choose from two trees of 3 and one of 8.
const LENGTH: usize = IS_LONG + STATES;
const KNOWN_LENGTH: usize = LENGTH + 2 * 9 + 256;
/// Trees of 6 bits for the magnitude of a distance, by the length.
const SLOT: usize = KNOWN_LENGTH + 2 * 9 + 256;
/// Trees for the low bits of distances below 128, and of all others.
const NEAR: usize = SLOT + 4 * 64;
const FAR: usize = NEAR + 128;
/// Three trees of 8 bits.
const BYTE: usize = FAR + 16;
const CHANCES: usize = BYTE + 3 * 256;

struct Stream {
    at: *const u8,
    source_end: *const u8,
    range: u32,
    code: u32,
    /// How likely the bits are 0, times 2^11.
    chances: [u16; CHANCES],
    state: usize,
    /// The last four distances, less one.
    last: u32,
    second: u32,
    third: u32,
    fourth: u32,
    start: *mut u8,
    to: *mut u8,
    end: *mut u8,
    /// Whether it is found to be cut or to make no sense.
    damaged: bool,
}

static mut STREAM: Stream = Stream {
    at: core::ptr::null(),
    source_end: core::ptr::null(),
    range: 0,
    code: 0,
    chances: [0; CHANCES],
    state: 0,
    last: 0,
    second: 0,
    third: 0,
    fourth: 0,
    start: core::ptr::null_mut(),
    to: core::ptr::null_mut(),
    end: core::ptr::null_mut(),
    damaged: false,
};

impl Stream {
    #[inline(never)]
    unsafe fn fetch(&mut self) {
        self.range <<= 8;
        self.code <<= 8;
        if self.at == self.source_end {
            self.damaged = true;
        } else {
            self.code |= *self.at as u32;
            self.at = self.at.add(1);
        }
    }

    /// One bit: `code` is within `range`, which is cut by the bit's chances.
    #[inline(never)]
    unsafe fn bit(&mut self, i: usize) -> u32 {
        let place = self.chances.get_unchecked_mut(i);
        let chance = *place as u32;
        let bound = (self.range >> 11) * chance;
        let value = (self.code >= bound) as u32;
        if value == 0 {
            self.range = bound;
            *place = (chance + (((1 << 11) - chance) >> 5)) as u16;
        } else {
            self.range -= bound;
            self.code -= bound;
            *place = (chance - (chance >> 5)) as u16;
        }
        if self.range >> 24 == 0 {
            self.fetch();
        }
        value
    }

    /// A number of `n` bits, the highest first, each by those before it.
    #[inline(never)]
    unsafe fn tree(&mut self, first: usize, n: u32) -> u32 {
        let mut node = 1;
        for _ in 0..n {
            node = node << 1 | self.bit(first + node as usize);
        }
        node - (1 << n)
    }

    /// The same, the lowest bit first.
    #[inline(never)]
    unsafe fn reversed_tree(&mut self, first: usize, n: u32) -> u32 {
        let (mut value, mut node) = (0, 1);
        for i in 0..n {
            let bit = self.bit(first + node as usize);
            node = node << 1 | bit;
            value |= bit << i;
        }
        value
    }

    #[inline(never)]
    unsafe fn byte(&mut self) {
        let mut node = 1;
        if self.state >= 7 {
            // Behind a copy: not the byte that it would have gone on with.
            let mut other = *self.to.sub(self.last as usize + 1) as u32;
            while node < 256 {
                let expected = other >> 7 & 1;
                other <<= 1;
                let bit = self.bit(BYTE + ((1 + expected) << 8 | node) as usize);
                node = node << 1 | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while node < 256 {
            node = node << 1 | self.bit(BYTE + node as usize);
        }
        *self.to = node as u8;
        self.to = self.to.add(1);
        self.state = match self.state {
            0..4 => 0,
            state @ 4..10 => state - 3,
            state => state - 6,
        };
    }

    /// The length of a copy, whose distance becomes the last one.
    #[inline(never)]
    unsafe fn copy_length(&mut self) -> u32 {
        let state = self.state;
        let byte_before = state < 7;
        if self.bit(IS_KNOWN + state) == 0 {
            let length = self.length(LENGTH);
            (self.fourth, self.third, self.second) = (self.third, self.second, self.last);
            self.last = self.distance(length);
            self.state = if byte_before { 7 } else { 10 };
            return length;
        }
        if self.bit(IS_OLDER + state) == 1 {
            self.recall(state);
        } else if self.bit(IS_LONG + state) == 0 {
            self.state = if byte_before { 9 } else { 11 };
            return 1;
        }
        self.state = if byte_before { 8 } else { 11 };
        self.length(KNOWN_LENGTH)
    }

    #[inline(never)]
    unsafe fn length(&mut self, first: usize) -> u32 {
        if self.bit(first) == 0 {
            2 + self.tree(first + 1, 3)
        } else if self.bit(first + 9) == 0 {
            10 + self.tree(first + 9, 3)
        } else {
            18 + self.tree(first + 17, 8)
        }
    }

    #[inline(always)]
    unsafe fn distance(&mut self, length: u32) -> u32 {
        let slot = self.tree(SLOT + 64 * (length - 2).min(3) as usize, 6);
        if slot < 4 {
            return slot;
        }
        let n = (slot >> 1) - 1;
        let high = (2 | (slot & 1)) << n;
        if slot < 14 {
            return high + self.reversed_tree(NEAR + (high - slot) as usize, n);
        }
        let mut middle = 0;
        for _ in 4..n {
            // A bit that is as likely 0 as 1.
            self.range >>= 1;
            let bit = (self.code >= self.range) as u32;
            self.code -= self.range * bit;
            middle = middle << 1 | bit;
            if self.range >> 24 == 0 {
                self.fetch();
            }
        }
        high + (middle << 4) + self.reversed_tree(FAR, 4)
    }

    /// Makes the second, third or fourth distance the last.
    #[inline(always)]
    unsafe fn recall(&mut self, state: usize) {
        let (second, third) = (self.second, self.third);
        (self.second, self.last) = (self.last, second);
        if self.bit(IS_THIRD + state) == 0 {
            return;
        }
        (self.third, self.last) = (second, third);
        if self.bit(IS_FOURTH + state) == 0 {
            return;
        }
        (self.last, self.fourth) = (self.fourth, third);
    }

    #[inline(always)]
    unsafe fn copy(&mut self) {
        let length = self.copy_length() as usize;
        let known = self.to.offset_from_unsigned(self.start);
        let room = self.end.offset_from_unsigned(self.to);
        if self.last as usize >= known || length > room {
            self.damaged = true;
            return;
        }
        for _ in 0..length {
            *self.to = *self.to.sub(self.last as usize + 1);
            self.to = self.to.add(1);
        }
    }
}

/// Prepares to unpack a stream to `out`, up to `out_end` in all.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn start(
    source: *const u8,
    source_end: *const u8,
    out: *mut u8,
    out_end: *mut u8,
) {
    let stream = &raw mut STREAM;
    let stream = &mut *stream;
    stream.chances.fill(1 << 10);
    (stream.at, stream.source_end) = (source, source_end);
    (stream.start, stream.to, stream.end) = (out, out, out_end);
    for _ in 0..5 {
        stream.fetch();
    }
    stream.range = !0;
}

/// Unpacks up to `until` at least. Whether the stream is whole so far; with its last byte it is
/// certain, since an error spoils everything behind it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unpack(until: *mut u8) -> bool {
    let stream = &raw mut STREAM;
    let stream = &mut *stream;
    while stream.to < until && !stream.damaged {
        if stream.bit(IS_COPY + stream.state) == 0 {
            stream.byte();
        } else {
            stream.copy();
        }
    }
    if until == stream.end && !stream.damaged {
        // What stands behind the bytes: a copy from the largest distance.
        let ends = stream.bit(IS_COPY + stream.state) == 1 && stream.copy_length() == 2;
        stream.damaged |= !ends || stream.last != !0 || stream.code != 0;
    }
    !stream.damaged
}
