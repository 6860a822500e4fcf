//! Where in the past the latest items stood in the same order before: what followed them there is
//! what is expected now.

use crate::model::mix;

/// Longer repeats are not told apart.
const LONGEST: u32 = 48;

pub struct Repeats {
    /// All items.
    pub items: *mut u32,
    pub n: usize,
    /// The item that is expected, and how many before it are as the latest ones; if any.
    pub next: usize,
    length: u32,
    /// Of the latest items; one has no influence any more behind some others.
    hash: u32,
    /// What followed last, by the hashes.
    known: [u32; 1 << 15],
}

impl Repeats {
    pub const fn new() -> Self {
        Repeats {
            items: core::ptr::null_mut(),
            n: 0,
            next: 0,
            length: 0,
            hash: 0,
            known: [0; 1 << 15],
        }
    }

    /// How far the expected item is to be trusted: below 32, and 0 for not at all.
    pub fn trust(&self) -> u32 {
        let length = self.length;
        if length <= 16 {
            length
        } else {
            12 + length / 4
        }
    }

    /// Adds the item that came. `factor` makes the hash: the more zeros it ends in, the fewer
    /// items count.
    #[inline(never)]
    pub unsafe fn push(&mut self, item: u32, factor: u32) {
        if self.length > 0 {
            if *self.items.add(self.next) == item {
                self.length = (self.length + 1).min(LONGEST);
                self.next += 1;
            } else {
                self.length = 0;
            }
        }
        *self.items.add(self.n) = item;
        self.n += 1;
        self.hash = mix(0, self.hash.wrapping_add(item)).wrapping_mul(factor);
        let known = self.known.get_unchecked_mut((self.hash >> 17) as usize);
        if self.length == 0 {
            let (now, then) = (self.items.add(self.n), self.items.add(*known as usize));
            let most = (*known).min(20);
            let mut length = 0;
            while length < most && *then.sub(length as usize + 1) == *now.sub(length as usize + 1) {
                length += 1;
            }
            if length > self.length {
                (self.next, self.length) = (*known as usize, length);
            }
        }
        *known = self.n as u32;
    }
}
